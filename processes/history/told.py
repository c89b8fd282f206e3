"""What happened to a thing (履历): who was told what and when, who answered what, what was decided.

It is read from lines, answers, extensions and the trail as they were written: this is the
evidence an auditor asks for. Names are those of today; the trail itself knows only numbers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.duty import Duty
from models.engine import reading
from models.nonconformity import Nonconformity
from models.organisation import Person
from models.people import organisation
from processes.history import reading as read
from processes.history.rows import DutyHistory, NonconformityHistory, PersonHistory
from processes.register import registers
from processes.register.query import Filters
from rules.refusal import NotFound, Refused


class NothingNamed(Refused):
    """Neither a nonconformity nor a duty nor a person has this code."""

    sentence = "there is no nonconformity, duty or person {code}"


def of_duty(number: int, *, at: datetime) -> DutyHistory:
    """Return a duty with everything that happened to it, or refuse by number."""
    found = registers.duties(Filters(ids=(number,)), at=at).rows
    if not found:
        raise NotFound(what="duty", code=number)
    with reading() as session:
        names = read.names(session)
        return DutyHistory(
            duty=found[0],
            told=read.told(session, names, [number]),
            answers=read.answers(session, names, [number]),
            extensions=read.extensions(session, names, [number]),
            evidence=read.evidence(session, names, [number]),
            trail=read.trail(session, names, [f"duty:{number}"]),
        )


def of_nonconformity(code: str, *, at: datetime) -> NonconformityHistory:
    """Return a nonconformity with its rounds and duties, or refuse by code."""
    found = registers.nonconformities(Filters(subject=code), at=at).rows
    if not found:
        raise NotFound(what="nonconformity", code=code)
    with reading() as session:
        names = read.names(session)
        row = _one(session, Nonconformity, code)
        numbers = read.duties_about(session, code)
        subjects = [f"nonconformity:{code}", *(f"duty:{number}" for number in numbers)]
        return NonconformityHistory(
            nonconformity=found[0],
            **{name: row[name] for name in SAID},
            rounds=read.rounds(session, names, row["id"]),
            duties=tuple(registers.duties(Filters(ids=tuple(numbers)), at=at).rows),
            told=read.told(session, names, numbers),
            answers=read.answers(session, names, numbers),
            extensions=read.extensions(session, names, numbers),
            evidence=read.evidence(session, names, numbers),
            trail=read.trail(session, names, subjects),
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
        names = read.names(session)
        number = _one(session, Person, code)["id"]
        chain = organisation(session).chain(number)
        return PersonHistory(
            person=found[0],
            chain=tuple(names[above] for above in chain.people),
            chain_ends=chain.ends,
            duties=tuple(registers.duties(Filters(person=code, state="open"), at=at).rows),
            told=read.told_to(session, names, number),
            trail=read.trail(session, names, [f"person:{number}"]),
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
    raise NothingNamed(code=code)


def _exists(session: Session, model: Any, column: str, value: Any) -> bool:
    table = table_of(model)
    return bool(session.execute(sa.select(sa.exists().where(table.c[column] == value))).scalar())


def _one(session: Session, model: Any, code: str) -> Mapping[str, Any]:
    table = table_of(model)
    found = session.execute(sa.select(table).where(table.c.code == code)).mappings().one()
    return {str(name): value for name, value in found.items()}
