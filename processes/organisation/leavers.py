"""People who are not in the file any more (离职人员), and what hangs on them.

Nobody is removed. A file that is declared complete takes those who are missing out of service, if
the policy says so; of any other file that holds most of the staff they are only named.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from sqlmodel import Session

from config.people import people_policy
from processes.imports.problems import Problem, Wrong
from processes.imports.taking import Incoming
from processes.imports.upsert import Difference, Values
from processes.organisation import hanging
from rules import leaving

LISTED: Final = 50


def judge(
    session: Session, file: Incoming, known: Mapping[str, Values], found: Difference
) -> Iterator[Problem]:
    """Take who is missing out of service where that is decided; yield what should be looked at."""
    policy = people_policy().leavers
    active = {code for code, values in known.items() if values["active"]}
    gone = leaving.missing(active, file.rows)
    if file.complete and policy.deactivate:
        _deactivate(file, known, found, gone, active=len(active), percent=policy.share_percent)
    elif not file.complete and not leaving.looks_whole(
        active, file.rows, percent=policy.named_from_percent
    ):
        gone = []
    left = [
        code
        for code, (_, values) in file.rows.items()
        if code in known and not {**known[code], **values}["active"]
    ]
    yield from _said(session, file, known, gone, left)


def _deactivate(
    file: Incoming,
    known: Mapping[str, Values],
    found: Difference,
    gone: Collection[str],
    *,
    active: int,
    percent: int,
) -> None:
    try:
        leaving.refuse_many(gone=len(gone), active=active, percent=percent, sure=file.sure)
    except leaving.TooManyLeavers as many:
        file.problems.add(Wrong(many.sentence, **many.facts))
        return
    for code in gone:
        found.changed[code] = (known[code], {**known[code], "active": False})


def _said(
    session: Session,
    file: Incoming,
    known: Mapping[str, Values],
    gone: Collection[str],
    left: Collection[str],
) -> Iterator[Problem]:
    name = file.table.file
    things = hanging.hanging(session, {*gone, *left})
    out = file.complete and people_policy().leavers.deactivate
    sentence = (
        "{code} ({name}) is not in this file any more and is taken out of service"
        if out
        else "{code} ({name}) is not in this file any more and stays active"
    )
    for code in [*gone][:LISTED]:
        yield Problem(
            file=name, sentence=sentence, facts={"code": code, "name": known[code]["name"]}
        )
    if len(gone) > LISTED:
        rest = {"count": len(gone) - LISTED}
        yield Problem(file=name, sentence="and {count} people more are not in it", facts=rest)
    for code in sorted(things):
        for said, facts in things[code].said():
            row = file.rows[code][0] if code in file.rows else None
            yield Problem(file=name, row=row, sentence=said, facts=facts)
