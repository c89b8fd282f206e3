"""A check is answered (完成检查): score, conclusion, findings and report in one transaction.

Whatever the way in, everybody whose hand is in the answer must be independent of the project;
only an exception on record lets its one person through.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel import Session, col, select

from config.current import current
from models import people
from models.check import Check, CheckerRequest, CheckLine
from models.organisation import Project
from models.plan import Activity
from processes.check import filling as check_filling
from processes.check import findings as check_findings
from processes.check import report as check_report
from processes.check import rows
from processes.check import sheets as check_sheets
from processes.check.findings import Finding
from processes.check.opening import delivery_of
from processes.duty.deed import Deed
from processes.plan import activities
from processes.worksheet import sheets as worksheet
from rules import check as rule
from rules import checker as gate
from rules.check import CheckSheet, CheckState, Result
from rules.refusal import Refused
from rules.worksheet import Filled

RECORDED = (
    "Recorded. The report goes to the project manager and the department manager; each failing"
    " point is a nonconformity now."
)


class CheckedInFuture(Refused):
    """A check that has not been carried out yet."""

    sentence = "the day of the check, {day}, is still to come"


class CheckedTooEarly(Refused):
    """A day long before the check was asked for is a slip of the pen."""

    sentence = "the day of the check, {day}, lies before {first}, when it was opened or planned"


def settle(deed: Deed, *, lines: Filled, on: date | None, summary: str) -> str:
    """Take the sheet as the result of the check, and issue what follows from it."""
    session = deed.session
    check = rows.by_code(session, deed.duty.subject)
    refuse_dependent(deed, check)
    check.performed_on = performed_on(deed, check, on)
    assert check.sheet_id is not None
    filled = worksheet.complete(deed, lines)
    kept = check_sheets.kept(session, check.sheet_id)
    language = current().settings.language
    sheet = check_filling.sheet(session, deed.duty, language)
    found = check_findings.judged(session, check, kept, sheet, filled)
    raised = check_findings.raise_all(deed, check, kept, found)
    _close(deed, check, kept, found, summary)
    _keep_lines(session, check, found, raised)
    _record(deed, check, raised)
    _finish(deed, check)
    return RECORDED


def refuse_dependent(deed: Deed, check: Check) -> None:
    """Refuse if anybody with a hand in it is not independent, and has no exception."""
    session = deed.session
    project = session.exec(select(Project).where(col(Project.code) == check.project)).one()
    hands = sorted(deed.hands - exempt(session, check))
    gate.refuse_dependent(
        people.organisation(session), hands, delivery_of(session, project, deed.at)
    )


def exempt(session: Session, check: Check) -> frozenset[int]:
    """Return those whom a second person has let through for this check."""
    granted = session.exec(
        select(CheckerRequest.person_id).where(
            col(CheckerRequest.check_id) == check.id, col(CheckerRequest.granted).is_(True)
        )
    )
    return frozenset(granted)


def performed_on(deed: Deed, check: Check, given: date | None) -> date:
    """Return the day of the check: not to come, and not before it was asked for."""
    calendar = current().calendar
    today = calendar.day(deed.at)
    day = given or today
    if day > today:
        raise CheckedInFuture(day=day)
    first = min(calendar.day(check.opened_at or deed.at), check.planned_on)
    if day < first:
        raise CheckedTooEarly(day=day, first=first)
    return day


def _close(
    deed: Deed, check: Check, kept: CheckSheet, found: Sequence[Finding], summary: str
) -> None:
    judged = [one.judged for one in found]
    results = [one.result for one in judged]
    check.score = rule.score(judged, observation=kept.observation)
    check.conclusion = rule.conclusion(check.score, judged, kept)
    check.findings = results.count(Result.NONCONFORMING)
    check.observations = results.count(Result.OBSERVATION)
    check.summary = summary
    check.inspector_id = deed.person_id
    check.state, check.performed_at = CheckState.DONE, deed.at
    deed.session.add(check)
    deed.session.flush()


def _keep_lines(
    session: Session, check: Check, found: Sequence[Finding], raised: Mapping[str, str]
) -> None:
    assert check.id is not None
    session.add_all(
        CheckLine(
            check_id=check.id,
            key=one.key,
            point=one.point,
            number=one.number,
            result=one.judged.result,
            weight=one.judged.weight,
            evidence=one.evidence,
            problem=one.problem,
            severity=one.judged.severity,
            nonconformity=raised.get(one.key),
            follows_line_id=one.follows,
        )
        for one in found
    )
    session.flush()


def _record(deed: Deed, check: Check, raised: Mapping[str, str]) -> None:
    deed.record(
        "check.done",
        rows.subject(check.code),
        before={"state": CheckState.OPEN.value},
        after={
            "state": CheckState.DONE.value,
            "performed_on": check.performed_on.isoformat() if check.performed_on else None,
            "score": str(check.score) if check.score is not None else None,
            "conclusion": check.conclusion.value if check.conclusion else None,
            "nonconformities": check_findings.codes(raised),
            "observations": check.observations,
        },
    )


def _finish(deed: Deed, check: Check) -> None:
    """End the duty, tell those whom it concerns, and keep the plan's activity as done."""
    deed.discharge()
    manager = check_findings.owner_of(deed.session, check).id
    check_report.tell(deed.session, check, deed.duty, manager=manager, at=deed.at)
    if check.activity is None:
        return
    activity = deed.session.exec(
        select(Activity).where(col(Activity.code) == check.activity)
    ).one_or_none()
    if activity is not None and activity.id is not None:
        activities.done(
            deed.session,
            activity.id,
            deed.at,
            record=check.code,
            done_on=check.performed_on,
            actor=deed.actor,
        )
