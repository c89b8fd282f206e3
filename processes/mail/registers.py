"""Registers of mail (邮件台账): what came back, and the addresses that nothing is sent to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from models.base import table_of
from models.duty import Duty, Line
from models.notice import Notice, NoticeState, Suppression
from models.organisation import Person
from models.returned import ReturnedMail
from notifications.returned import Sort
from processes.register.query import Filters, Page, columns, page, since, whose
from processes.register.registers import Register, words
from processes.register.rows import NoticeRow
from rules.words import LetterKind


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


def notices(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[NoticeRow]:
    """Return every line of the outbox, in the order in which they were written."""
    del at
    line, notice, duty = table_of(Line), table_of(Notice), table_of(Duty)
    person, absent = table_of(Person), table_of(Person).alias("absent")
    dropped = line.c.dropped_at.is_not(None)  # what ended before anything was sent is told no more
    state = sa.case(
        (dropped, NoticeState.CANCELLED.value),
        else_=sa.func.coalesce(notice.c.state, NoticeState.PENDING.value),
    )
    query = (
        sa.select(
            line.c.key,
            line.c.letter,
            line.c.level,
            line.c.duty_id.label("duty"),
            line.c.created_at,
            duty.c.subject,
            person.c.code.label("person"),
            person.c.name.label("person_name"),
            absent.c.code.label("on_behalf_of"),
            sa.func.coalesce(notice.c.address, person.c.email).label("address"),
            state.label("state"),
            sa.case((~dropped, notice.c.sent_at)).label("sent_at"),
            notice.c.message_id,
        )
        .outerjoin(notice, notice.c.id == line.c.notice_id)
        .outerjoin(duty, duty.c.id == line.c.duty_id)
        .outerjoin(person, person.c.id == line.c.person_id)
        .outerjoin(absent, absent.c.id == line.c.on_behalf_of_id)
        .order_by(line.c.id)
    )
    query = whose(query, person, filters)
    if filters.state:
        query = query.where(state == filters.state)
    if filters.kind:
        query = query.where(line.c.letter == filters.kind)
    if filters.subject:
        query = query.where(duty.c.subject == filters.subject)
    query = since(query, line.c.created_at, filters)
    return page(query, lambda row: NoticeRow(**row), limit, offset)


REGISTERS: Final = {
    "notices": Register(
        read=notices,
        filters=("state", "person", "kind", "subject", "since"),
        states=words(NoticeState),
        kinds=words(LetterKind),
        heads=(
            ("created_at", "Written"),
            ("letter", "Letter"),
            ("level", "Level"),
            ("person_name", "Receiver"),
            ("on_behalf_of", "On behalf of"),
            ("subject", "Code"),
            ("state", "Mail"),
            ("sent_at", "Sent"),
        ),
        labels={"letter": "letter", "state": "notice_state"},
    ),
    "returned": Register(
        read=returned,
        filters=("person", "kind", "since"),
        kinds=words(Sort),
        heads=(
            ("at", "Came back"),
            ("kind", "What it is"),
            ("person", "Receiver"),
            ("address", "Address"),
            ("status", "Status"),
            ("text", "Message"),
        ),
        labels={"kind": "returned_mail"},
    ),
    "suppressions": Register(
        read=suppressions,
        filters=("person", "since"),
        heads=(
            ("address", "Address"),
            ("person", "Whose"),
            ("reason", "Reason"),
            ("since", "Since"),
        ),
    ),
}
