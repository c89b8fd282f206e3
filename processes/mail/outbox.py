"""From lines to finished mails (发件箱编制): gathered a person at a time, rendered once.

Gathering is a transaction of its own after the steps are committed; lines that a crash left
over go into the next one. Until the first attempt a mail may still lose what was closed
meanwhile; after it the bytes never change.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import alarms
from models.base import columns, table_of
from models.duty import Duty, Line
from models.engine import database, transaction
from models.notice import Notice, NoticeBytes, NoticeState
from models.provisional import keeps_back
from notifications.letters import Letter, Rendered, Shape
from notifications.render import LetterUnrenderable, render
from processes.alarm import wording as says
from processes.mail import truth
from processes.mail.items import Told
from processes.mail.writing import letter_to
from rules import digest
from rules.letters import traits_of
from rules.words import LetterKind, Severity

TRY_AGAIN: Final = timedelta(hours=1)  # a letter that could not be rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """How many people's lines became how many mails; `dropped` were closed meanwhile."""

    people: int = 0
    mails: int = 0
    dropped: int = 0
    unrenderable: int = 0


@transaction
def gather(session: Session, at: datetime, limit: int = 100) -> Gathered:
    """Turn the waiting lines of up to `limit` people into finished mails."""
    if not database().sqlite:  # one digest a person: two gatherers would make two
        session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('pdca.gather'))"))
    waiting = _waiting(session, at, limit)
    live = [told for told in waiting if truth.still_true(told)]
    _drop(session, [told for told in waiting if not truth.still_true(told)], at)
    letters, failed = _letters(session, live, at)
    _write(session, letters, at)
    for told, why in failed:
        _set_aside(session, told, why, at)
    return Gathered(
        people=len({told.line.person_id for told in waiting}),
        mails=len(letters),
        dropped=len(waiting) - len(live),
        unrenderable=len(failed),
    )


def recheck(session: Session, notice: Notice, at: datetime) -> Literal["send", "cancel"] | Rendered:
    """Say what to do with a mail that was never attempted, inside the transaction that claims it.

    Closing stops everything: a mail with nothing open in it is cancelled, a digest loses its
    closed lines and is rendered anew under the same key and Message-ID. The caller writes the
    new bytes.
    """
    told = _of_notice(session, notice)
    live = [one for one in told if truth.still_true(one) and truth.was_ever_told(session, one)]
    if not live and told:
        _drop(session, told, at)
        return "cancel"
    if len(live) == len(told):
        return "send"
    _drop(session, [one for one in told if one not in live], at)
    shape = Shape(shape_of(notice))
    letter = letter_to(session, notice.person_id, shape, live, marked(live), at, key=notice.key)
    return render(replace(letter, at=notice.created_at))


def marked(told: Sequence[Told]) -> dict[int, int]:
    """Return which of a mail's lines are told as a second mark on which other's item."""
    return digest.marks([_as_rule_sees(one) for one in told])


def still_to_tell(session: Session, notice: Notice) -> list[Told]:
    """Return what a mail that died has still to tell: open, its reader's, and once begun."""
    return [
        one
        for one in _of_notice(session, notice)
        if truth.still_true(one) and truth.heard_of_before(session, one)
    ]


def _waiting(session: Session, at: datetime, limit: int) -> list[Told]:
    fresh = sa.and_(
        col(Line.notice_id).is_(None),
        col(Line.dropped_at).is_(None),
        sa.or_(col(Line.set_aside_until).is_(None), col(Line.set_aside_until) <= at),
        # What was imported with a date to come is told on that date; a code is told at once,
        # even if the clock was set back meanwhile.
        sa.or_(col(Line.created_at) <= at, col(Line.duty_id).is_(None)),
        ~keeps_back(),
    )
    persons = session.exec(
        select(Line.person_id)
        .where(fresh)
        .group_by(col(Line.person_id))
        .order_by(sa.func.min(col(Line.id)))
        .limit(limit)
    ).all()
    if not persons:
        return []
    theirs: sa.ColumnElement[bool] = col(Line.person_id).in_(
        [person for person in persons if person is not None]
    )
    if None in persons:
        theirs = sa.or_(theirs, col(Line.person_id).is_(None))
    return _told(session, sa.and_(fresh, theirs))


def _of_notice(session: Session, notice: Notice) -> list[Told]:
    return _told(session, sa.and_(col(Line.notice_id) == notice.id, col(Line.dropped_at).is_(None)))


_LINE, _DUTY = columns(Line), columns(Duty)
LINE: Final = (
    _LINE.id,
    _LINE.key,
    _LINE.duty_id,
    _LINE.episode,
    _LINE.nth,
    _LINE.letter,
    _LINE.level,
    _LINE.person_id,
    _LINE.on_behalf_of_id,
    _LINE.facts,
    _LINE.created_at,
)
DUTY: Final = (
    _DUTY.kind,
    _DUTY.subject_kind,
    _DUTY.subject,
    _DUTY.title,
    _DUTY.project,
    _DUTY.owner_id,
    _DUTY.issued_at,
    _DUTY.due_at,
    _DUTY.severity,
    _DUTY.state,
    _DUTY.episode,
    _DUTY.next_at,
    _DUTY.calendar,
    _DUTY.first_due_at,
    _DUTY.extensions,
)


def _told(session: Session, which: Any) -> list[Told]:
    rows = session.execute(
        sa.select(*LINE, *(column.label(f"duty_{column.key}") for column in DUTY))
        .outerjoin(Duty, col(Duty.id) == Line.duty_id)
        .where(which)
        .order_by(col(Line.id))
    )
    return [Told(line=row, duty=row if row.duty_kind is not None else None) for row in rows]


