"""Reading what happened (履历读取): lines, answers, extensions, evidence, rounds and trail."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.duty import Answer, Duty, Line
from models.extension import Extension
from models.nonconformity import Evidence, Round
from models.notice import Notice, NoticeState
from models.people import organisation
from models.record import Trail
from processes.history.rows import Answered, Attached, Commented, Extended, Named, Recorded, Told
from processes.mail.comments import on_duties

LAST: Final = 50  # of what a person was told
HIDDEN: Final = frozenset({"id", "nonconformity_id"})

Names = Mapping[int, Named]


def names(session: Session) -> Names:
    """Return everybody by number."""
    posts = organisation(session).posts.values()
    return {post.id: Named(id=post.id, code=post.code, name=post.name) for post in posts}


def duties_about(session: Session, code: str) -> list[int]:
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


def told(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Told, ...]:
    """Return what was told about duties, in the order in which it was written."""
    line = table_of(Line)
    return _lines(session, names, [line.c.duty_id.in_(numbers)], newest=False)


def told_to(session: Session, names: Names, person: int) -> tuple[Told, ...]:
    """Return what one person was told last."""
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
            mail=_mail(row),
            address=row.address,
            sent_at=row.sent_at,
        )
        for row in rows
    )


def _mail(row: Any) -> str:
    """Return what became of the letter; one that another system told has none here."""
    return "elsewhere" if row.facts.get("elsewhere") else str(row.state or NoticeState.PENDING)


def answers(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Answered, ...]:
    """Return what people did to duties."""
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


def comments(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Commented, ...]:
    """Return what people replied by mail."""
    return tuple(
        Commented(
            at=one.at,
            duty=one.duty_id or 0,
            person=names.get(one.person_id or 0),
            address=one.address,
            text=one.text,
        )
        for one in on_duties(session, numbers)
    )


def extensions(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Extended, ...]:
    """Return the later dates that were asked for."""
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


def evidence(session: Session, names: Names, numbers: Sequence[int]) -> tuple[Attached, ...]:
    """Return the files attached to duties."""
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
            line=(row.facts or {}).get("line"),
        )
        for row in rows
    )


def rounds(session: Session, names: Names, number: int) -> tuple[dict[str, Any], ...]:
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


def trail(session: Session, names: Names, subjects: Sequence[str]) -> tuple[Recorded, ...]:
    """Return the rows of the trail about these subjects."""
    trail = table_of(Trail)
    rows = session.execute(
        sa.select(trail).where(trail.c.subject.in_(subjects)).order_by(trail.c.seq)
    )
    return tuple(
        Recorded(
            seq=row.seq,
            at=row.at,
            actor=actor(names, row.actor),
            on_behalf_of=actor(names, row.on_behalf_of) if row.on_behalf_of else None,
            action=row.action,
            subject=row.subject,
            before=row.before,
            after=row.after,
        )
        for row in rows
    )


def actor(names: Names, kept: str) -> str:
    """Return the name of "person:7"; others (clock, operator:root) as they are kept."""
    kind, _, number = kept.partition(":")
    known = names.get(int(number)) if kind == "person" and number.isdecimal() else None
    return known.name if known else kept
