"""The register of nonconformities (不符合项台账), the newest first."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from models.base import table_of
from models.duty import Duty
from models.nonconformity import Nonconformity
from models.organisation import Person
from processes.register.query import Filters, Page, columns, named, page, same, since, whose
from processes.register.registers import OWED, Found, Register, words
from processes.register.rows import (
    NonconformityRow,
)
from rules.nonconformity import ENDED, State


def nonconformities(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[NonconformityRow]:
    """Return the register of nonconformities, the newest first."""
    found, owner = table_of(Nonconformity), table_of(Person)
    by = owner.alias("by")
    query = (
        sa.select(
            *columns(found, NonconformityRow),
            owner.c.code.label("owner"),
            owner.c.name.label("owner_name"),
            by.c.code.label("raised_by"),
            _over_its_duties(sa.func.max, "level", found),
            _over_its_duties(sa.func.sum, "extensions", found),
        )
        .join(owner, owner.c.id == found.c.owner_id)
        .outerjoin(by, by.c.id == found.c.raised_by_id)
        .order_by(found.c.raised_at.desc(), found.c.id.desc())
    )
    query = same(query, found, filters, "state", "severity", "project", "source", "unit")
    query = whose(query, owner, filters, found.c.raised_by_id)
    query = named(query, filters, found.c.code, found.c.title)
    if filters.subject:
        query = query.where(found.c.code == filters.subject)
    if filters.overdue:
        query = query.where(found.c.state.not_in(ENDED), found.c.due_at < at)
    query = since(query, found.c.raised_at, filters)
    return page(query, lambda row: NonconformityRow(**row), limit, offset)


def _over_its_duties(judged: Any, name: str, found: sa.FromClause) -> sa.ColumnElement[int]:
    """Return the highest level, or all extensions, of the duties about each nonconformity.

    Asked row by row through the index: a page of fifty does not read a million duties.
    """
    duty = table_of(Duty)
    about = (duty.c.subject_kind == "nonconformity") & (duty.c.subject == found.c.code)
    return sa.func.coalesce(
        sa.select(judged(duty.c[name])).where(about).correlate(found).scalar_subquery(), 0
    ).label(name)


REGISTERS: Final = {
    "nonconformities": Register(
        read=nonconformities,
        found=Found(called="Nonconformities", page="/nonconformities/{}", place=10),
        filters=(*OWED, "source", "unit"),
        states=words(State),
        heads=(
            ("code", "Code"),
            ("title", "Title"),
            ("severity", "Severity"),
            ("state", "State"),
            ("owner_name", "Owner"),
            ("raised_at", "Raised"),
            ("due_at", "Due"),
            ("level", "Level"),
            ("rounds", "Rounds"),
        ),
        labels={"severity": "severity", "state": "nonconformity_state"},
    ),
}
