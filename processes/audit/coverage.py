"""A hole in what is audited (审核覆盖缺口): loud from the moment a cancellation tears it.

A programme that leaves something out is refused when it is handed in; one in force loses an
audit only by its being called off. What nothing covers then is told at once to whoever answers
for the programme, and stays an alarm until it is covered again or its year is over; the next
programme cannot be handed in without it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from config.language import listed, say
from models import alarms
from models.audit import Audit, AuditProgramme
from processes.alarm import wording as says
from processes.audit import letters as audit_letters
from processes.audit import programme as audit_programme
from processes.audit import team as audit_team

KIND: Final = "audit_uncovered"  # of the alarm


def left_out(session: Session, audit: Audit) -> tuple[str, ...]:
    """Return the areas and clauses that the audit's programme leaves out as it stands."""
    return audit_programme.uncovered(session, _programme(session, audit))


def torn(session: Session, audit: Audit, before: Collection[str], *, at: datetime) -> None:
    """Say what nothing covers since this audit was called off; `before` was left out anyway."""
    what = [one for one in left_out(session, audit) if one not in before]
    if not what:
        return
    said = says.audit_hole(audit.code, what)
    if alarms.raise_alarm(session, kind=KIND, ref=_ref(audit), message=said, at=at):
        audit_letters.tell(
            session,
            audit_letters.planners(session),
            ref=f"{KIND}:{audit.code}:{audit.rev}",
            at=at,
            facts=lambda language: _facts(language, audit, what),
        )


def mended(session: Session, *, at: datetime) -> None:
    """End the alarms of what is covered again, or left to the programme of another year."""
    year = current().calendar.day(at).year
    for alarm in alarms.open_alarms(session):
        if alarm.kind != KIND:
            continue
        audit = audit_team.by_code(session, alarm.ref.removeprefix("audit:"))
        area = audit_team.area_of(session, audit)
        missing = {area.code, *area.clauses} & set(left_out(session, audit))
        if not missing or _programme(session, audit).year < year:
            alarms.clear_alarm(session, kind=KIND, ref=alarm.ref, at=at)


def _programme(session: Session, audit: Audit) -> AuditProgramme:
    return session.get_one(AuditProgramme, audit.programme_id)


def _ref(audit: Audit) -> str:
    return f"audit:{audit.code}"


def _facts(language: str, audit: Audit, what: Sequence[str]) -> dict[str, Any]:
    told = {"audit": audit.code, "what": listed(language, what)}
    return {
        "subject_line": say(language, "Not audited this year: {what}", what=told["what"]),
        "headline": say(language, "An audit was called off and leaves a hole"),
        "lead": say(
            language, "Since {audit} was called off, nothing audits {what} in its period.", **told
        ),
        "why": say(language, "You are told because you answer for the audit programme."),
        "sentences": [
            say(language, "Take the audit up again on another day, on its page."),
            say(language, "The programme of next year cannot be handed in without it."),
        ],
        "link": f"{current().settings.base_url}/audits/{audit.code}",
    }
