"""Duties as a register (待办台账): what is owed, by whom, until when, how far it has climbed."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from models.base import table_of
from models.duty import Duty
from models.organisation import Person, Unit
from processes.register.query import Filters, Page, columns, days, named, page, same, since, whose
from processes.register.registers import OWED, Found, Register, words
from processes.register.rows import (
    DutyRow,
)
from rules.words import DutyKind, DutyState


def duties(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[DutyRow]:
    """Return what is owed, the earliest due first."""
    duty, owner, by = table_of(Duty), table_of(Person), table_of(Person).alias("by")
    query = (
        sa.select(
            *columns(duty, DutyRow),
            owner.c.code.label("owner"),
            owner.c.name.label("owner_name"),
            by.c.code.label("ended_by"),
        )
        .join(owner, owner.c.id == duty.c.owner_id)
        .outerjoin(by, by.c.id == duty.c.ended_by_id)
        .order_by(duty.c.due_at, duty.c.id)
    )
    query = same(query, duty, filters, "state", "severity", "project", "kind", "subject")
    query = whose(query, owner, filters)
    if filters.unit:
        unit = table_of(Unit)
        query = query.join(unit, unit.c.id == owner.c.unit_id).where(unit.c.code == filters.unit)
    if filters.level is not None:
        query = query.where(duty.c.level == filters.level)
    query = days(query, duty.c.due_at, filters.due_from, filters.due_until)
    query = days(query, duty.c.ended_at, filters.ended_from, None)
    query = named(query, filters, duty.c.subject, duty.c.title)
    if filters.ids is not None:
        query = query.where(duty.c.id.in_(filters.ids))
    if filters.overdue:
        query = query.where(duty.c.state == DutyState.OPEN, duty.c.due_at < at)
    query = since(query, duty.c.issued_at, filters)
    return page(query, _duty_row, limit, offset)


def _duty_row(row: dict[str, Any]) -> DutyRow:
    over = row["state"] != DutyState.OPEN
    return DutyRow(**{**row, "next_at": None if over else row["next_at"]})


REGISTERS: Final = {
    "duties": Register(
        read=duties,
        found=Found(called="All duties", code="subject", page="/duties/{}", key="id", place=90),
        filters=(*OWED, "kind", "unit", "level", "due_from", "due_until", "ended_from"),
        states=words(DutyState),
        kinds=words(DutyKind),
        heads=(
            ("id", "No."),
            ("kind", "Owed"),
            ("subject", "Code"),
            ("owner_name", "Owner"),
            ("severity", "Severity"),
            ("due_at", "Due"),
            ("state", "State"),
            ("level", "Level"),
            ("next_at", "Next step"),
        ),
        labels={"kind": "duty_kind", "severity": "severity", "state": "duty_state"},
    ),
}
