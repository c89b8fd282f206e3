"""What happened to a thing (履历): who was told what and when, who answered what, what was decided.

It is read from lines, answers, extensions and the trail as they were written: this is the
evidence an auditor asks for. Names are those of today; the trail itself knows only numbers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.duty import Answer, Duty, Line
from models.engine import reading
from models.extension import Extension
from models.nonconformity import Evidence, Nonconformity, Round
from models.notice import Notice, NoticeState
from models.organisation import Person
from models.people import organisation
from models.record import Trail
from processes import registers
from processes.history_rows import (
    Answered,
    Attached,
    DutyHistory,
    Extended,
    Named,
    NonconformityHistory,
    PersonHistory,
    Recorded,
    Told,
)
from processes.register_query import Filters
from rules.refusal import NotFound

LAST: Final = 50  # of what a person was told
HIDDEN: Final = frozenset({"id", "nonconformity_id"})

Names = Mapping[int, Named]


def of_duty(number: int, *, at: datetime) -> DutyHistory:
    """Return a duty with everything that happened to it, or refuse by number."""
    found = registers.duties(Filters(ids=(number,)), at=at).rows
    if not found:
        raise NotFound(what="duty", code=number)
    with reading() as session:
        names = _names(session)
        return DutyHistory(
            duty=found[0],
            told=_told(session, names, [number]),
            answers=_answers(session, names, [number]),
            extensions=_extensions(session, names, [number]),
            evidence=_evidence(session, names, [number]),
            trail=_trail(session, names, [f"duty:{number}"]),
        )


def of_nonconformity(code: str, *, at: datetime) -> NonconformityHistory:
    """Return a nonconformity with its rounds and duties, or refuse by code."""
    found = registers.nonconformities(Filters(subject=code), at=at).rows
    if not found:
        raise NotFound(what="nonconformity", code=code)
    with reading() as session:
        names = _names(session)
        row = _one(session, Nonconformity, code)
        numbers = _duties_about(session, code)
        subjects = [f"nonconformity:{code}", *(f"duty:{number}" for number in numbers)]
        return NonconformityHistory(
            nonconformity=found[0],
            **{name: row[name] for name in SAID},
            rounds=_rounds(session, names, row["id"]),
            duties=tuple(registers.duties(Filters(ids=tuple(numbers)), at=at).rows),
            told=_told(session, names, numbers),
            answers=_answers(session, names, numbers),
            extensions=_extensions(session, names, numbers),
            evidence=_evidence(session, names, numbers),
            trail=_trail(session, names, subjects),
        )


SAID: Final = (
    "description",
    "source_record",
    "potential",
    "severity_reason",
    "priority_reason",
    "straight_up_at",
    "straight_up_reason",
    "void_reason",
)


def of_person(code: str, *, at: datetime) -> PersonHistory:
    """Return a person, who stands above, and what is owed now; or refuse by code."""
    found = registers.people(Filters(person=code), at=at).rows
    if not found:
        raise NotFound(what="person", code=code)
    with reading() as session:
        names = _names(session)
        number = _one(session, Person, code)["id"]
        chain = organisation(session).chain(number)
        return PersonHistory(
            person=found[0],
            chain=tuple(names[above] for above in chain.people),
            chain_ends=chain.ends,
            duties=tuple(registers.duties(Filters(person=code, state="open"), at=at).rows),
            told=_told_to(session, names, number),
            trail=_trail(session, names, [f"person:{number}"]),
        )


def kind_of(code: str) -> Literal["nonconformity", "duty", "person"]:
    """Return what a code or number names; a nonconformity before a duty before a person."""
    with reading() as session:
        if _exists(session, Nonconformity, "code", code):
            return "nonconformity"
        number = code.removeprefix("duty:")
        if number.isdecimal() and _exists(session, Duty, "id", int(number)):
            return "duty"
        if _exists(session, Person, "code", code):
            return "person"
    raise NotFound(what="nonconformity, duty or person", code=code)


def _exists(session: Session, model: Any, column: str, value: Any) -> bool:
    table = table_of(model)
    return bool(session.execute(sa.select(sa.exists().where(table.c[column] == value))).scalar())


def _one(session: Session, model: Any, code: str) -> Mapping[str, Any]:
    table = table_of(model)
    found = session.execute(sa.select(table).where(table.c.code == code)).mappings().one()
    return {str(name): value for name, value in found.items()}


def _names(session: Session) -> Names:
    posts = organisation(session).posts.values()
    return {post.id: Named(id=post.id, code=post.code, name=post.name) for post in posts}


def _duties_about(session: Session, code: str) -> list[int]:
    """Return the duties about a nonconformity, and those to decide about their extension."""
    duty = table_of(Duty)
    own = list(
        session.scalars(
            sa.select(duty.c.id).where(
                duty.c.subject_kind == "nonconformity", duty.c.subject == code
            )
        )
    )
    about = session.scalars(
        sa.select(duty.c.id).where(
            duty.c.subject_kind == "duty", duty.c.subject.in_([str(number) for number in own])
        )
    )
    return sorted([*own, *about])


def _told(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Told, ...]:
    line = table_of(Line)
    return _lines(session, names, [line.c.duty_id.in_(numbers)], newest=False)


def _told_to(session: Session, names: Names, person: int) -> tuple[Told, ...]:
    line = table_of(Line)
    return _lines(session, names, [line.c.person_id == person], newest=True)


def _lines(
    session: Session, names: Names, where: Sequence[Any], *, newest: bool
) -> tuple[Told, ...]:
    line, notice = table_of(Line), table_of(Notice)
    query = (
        sa.select(line, notice.c.state, notice.c.address, notice.c.sent_at)
        .outerjoin(notice, notice.c.id == line.c.notice_id)
        .where(*where)
    )
    order = line.c.id.desc() if newest else line.c.id
    rows = session.execute(query.order_by(order).limit(LAST if newest else None))
    return tuple(
        Told(
            at=row.created_at,
            duty=row.duty_id,
            episode=row.episode,
            nth=row.nth,
            letter=str(row.letter),
            level=row.level,
            person=names.get(row.person_id),
            on_behalf_of=names.get(row.on_behalf_of_id),
            again=int(row.facts.get("again", 0)),
            passed=tuple(
                (names[person], why)
                for person, why in row.facts.get("passed", ())
                if person in names
            ),
            mail=str(row.state or NoticeState.PENDING),
            address=row.address,
            sent_at=row.sent_at,
        )
        for row in rows
    )


def _answers(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Answered, ...]:
    answer = table_of(Answer)
    rows = session.execute(
        sa.select(answer).where(answer.c.duty_id.in_(numbers)).order_by(answer.c.at, answer.c.id)
    )
    return tuple(
        Answered(
            at=row.at,
            duty=row.duty_id,
            act=row.act,
            person=names[row.person_id],
            on_behalf_of=names.get(row.on_behalf_of_id),
            via=row.via,
            data=row.data,
        )
        for row in rows
    )


def _extensions(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Extended, ...]:
    extension = table_of(Extension)
    rows = session.execute(
        sa.select(extension).where(extension.c.duty_id.in_(numbers)).order_by(extension.c.id)
    )
    return tuple(
        Extended(
            duty=row.duty_id,
            episode=row.episode,
            asked_at=row.asked_at,
            asked_by=names[row.asked_by_id],
            until=row.until,
            reason=row.reason,
            decided_at=row.decided_at,
            decided_by=names.get(row.decided_by_id),
            granted=row.granted,
            note=row.note,
        )
        for row in rows
    )


def _evidence(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Attached, ...]:
    evidence = table_of(Evidence)
    rows = session.execute(
        sa.select(evidence).where(evidence.c.duty_id.in_(numbers)).order_by(evidence.c.id)
    )
    return tuple(
        Attached(
            id=row.id,
            duty=row.duty_id,
            name=row.name,
            size=row.size,
            sha256=row.sha256,
            by=names[row.by_id],
            at=row.at,
            deleted_at=row.deleted_at,
        )
        for row in rows
    )


def _rounds(session: Session, names: Names, number: int) -> tuple[dict[str, Any], ...]:
    """Return each round as it was answered; who did what by name."""
    table = table_of(Round)
    rows = session.execute(
        sa.select(table).where(table.c.nonconformity_id == number).order_by(table.c.number)
    ).mappings()
    return tuple(
        {
            name.removesuffix("_id"): names.get(value) if name.endswith("_by_id") else value
            for name, value in row.items()
            if name not in HIDDEN
        }
        for row in rows
    )


def _trail(session: Session, names: Names, subjects: Sequence[str]) -> tuple[Recorded, ...]:
    trail = table_of(Trail)
    rows = session.execute(
        sa.select(trail).where(trail.c.subject.in_(subjects)).order_by(trail.c.seq)
    )
    return tuple(
        Recorded(
            seq=row.seq,
            at=row.at,
            actor=_actor(names, row.actor),
            on_behalf_of=_actor(names, row.on_behalf_of) if row.on_behalf_of else None,
            action=row.action,
            subject=row.subject,
            before=row.before,
            after=row.after,
        )
        for row in rows
    )


def _actor(names: Names, kept: str) -> str:
    """Return the name of "person:7"; others (clock, operator:root) as they are kept."""
    kind, _, number = kept.partition(":")
    known = names.get(int(number)) if kind == "person" and number.isdecimal() else None
    return known.name if known else kept
