"""People and who leads them (人员与管理链).

Managers may stand later in the file. A manager that nobody knows is a gap and people who lead
one another a circle: both are taken over, because the real organisation has them, and named.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from models import people
from models.base import table_of
from models.organisation import Person, Unit
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.problems import Problem
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.organisation import Organisation, Post
from rules.words import Role


class Language(StrEnum):
    """In which a person is written to; empty is the site's."""

    ZH = "zh"
    EN = "en"


COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("email", cells.address),
    Column("manager", cells.code()),
    Column("unit", cells.code(160)),
    Column("roles", cells.some_of(Role), default=[]),
    Column("language", cells.one_of(Language)),
    Column("active", cells.truth, default=True),
    Column("absent_from", cells.day),
    Column("absent_until", cells.day),
    Column("delegate", cells.code()),
)
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}
PRIVATE: Final = frozenset({"name", "email", "manager_code"})


def _judge(session: Session, file: Incoming) -> Difference:
    known = _known(session)
    file.refuse_bare(known, {"name"})
    file.refuse_unknown("unit", upsert.codes(session, Unit), "unit")
    file.refuse_unknown("delegate", {*known, *file.rows}, "person")
    found = upsert.compare(file.rows, known, DEFAULTS)
    merged = found.merged(known)
    _check_absences(file, merged)
    found.notes.extend(_notes(file, merged))
    return found


def _known(session: Session) -> dict[str, Values]:
    person, unit = table_of(Person), table_of(Unit)
    stand_in = person.alias()
    rows = session.execute(
        sa.select(person, unit.c.code.label("unit"), stand_in.c.code.label("stand_in"))
        .outerjoin(unit, unit.c.id == person.c.unit_id)
        .outerjoin(stand_in, stand_in.c.id == person.c.delegate_id)
    )
    return {
        row.code: {
            "code": row.code,
            "name": row.name,
            "email": row.email,
            "manager": row.manager_code,
            "unit": row.unit,
            "roles": sorted(row.roles),
            "language": row.language,
            "active": row.active,
            "absent_from": row.absent_from,
            "absent_until": row.absent_until,
            "delegate": row.stand_in,
        }
        for row in rows
    }


def _check_absences(file: Incoming, merged: Mapping[str, Values]) -> None:
    for code, (number, _) in file.rows.items():
        person = merged[code]
        begins, ends = person["absent_from"], person["absent_until"]
        if begins and ends and ends < begins:
            file.problems.say(
                "the absence ends on {ends}, before it begins on {begins}",
                row=number,
                column="absent_until",
                ends=ends,
                begins=begins,
            )
        if person["delegate"] == code:
            file.problems.say("nobody stands in for himself", row=number, column="delegate")


def _write(session: Session, file: Incoming, found: Difference) -> None:
    upsert.insert_bare(session, Person, found.new, {"active": True, "roles": []})
    ids, units = upsert.codes(session, Person), upsert.codes(session, Unit)
    upsert.write(
        session,
        Person,
        found,
        columns=lambda _, values: {
            "name": values["name"],
            "email": values["email"],
            "manager_id": ids.get(values["manager"]),
            "manager_code": values["manager"],
            "unit_id": units.get(values["unit"]),
            "roles": values["roles"],
            "language": values["language"],
            "active": values["active"],
            "absent_from": values["absent_from"],
            "absent_until": values["absent_until"],
            "delegate_id": ids.get(values["delegate"]),
        },
        private=PRIVATE,
        at=file.at,
        actor=file.actor,
    )
    _fill_gaps(session)
    people.forget(session)


def _fill_gaps(session: Session) -> None:
    """Somebody may have been waiting for a manager who has now arrived."""
    person = table_of(Person)
    above = person.alias()
    session.execute(
        sa.update(person)
        .where(person.c.manager_id.is_(None), person.c.manager_code.is_not(None))
        .values(
            manager_id=sa.select(above.c.id)
            .where(above.c.code == person.c.manager_code)
            .scalar_subquery()
        )
    )


def _notes(file: Incoming, merged: Mapping[str, Values]) -> Iterator[Problem]:
    """Say what was taken over and should be looked at: gaps, circles, shared or no addresses."""
    name, rows = file.table.file, file.rows
    organisation = _organisation(merged)
    for post in organisation.gaps():
        yield Problem(
            file=name,
            row=rows[post.code][0] if post.code in rows else None,
            column="manager" if post.code in rows else None,
            sentence="a gap: nobody has the code {manager}, so nobody stands above {code}",
            facts={"code": post.code, "manager": post.manager_code},
        )
    for ring in organisation.circles():
        yield Problem(
            file=name,
            sentence="a circle: {codes} lead one another",
            facts={"codes": " → ".join(post.code for post in (*ring, ring[0]))},
        )
    yield from _address_notes(name, merged)
    if not organisation.holders(Role.QUALITY_HEAD):
        yield Problem(
            file=name,
            sentence="nobody active holds the role quality_head, to whom gaps and circles go",
        )


def _address_notes(file: str, merged: Mapping[str, Values]) -> Iterator[Problem]:
    by_address: defaultdict[str | None, list[str]] = defaultdict(list)
    for code, values in merged.items():
        if values["active"]:
            by_address[values["email"]].append(code)
    for address, codes in by_address.items():
        if address is None:
            facts = {"count": len(codes), "codes": _some(codes)}
            yield Problem(
                file=file,
                sentence="{count} without an address ({codes}): whoever is above hears instead",
                facts=facts,
            )
        elif len(codes) > 1:
            yield Problem(
                file=file,
                sentence="{address} is the address of several: {codes}",
                facts={"address": address, "codes": _some(codes)},
            )


def _some(codes: list[str], most: int = 5) -> str:
    return ", ".join(codes[:most]) + (" …" if len(codes) > most else "")


def _organisation(merged: Mapping[str, Values]) -> Organisation:
    """Return the organisation as it will be; numbers stand for ids that are not given yet."""
    number = {code: n for n, code in enumerate(merged, start=1)}
    return Organisation(
        {
            number[code]: Post(
                id=number[code],
                code=code,
                name=values["name"],
                manager_id=number.get(values["manager"]),
                manager_code=values["manager"],
                active=values["active"],
                address=values["email"],
                roles=frozenset(values["roles"]),
            )
            for code, values in merged.items()
        }
    )


take: Final = Import(kind="people", columns=COLUMNS, model=Person, judge=_judge, write=_write).take