def _drop(session: Session, told: Sequence[Told], at: datetime) -> None:
    if told:
        session.execute(
            sa.update(Line)
            .where(col(Line.id).in_([one.line.id for one in told]))
            .values(dropped_at=at)
        )


Made = tuple[Letter, list[Told], Rendered]


def _letters(
    session: Session, told: Iterable[Told], at: datetime
) -> tuple[list[Made], list[tuple[Told, str]]]:
    """Render every mail; what cannot be rendered is set aside line by line, never the rest."""
    by_person: dict[int | None, list[Told]] = defaultdict(list)
    for one in told:
        by_person[one.line.person_id].append(one)
    made: list[Made] = []
    failed: list[tuple[Told, str]] = []
    for person, theirs in by_person.items():
        by_line = {one.line.id: one for one in theirs}
        for mail in digest.gather(
            [_as_rule_sees(one) for one in theirs], digest_above=current().policy.digest_above
        ):
            lines = [by_line[number] for number in mail.lines]
            try:
                made.append(_made(session, person, Shape(mail.shape), lines, mail.merged, at))
            except LetterUnrenderable as why:
                _singly(session, person, lines, at, made, failed, str(why))
    return made, failed


def _singly(
    session: Session,
    person: int | None,
    lines: list[Told],
    at: datetime,
    made: list[Made],
    failed: list[tuple[Told, str]],
    why: str,
) -> None:
    if len(lines) == 1:
        failed.append((lines[0], why))
        return
    for one in lines:
        try:
            made.append(_made(session, person, Shape.SINGLE, [one], {}, at))
        except LetterUnrenderable as alone:
            failed.append((one, str(alone)))


def _made(
    session: Session,
    person: int | None,
    shape: Shape,
    lines: list[Told],
    merged: dict[int, int],
    at: datetime,
) -> Made:
    letter = letter_to(session, person, shape, lines, merged, at)
    return letter, lines, render(letter)


def _as_rule_sees(told: Told) -> digest.Told:
    duty = told.duty
    return digest.Told(
        line=told.line.id,
        letter=LetterKind(told.line.letter),
        subject=(duty.duty_subject_kind, duty.duty_subject) if duty else ("line", told.line.id),
        severity=Severity(duty.duty_severity) if duty else Severity.MINOR,
        due_at=duty.duty_due_at if duty else None,
        level=told.line.level,
        duty=told.line.duty_id,
    )


def _write(session: Session, made: Sequence[Made], at: datetime) -> None:
    if not made:
        return
    connection = session.connection()
    rows = connection.execute(
        _NOTICES, [_row(letter, lines, rendered, at) for letter, lines, rendered in made]
    )
    numbers = list(rows.scalars())
    finished = zip(numbers, made, strict=True)
    connection.execute(
        _BYTES,
        [{"notice_id": number, "mime": rendered.mime} for number, (_, _, rendered) in finished],
    )
    moved = [
        {"b_line": one.line.id, "b_notice": number}
        for number, (_, lines, _) in zip(numbers, made, strict=True)
        for one in lines
    ]
    connection.execute(_INTO_NOTICE, moved)
    for letter, _, _ in made:
        if not letter.to_address:
            _no_address(session, letter, at)


_NOTICES: Final = sa.insert(table_of(Notice)).returning(
    columns(Notice).id, sort_by_parameter_order=True
)
_BYTES: Final = sa.insert(table_of(NoticeBytes))
_INTO_NOTICE: Final = (
    sa.update(table_of(Line))
    .where(col(Line.id) == sa.bindparam("b_line"), col(Line.notice_id).is_(None))
    .values(notice_id=sa.bindparam("b_notice"))
)


def _row(letter: Letter, lines: Sequence[Told], rendered: Rendered, at: datetime) -> dict[str, Any]:
    sendable = bool(letter.to_address)
    return {
        "key": letter.key,
        "letter": letter.letter.value if letter.shape is Shape.SINGLE else letter.shape.value,
        "rank": min(_rank(one) for one in lines),
        "person_id": lines[0].line.person_id,
        "address": letter.to_address,
        "message_id": rendered.message_id,
        "thread": letter.thread,
        "subject": rendered.subject[:300],
        "mime_hash": hashlib.sha256(rendered.mime).hexdigest(),
        "created_at": at,
        "state": NoticeState.PENDING if sendable else NoticeState.DEAD,
        "next_try_at": at,
        "error": None if sendable else "no address",
    }


def _rank(told: Told) -> int:
    """Lower is sent first when a relay is slow: codes, then the severest."""
    traits = traits_of(told.line.letter)
    if traits.by_system:
        return 0
    severity = Severity(told.duty.duty_severity) if told.duty else Severity.MINOR
    return traits.rank + digest.SEVEREST_FIRST[severity]


def _no_address(session: Session, letter: Letter, at: datetime) -> None:
    alarms.raise_alarm(
        session,
        kind="no_address",
        ref=letter.key,
        message=says.no_address(letter.letter, letter.to_name),
        at=at,
    )


def _set_aside(session: Session, told: Told, why: str, at: datetime) -> None:
    session.execute(
        sa.update(Line).where(col(Line.id) == told.line.id).values(set_aside_until=at + TRY_AGAIN)
    )
    alarms.raise_alarm(
        session,
        kind="letter_unrenderable",
        ref=f"line:{told.line.id}",
        message=says.not_a_letter(told.line.key, why),
        at=at,
    )


def shape_of(notice: Notice) -> str:
    """Return the shape in which this mail was written."""
    return notice.letter if notice.letter in {"digest", "table"} else "single"
