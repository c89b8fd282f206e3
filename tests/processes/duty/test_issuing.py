"""Owing many things at once leaves what owing them one by one leaves."""

import re

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.duty import Duty, Line
from models.engine import database
from models.record import Alarm, Trail
from processes.duty import issued as duties
from processes.duty.issuing import Owed, issue_many
from tests.support import cast
from tests.support.cast import at

NOW, DUE = at("2026-09-08"), at("2026-09-11", "18:00")


def what(owner):
    return {
        "kind": "quality_check",
        "subject_kind": "check",
        "subject": "QC-2026-0001",
        "title": "政务云运维例行检查",
        "owner_id": owner,
        "due_at": DUE,
        "project": "P1",
        "facts": {"planned_on": "2026-09-08"},
    }


def one_by_one(session, owners):
    for owner in owners:
        duties.issue(session, at=NOW, **what(owner))


def at_once(session, owners):
    issue_many(session, [Owed(**what(owner)) for owner in owners], at=NOW)


def written(session):
    """Return every row, its duties counted from one whatever numbers the database gave."""
    found = {
        model.__name__: [dict(r) for r in session.execute(sa.select(table_of(model))).mappings()]
        for model in (Duty, Line, Trail, Alarm)
    }
    numbers = {row["id"]: n for n, row in enumerate(found["Duty"], start=1)}
    for number, counted in sorted(numbers.items()):
        for row in (row for rows in found.values() for row in rows):
            if row.get("duty_id") == number:
                row["duty_id"] = counted
            for name in ("key", "subject", "message"):
                if isinstance(row.get(name), str):
                    row[name] = re.sub(rf"(duty:|待办 ){number}\b", rf"\g<1>{counted}", row[name])
    for rows in found.values():
        for row in rows:
            for name in ("id", "seq", "prev_hash", "hash"):
                row.pop(name, None)
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def test_many_at_once_are_the_same_rows_letters_and_trail(home):
    people = cast.hire(zhou=cast.absent(delegate="qin"))
    owners = [people[code] for code in ("zhao", "zhou", "gone")]
    found = []
    for issue in (one_by_one, at_once):
        with Session(database().writer) as session:
            issue(session, owners)
            found.append(written(session))
            session.rollback()
    assert len(found[0]["Duty"]) == 3
    assert len(found[0]["Line"]) == 2  # who has left hears nothing; an alarm stands
    assert found[0] == found[1]
