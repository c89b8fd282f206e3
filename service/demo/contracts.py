"""The sample company's contracts (示例合同): three of them, and what happens about them in a year.

The other projects only name their contract: `pdca doctor` lists the drafts made from them.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from config.current import current
from config.reading import read_toml
from models.contract import Service
from models.engine import reading
from processes.availability import import_exclusions as exclusions
from processes.availability import import_outages as outages
from processes.contract import import_contacts as contacts
from processes.contract import import_contracts as contracts
from processes.contract import import_customers as customers
from processes.contract import import_problems as problems
from processes.contract import import_requirements as requirements
from processes.contract import import_services as services
from processes.contract import import_slas as slas
from processes.contract import problems as problem_process
from processes.imports import whole
from processes.register.rows import DutyRow
from rules.words import DutyKind
from service.demo.company import ACTOR, DATA

KINDS: Final = {
    "customers": customers,
    "contracts": contracts,
    "services": services,
    "contacts": contacts,
}

Row = dict[str, Any]


def load(language: str, at: datetime) -> int:
    """Import customers, contracts, services, contacts and SLAs; return how many contracts."""
    found = 0
    for kind, process in KINDS.items():
        report = process.take(DATA / f"{kind}.csv", at=at, actor=ACTOR)
        found = report.new if kind == "contracts" else found
        names = DATA / f"{kind}_{language}.csv"
        if names.is_file():
            process.take(names, at=at, actor=ACTOR)
    own = DATA / f"slas_{language}.csv"
    slas.take(own if own.is_file() else DATA / "slas.csv", at=at, actor=ACTOR)
    return found


def happen(begin: date, day: date, folder: Path, language: str, at: datetime) -> None:
    """Let happen what the year has for a day, through the imports that an operator uses."""
    for kind, process in (("outage", outages), ("exclusion", exclusions)):
        rows = [_span(one, kind, begin, language) for one in _told()[kind]]
        _take(process, kind, [row for row in rows if _over(row, day)], folder, at)
    due = [_wanted(one, begin, language) for one in _on("requirement", begin, day)]
    _take(requirements, "requirement", due, folder, at)
    found = [_problem(one, begin, language) for one in _on("problem", begin, day)]
    _take(problems, "problem", found, folder, at)
    left = [{"code": one["code"], "active": "no"} for one in _on("contact", begin, day)]
    _take(contacts, "contact", left, folder, at)


def when(duty: DutyRow) -> datetime | None:
    """Return when a duty about a contract is acted on where the year says it; None elsewhere."""
    one = next((one for one in _told()["requirement"] if one["code"] == duty.subject), None)
    if duty.kind == DutyKind.MEET_REQUIREMENT and one is not None and "late" in one:
        return current().calendar.add(duty.due_at, one["late"])
    return None


def answered(duty: DutyRow, language: str) -> dict[str, Any] | None:
    """Return what is answered about requirements, problems and contacts; None for the rest."""
    words = _told()[language]
    if duty.kind == DutyKind.MEET_REQUIREMENT:
        one = _named("requirement", duty.subject)
        return {"met_by": one["met_by"], "reference": one["reference"], "note": words["note"]}
    if duty.kind == DutyKind.MEND_CONTACT:
        one = _named("contact", duty.subject)
        return {"decision": "replaced", "name": one["name"][language], "email": one["email"]}
    if duty.kind != DutyKind.SOLVE_PROBLEM:
        return None
    with reading() as session:
        known = bool(problem_process.by_code(session, duty.subject).cause)
    if known:
        return {"decision": "solved", "changes": words["changes"]}
    return {
        "decision": "known_error",
        "cause": words["known"],
        "workaround": words["workaround"],
    }


def _span(one: Row, kind: str, begin: date, language: str) -> Row:
    """Return an outage or exclusion as a row of its file."""
    starts = datetime.combine(_day(one, begin), time(one["hour"]), current().settings.zone)
    row = {
        "code": one["code"],
        "contract": one["contract"],
        "service": one["service"],
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=one["hours"])).isoformat(),
    }
    if kind == "outage":
        before = one.get("before")
        told = (starts - timedelta(hours=before)).isoformat() if before is not None else ""
        planned = "yes" if one["planned"] else "no"
        return {**row, "announced_at": told, "planned": planned, "cause": one[language]}
    return {
        **row,
        "kind": one["kind"],
        "agreed_by": one["agreed_by"][language],
        "evidence": one["evidence"],
        "note": one[language],
    }


def _day(one: Row, begin: date) -> date:
    """Return the day of the year; of a weekday that is named, the next such day."""
    day = begin + timedelta(days=one["day"])
    return day + timedelta(days=(one.get("weekday", day.isoweekday()) - day.isoweekday()) % 7)


def _over(row: Row, day: date) -> bool:
    return datetime.fromisoformat(row["ends_at"]).date() + timedelta(days=1) == day


def _on(kind: str, begin: date, day: date) -> Iterator[Row]:
    return (one for one in _told()[kind] if begin + timedelta(days=one["day"]) == day)


def _wanted(one: Row, begin: date, language: str) -> Row:
    day = begin + timedelta(days=one["day"])
    return {
        "code": one["code"],
        "title": one[language],
        "contract": one["contract"],
        "source": one["source"][language],
        "wanted_by": one["wanted_by"][language],
        "owner": one["owner"],
        "raised_on": day,
        "due": day + timedelta(days=one["due"]),
    }


def _problem(one: Row, begin: date, language: str) -> Row:
    day = begin + timedelta(days=one["day"])
    return {
        "code": one["code"],
        "title": one[language],
        "contract": one["contract"],
        "owner": one["owner"],
        "raised_on": day,
        "due": day + timedelta(days=one["due"]),
        "tickets": one["tickets"],
    }


def _take(process: Any, name: str, rows: Sequence[Row], folder: Path, at: datetime) -> None:
    """Take rows over as a file, if there are any and the company has been loaded."""
    if not rows or not _loaded():
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    process.take(path, at=at, actor=ACTOR)


def _loaded() -> bool:
    with reading() as session:
        known = set(whole.code_of(session, Service).values())
    return {one["service"] for one in _told()["outage"]} <= known


def _named(kind: str, code: str) -> Row:
    return next(one for one in _told()[kind] if one["code"] == code)


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    return read_toml(DATA / "contracts.toml")
