"""The sample company's internal audits (示例内部审核): auditors, what they find, what they write.

The programme, the teams and every step go through the product; only what people see and write is
invented here, from the same findings as the rest of the year.
"""

import tomllib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlmodel import col, select

from config.current import current
from models.audit import Audit
from models.engine import reading
from processes.audit import conduct as audit_conduct
from processes.audit import import_auditors as auditors
from processes.audit import import_work as work
from processes.audit.ground import policy
from processes.register.rows import DutyRow
from rules.words import DutyKind
from service.demo.company import ACTOR, DATA, Finding

FOUND: Final = 0.12  # of the lines of a checklist are not as they should be
PARTS: Final = ("major", "minor", "minor", "minor", "observation", "opportunity")
DISPUTED: Final = 0.12


@cache
def _said(language: str) -> dict[str, str]:
    with (DATA / "audit.toml").open("rb") as file:
        known: dict[str, dict[str, str]] = tomllib.load(file)
    return known.get(language, known["en"])


def load(at: datetime) -> None:
    """Name the company's auditors, and the work that some of them did."""
    for process, name in ((auditors, "auditors.csv"), (work, "work.csv")):
        path: Path = DATA / name
        process.take(path, at=at, actor=ACTOR)


def answer(
    duty: DutyRow, at: datetime, chance: Random, language: str, findings: Sequence[Finding]
) -> dict[str, Any] | None:
    """Return what somebody answers to a duty of an audit; None for any other."""
    if not duty.subject.startswith(("IA-", "AP-")):
        return None
    said = _said(language)
    if duty.kind == DutyKind.PLAN_AUDIT:
        return _plan(duty, at, said)
    if duty.kind == DutyKind.CONDUCT_AUDIT:
        return _conduct(duty, chance, said, findings)
    return _word(duty.kind, chance, said)


def _word(kind: str, chance: Random, said: dict[str, str]) -> dict[str, Any] | None:
    """Return a word on a finding, a report, or the little that the other kinds ask."""
    if kind == DutyKind.CONFIRM_FINDING:
        disputes = chance.random() < DISPUTED
        if disputes:
            return {"decision": "dispute", "reason": said["dispute"]}
        return {"decision": "confirm"}
    if kind == DutyKind.DECIDE_FINDING:
        word = chance.choice(["uphold", "overrule"])
        return {"decision": word, "reason": said["upheld" if word == "uphold" else "overruled"]}
    if kind == DutyKind.REPORT_AUDIT:
        texts = ("summary", "conclusion", "strengths", "improvements")
        own = chance.choice(["yes", "yes", "partly"])
        return {"service": "yes", "own": own, "effective": "yes", **{n: said[n] for n in texts}}
    return _short(kind, said)


def finding_of(title: str, findings: Sequence[Finding]) -> Finding | None:
    """Return the finding that a nonconformity of an audit was made from."""
    return next((one for one in findings if one.text["title"] in title), None)


def _short(kind: str, said: dict[str, str]) -> dict[str, Any] | None:
    known: dict[str, dict[str, Any]] = {
        DutyKind.DRAW_UP: {"note": said["note"]},
        DutyKind.REVISE: {"note": said["note"]},
        DutyKind.REVIEW: {"decision": "pass"},
        DutyKind.APPROVE: {"decision": "pass"},
        DutyKind.READ: {"note": said["note"]},
        DutyKind.RECEIVE_AUDIT: {"note": said["note"]},
        DutyKind.CARRY_FINDINGS: {"decision": "carry", "reason": said["carry"]},
    }
    return known.get(kind)


def _plan(duty: DutyRow, at: datetime, said: dict[str, str]) -> dict[str, Any]:
    """Open on the planned day, or as early as the notice allows."""
    calendar = current().calendar
    first = calendar.day(calendar.add(at, policy().periods.notice_working_days + 1))
    with reading() as session:
        audit = session.exec(select(Audit).where(col(Audit.code) == duty.subject)).one()
    day = max(audit.planned_on, first)
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return {"opening_on": day, "opening_at": "09:00", "place": said["place"]}


def _conduct(
    duty: DutyRow, chance: Random, said: dict[str, str], findings: Sequence[Finding]
) -> dict[str, Any]:
    fitting = [one for one in findings if one.source == "internal_audit"] or list(findings)
    with reading() as session:
        audit = session.exec(select(Audit).where(col(Audit.code) == duty.subject)).one()
        numbers = [line.number for line in audit_conduct.lines_of(session, audit)]
    lines: dict[str, dict[str, str]] = {}
    for number in numbers:
        filled = {
            "verdict": "conformity",
            "sample": said["sample"],
            "evidence": said["evidence"],
        }
        if chance.random() < FOUND:
            found = chance.choice(fitting)
            filled |= {
                "verdict": chance.choice(PARTS),
                "evidence": found.text["description"],
                "gap": found.text["title"],
            }
        lines[f"c{number}"] = filled
    minors = sum(one["verdict"] == "minor" for one in lines.values())
    together = {}
    if minors >= policy().findings.minors_make_a_major:
        one = chance.random() < 0.5  # noqa: PLR2004 - a coin
        together = (
            {"together": "one_major"}
            if one
            else {
                "together": "separate",
                "reason": said["separate"],
            }
        )
    return {"lines": lines, "attendance": said["attendance"], **together}
