"""Who hears what a check found (检查报告): the project manager, and the manager of his department.

The letter is promised in the transaction of the answer; its link leads to the sheet as it was
filled. The report itself is the record of the check: its page, and the Word document.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.current import current
from config.language import label, say, show_date
from models import people
from models.check import Check
from models.duty import Duty
from processes.check.reading import CheckHistory
from processes.mail.lines import line, promise
from processes.paper import files as documents
from rules import escalation
from rules.escalation import Told
from rules.organisation import Organisation
from rules.words import LetterKind, Role


def tell(session: Session, check: Check, duty: Duty, *, manager: int, at: datetime) -> None:
    """Promise the report to the project manager and his department manager."""
    organisation = people.organisation(session)
    facts = {
        "check": check.code,
        "score": str(check.score) if check.score is not None else None,
        "conclusion": check.conclusion.value if check.conclusion else None,
        "findings": check.findings,
        "observations": check.observations,
        "note": check.summary or None,
    }
    known = {name: value for name, value in facts.items() if value is not None}
    day = current().calendar.day(at)
    told: dict[int, int | None] = {}
    for person in readers(organisation, manager):
        found = escalation.reach(organisation, person, day, barred=frozenset(told))
        if isinstance(found, Told) and found.receiver is not None:
            told.setdefault(found.receiver, found.stands_for)
    promise(
        session,
        [
            line(duty, LetterKind.CHECK_REPORT, receiver, at=at, on_behalf_of=absent, facts=known)
            for receiver, absent in told.items()
        ],
    )


def readers(organisation: Organisation, manager: int) -> list[int]:
    """Return whom the report is for: who answers for the project, and his department manager."""
    above = organisation.chain(manager).people
    posts = organisation.posts
    leads = (one for one in above if Role.DEPARTMENT_MANAGER in posts[one].roles)
    department = next(leads, above[0] if above else None)
    return [manager] if department is None else [manager, department]


def word(check: CheckHistory, language: str) -> bytes:
    """Return the report of a check as a Word document, for the file and for an assessor."""
    row = check.check
    data: dict[str, Any] = {
        "organisation": current().settings.organisation,
        "title": say(language, "Report of the project quality check"),
        "number": row.code,
        "version": str(check.version or ""),
        "project": f"{check.project_name} ({row.project})",
        "unit": check.unit_name,
        "kind": label(language, row.kind, "check_kind"),
        "planned_on": show_date(language, row.planned_on),
        "performed_on": show_date(language, row.performed_on) if row.performed_on else "",
        "score": str(row.score) if row.score is not None else say(language, "no data"),
        "conclusion": label(language, row.conclusion, "check_conclusion") if row.conclusion else "",
        "summary": check.summary.splitlines() or ["—"],
        "lines": [
            {
                "number": one.number,
                "point": one.point,
                "criterion": one.criterion,
                "weight": one.weight,
                "result": label(language, one.result, "check_result"),
                "problem": one.problem,
                "evidence": one.evidence,
                "nonconformity": one.nonconformity or "",
            }
            for one in check.lines
        ],
        "signatures": _signatures(check, language),
    }
    return documents.word("check", data, language)


def _signatures(check: CheckHistory, language: str) -> list[dict[str, str]]:
    """Return who checked, and when; the project manager signs on paper where that is wanted."""
    done = check.check.performed_on
    checker = check.inspector.name if check.inspector else ""
    manager = check.manager.name if check.manager else ""
    return [
        {
            "step": say(language, "Checker"),
            "name": checker,
            "at": done.isoformat() if done else "",
            "note": "",
        },
        {"step": say(language, "Project manager"), "name": manager, "at": "", "note": ""},
    ]
