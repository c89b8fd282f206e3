"""What one letter tells of, as a list (信函所列事项): also what the letter had no room for.

A table of 120 matters shows a hundred. The rest must stand where the letter points to, in the
letter's own order, as it is now: what was closed meanwhile is listed as closed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from models.base import table_of
from models.duty import Duty, Line
from models.engine import reading
from models.notice import Notice
from models.organisation import Person
from processes.register.query import Page
from rules.digest import SEVEREST_FIRST
from rules.letters import letters_that
from rules.words import LetterKind, Severity

NOTICE, LINE, DUTY, OWNER = (table_of(one) for one in (Notice, Line, Duty, Person))
SECRET: Final = letters_that(lambda traits: traits.secret)  # a key is shown in its letter alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing that a letter tells of; what belongs to no duty has only its words."""

    letter: str
    duty: int | None
    kind: str
    subject: str
    title: str
    owner: str
    owner_name: str
    severity: str
    due_at: datetime | None
    state: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A letter that the reader was sent: its subject line, its day, and some of its matters."""

    subject: str
    written_at: datetime
    matters: Page[Matter]


def of_letter(key: str, reader: int, *, limit: int, offset: int = 0) -> Told | None:
    """Return some of what the letter of this key tells; None if it is not the reader's letter."""
    with reading() as session:
        notice = session.execute(
            sa.select(NOTICE.c.id, NOTICE.c.subject, NOTICE.c.created_at).where(
                NOTICE.c.key == key,
                NOTICE.c.person_id == reader,
                NOTICE.c.letter.not_in(SECRET),
            )
        ).one_or_none()
        if notice is None:
            return None
        query = _matters(notice.id)
        total = session.execute(sa.select(sa.func.count()).select_from(query.subquery()))
        rows = session.execute(query.limit(limit).offset(offset)).mappings()
        return Told(
            subject=notice.subject,
            written_at=notice.created_at,
            matters=Page([_matter(row) for row in rows], int(total.scalar_one())),
        )


def _matters(notice: int) -> sa.Select[Any]:
    """Return the query of what is told: once a duty, however many lines speak of it."""
    once = (
        sa.select(sa.func.max(LINE.c.id))
        .where(LINE.c.notice_id == notice, LINE.c.dropped_at.is_(None))
        .group_by(LINE.c.duty_id, sa.case((LINE.c.duty_id.is_(None), LINE.c.id)))
    )
    severity = sa.case(SEVEREST_FIRST, value=DUTY.c.severity, else_=SEVEREST_FIRST[Severity.MINOR])
    return (
        sa.select(
            *(LINE.c[name] for name in ("id", "letter", "facts")),
            LINE.c.duty_id.label("duty"),
            *(DUTY.c[name] for name in ("kind", "subject", "title", "due_at", "state", "level")),
            DUTY.c.severity,
            OWNER.c.code.label("owner"),
            OWNER.c.name.label("owner_name"),
        )
        .outerjoin(DUTY, DUTY.c.id == LINE.c.duty_id)
        .outerjoin(OWNER, OWNER.c.id == DUTY.c.owner_id)
        .where(LINE.c.id.in_(once))
        # Severest and longest due first, as the letter lists those it shows.
        .order_by(severity, DUTY.c.due_at.is_not(None), DUTY.c.due_at, LINE.c.duty_id, LINE.c.id)
    )


def _matter(row: Any) -> Matter:
    facts = row["facts"] or {}
    return Matter(
        letter=LetterKind(row["letter"]).value,
        duty=row["duty"],
        kind=row["kind"] or "",
        subject=row["subject"] or str(facts.get("subject", "")),
        title=row["title"] or str(facts.get("title", "")),
        owner=row["owner"] or "",
        owner_name=row["owner_name"] or "",
        severity=row["severity"] or "",
        due_at=row["due_at"],
        state=row["state"] or "",
        level=row["level"] or 0,
    )
