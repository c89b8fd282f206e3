"""Registers of mail (邮件台账): what came back, and the addresses that nothing is sent to."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from models.base import table_of
from models.notice import Notice, Suppression
from models.organisation import Person
from models.returned import ReturnedMail
from processes.register.query import Filters, Page, columns, page, since, whose


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedRow:
    """A mail that came back. `key` is of the mail that it is about, null if it names none."""

    at: datetime
    kind: str
    key: str | None
    person: str | None
    address: str
    status: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """An address that a server refused for good; nothing more is sent to it."""

    address: str
    person: str | None
    reason: str
    since: datetime


def returned(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ReturnedRow]:
    """Return what came back, the newest first."""
    del at
    came, notice, person = table_of(ReturnedMail), table_of(Notice), table_of(Person)
    query = (
        sa.select(
            *columns(came, ReturnedRow),
            came.c.sort.label("kind"),
            notice.c.key,
            person.c.code.label("person"),
        )
        .outerjoin(notice, notice.c.id == came.c.notice_id)
        .outerjoin(person, person.c.id == notice.c.person_id)
        .order_by(came.c.at.desc(), came.c.id.desc())
    )
    query = whose(query, person, filters)
    if filters.kind:
        query = query.where(came.c.sort == filters.kind)
    return page(since(query, came.c.at, filters), lambda row: ReturnedRow(**row), limit, offset)


def suppressions(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[SuppressionRow]:
    """Return the addresses that nothing is sent to, the newest first."""
    del at
    refused, person = table_of(Suppression), table_of(Person)
    query = (
        sa.select(*columns(refused, SuppressionRow), person.c.code.label("person"))
        .outerjoin(person, sa.func.lower(person.c.email) == sa.func.lower(refused.c.address))
        .order_by(refused.c.since.desc(), refused.c.address)
    )
    query = since(whose(query, person, filters), refused.c.since, filters)
    return page(query, lambda row: SuppressionRow(**row), limit, offset)
