"""What planning teams anew came to (审核组调整通报): one letter to the head of quality, one alarm.

However many audits a move, a lapsed training or a handed-over project touches: who left which
team and why, who came for him, and which audit has no team now, is told together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import listed, say
from models import alarms, people
from models.audit import Audit, AuditArea, AuditProgramme
from processes.alarm import wording as says
from processes.audit import letters as audit_letters
from processes.audit.puzzle import OPEN
from rules.audit import SAID, Conflict
from rules.organisation import Organisation

ALARM: Final = "audit_unstaffed"
MOST: Final = 30  # audits that a letter names; the page has the rest
WHY: Final = {
    "too_few": "too few auditors are independent of it and qualified",
    "no_lead": "nobody who may lead an audit is independent of it",
    "no_competence": "nobody independent of it is competent for some clause",
    "no_capacity": "the auditors have no audits left that they may do, or no team fits together",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one audit's team. `empty` is why it has none now, if that is new."""

    audit: str
    area: str
    gone: tuple[tuple[int, tuple[Conflict, ...]], ...] = ()
    came: tuple[int, ...] = ()
    empty: str | None = None


def tell(session: Session, changes: Sequence[Change], *, at: datetime) -> int:
    """Tell the head of quality everything that changed, in one letter; return to how many."""
    told = [one for one in changes if one.gone or one.empty]
    if not told:
        return 0
    organisation = people.organisation(session)
    return audit_letters.tell(
        session,
        audit_letters.planners(session),
        ref=f"audit_teams:{at.isoformat()}",
        at=at,
        facts=lambda language: _facts(organisation, language, told),
    )


def alarm(session: Session, *, at: datetime) -> None:
    """Keep one alarm for each programme with audits that have no team, and end it when all do."""
    rows = session.exec(
        select(Audit, AuditArea, AuditProgramme.code)
        .join(AuditArea, col(AuditArea.id) == Audit.area_id)
        .join(AuditProgramme, col(AuditProgramme.id) == Audit.programme_id)
        .where(col(AuditProgramme.state) == "approved")
        .order_by(col(Audit.planned_on), col(Audit.id))
    ).all()
    for programme in dict.fromkeys(code for _, _, code in rows):
        empty = [
            f"{audit.code} ({area.name}): {say(says.house(), WHY[audit.unstaffed[0][0]])}"
            for audit, area, code in rows
            if code == programme and audit.unstaffed and audit.state in OPEN
        ]
        ref = f"audit_programme:{programme}"
        if empty:
            told = says.no_teams(programme, empty)
            alarms.raise_alarm(session, kind=ALARM, ref=ref, message=told, at=at)
        else:
            alarms.clear_alarm(session, kind=ALARM, ref=ref, at=at)


def _facts(organisation: Organisation, language: str, told: Sequence[Change]) -> dict[str, Any]:
    changed, empty = sum(bool(one.gone) for one in told), sum(bool(one.empty) for one in told)
    counts = {"changed": changed, "empty": empty}
    return {
        "subject_line": say(
            language, "Audit teams: {changed} changed, {empty} without a team", **counts
        ),
        "headline": say(language, "Audit teams were planned anew"),
        "lead": say(
            language,
            "Whoever may not audit any more was taken out of the teams: {changed} audits have"
            " another team, {empty} have none now. Nobody else was moved without need.",
            **counts,
        ),
        "why": say(language, "You are told because you answer for the audit programme."),
        "sentences": [said for one in told[:MOST] for said in _said(organisation, one, language)],
        "link": f"{current().settings.base_url}/audits",
    }


def _said(organisation: Organisation, one: Change, language: str) -> Iterable[str]:
    names = {person: organisation.posts[person].name for person in _people(one)}
    facts = {"audit": one.audit, "area": one.area}
    for person, why in one.gone:
        reasons = [say(language, SAID[each.reason], what=each.what) for each in why]
        yield say(
            language,
            "{audit} {area}: {name} left the team: {reasons}",
            name=names[person],
            reasons=listed(language, reasons) or say(language, "so that all audits have a team"),
            **facts,
        )
    if one.came:
        came = listed(language, [names[person] for person in one.came])
        yield say(language, "{audit} {area}: {names} joined the team", names=came, **facts)
    if one.empty:
        yield say(
            language,
            "{audit} {area}: no team: {why}",
            why=say(language, WHY[one.empty]),
            **facts,
        )


def _people(one: Change) -> Iterable[int]:
    yield from (person for person, _ in one.gone)
    yield from one.came
