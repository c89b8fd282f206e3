"""The year's indicator system and its tracking plan (年度指标体系、指标跟踪计划).

The operations centre owes next year's indicator system; once it is approved, the quality
department owes the plan by which every indicator is tracked. Both are copies of what stood in
the register when they were handed in: a reviewer judges that, and not what changed meanwhile.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.kpi import kpi_policy
from config.language import label, say
from models import alarms
from models.duty import Duty
from models.engine import transaction
from models.kpi import Kpi, KpiSystem
from models.people import holders, organisation
from processes.alarm import wording as says
from processes.approval import course as approval
from processes.duty import beside
from processes.duty.deed import Deed
from processes.kpi import owed as kpi_owed
from processes.kpi import targets as kpi_targets
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Target
from rules.refusal import Refused
from rules.words import DutyKind, Role

SYSTEM: Final = "indicator_system"
PLAN: Final = "tracking_plan"
CODES: Final = {SYSTEM: "KPI", PLAN: "KTP"}
TITLES: Final = {
    SYSTEM: "Indicator system of service capability {year}",
    PLAN: "Indicator tracking plan {year}",
}
# Who draws it up, who reviews and who approves it: the first role that has anybody.
AUTHORS: Final = {
    SYSTEM: (Role.CENTRE_DIRECTOR, Role.QUALITY_HEAD),
    PLAN: (Role.QUALITY, Role.QUALITY_HEAD),
}
REVIEWERS: Final = {
    SYSTEM: (Role.QUALITY_HEAD, Role.QUALITY, Role.VP_OPERATIONS),
    PLAN: (Role.QUALITY_HEAD, Role.CENTRE_DIRECTOR, Role.VP_OPERATIONS),
}
APPROVERS: Final = {
    SYSTEM: (Role.VP_OPERATIONS, Role.TOP_MANAGEMENT),
    PLAN: (Role.VP_OPERATIONS, Role.TOP_MANAGEMENT, Role.CENTRE_DIRECTOR),
}
ALARM: Final = "kpi_system"
OWED, SUBMITTED, RETURNED, APPROVED = "owed", "submitted", "returned", "approved"


class NothingTracked(Refused):
    """A system of no indicators."""

    sentence = "there is no indicator in the register: import them first"


@transaction
def open_systems(session: Session, *, at: datetime) -> list[str]:
    """Owe this year's indicator system, and in autumn next year's; return the codes that are new.

    Nothing is owed before there are indicators to speak of.
    """
    if session.exec(select(Kpi.id).where(col(Kpi.active)).limit(1)).first() is None:
        return []
    today = current().calendar.day(at)
    years = [today.year]
    if today.month >= kpi_policy().systems.month:
        years.append(today.year + 1)
    days = kpi_policy().systems.system_working_days
    opened = [_owe(session, SYSTEM, year, days=days, at=at) for year in years]
    return [code for code in opened if code]


def find(session: Session, kind: str, year: int) -> KpiSystem | None:
    """Return the newest version of a year's document."""
    return session.exec(
        select(KpiSystem)
        .where(col(KpiSystem.kind) == kind, col(KpiSystem.year) == year)
        .order_by(col(KpiSystem.version).desc())
        .limit(1)
    ).first()


def by_code(session: Session, kind: str, code: str) -> KpiSystem:
    """Return the newest version of a document by its code."""
    found = find(session, kind, int(code.rpartition("-")[2]))
    assert found is not None, code
    return found


def _owe(session: Session, kind: str, year: int, *, days: int, at: datetime) -> str | None:
    if find(session, kind, year) is not None:
        return None
    code = f"{CODES[kind]}-{year}"
    author = _first(session, AUTHORS[kind])
    if author is None:
        message = says.nobody_draws_up(code, AUTHORS[kind][0])
        alarms.raise_alarm(session, kind=ALARM, ref=code, message=message, at=at)
        return None
    alarms.clear_alarm(session, kind=ALARM, ref=code, at=at)
    session.add(
        KpiSystem(kind=kind, code=code, year=year, state=OWED, author_id=author, opened_at=at)
    )
    session.flush()
    approval.draw_up(
        session,
        kind=kind,
        code=code,
        title=_title(kind, year),
        author_id=author,
        due_at=current().calendar.working_days(at, days),
        at=at,
    )
    return code


def hand_in(deed: Deed, note: str) -> None:
    """The author hands in what the register says now: reviewer and approver see this copy."""
    kind = deed.duty.subject_kind
    row = by_code(deed.session, kind, deed.duty.subject)
    content = _content(deed.session, kind, row.year)
    if not content["kpis"]:
        raise NothingTracked
    row.content, row.summary = content, note
    row.state, row.author_id, row.submitted_at = SUBMITTED, deed.duty.owner_id, deed.at
    deed.session.add(row)
    deed.session.flush()
    approval.submit(
        deed.session,
        kind=kind,
        code=row.code,
        version=row.version,
        title=_title(kind, row.year),
        author_id=deed.duty.owner_id,
        reviewers=_people(deed.session, REVIEWERS[kind]),
        approvers=_people(deed.session, APPROVERS[kind]),
        readers=_readers(deed.session),
        at=deed.at,
        actor=deed.actor,
        summary=note or _summary(content),
        hands=deed.hands,
    )


def approved(session: Session, code: str, version: int, at: datetime, by_id: int) -> None:
    """It is in force; after the system the quality department owes the tracking plan."""
    del version, by_id
    kind = SYSTEM if code.startswith(CODES[SYSTEM]) else PLAN
    row = by_code(session, kind, code)
    row.state, row.approved_at = APPROVED, at
    session.add(row)
    session.flush()
    if kind == SYSTEM:
        _owe(session, PLAN, row.year, days=kpi_policy().systems.plan_working_days, at=at)


def returned(session: Session, code: str, version: int, reason: str, at: datetime) -> None:
    """It was sent back: the author owes it anew."""
    del version, reason, at
    kind = SYSTEM if code.startswith(CODES[SYSTEM]) else PLAN
    row = by_code(session, kind, code)
    row.state = RETURNED
    session.add(row)


def _content(session: Session, kind: str, year: int) -> dict[str, Any]:
    tracked = session.exec(select(Kpi).where(col(Kpi.active)).order_by(col(Kpi.code))).all()
    targets = kpi_targets.by_kpi(session)
    posts = organisation(session).posts
    made = _tracked if kind == PLAN else _defined
    return {
        "year": year,
        "kpis": [
            {
                "code": kpi.code,
                "name": kpi.name,
                "owner": posts[kpi.owner_id].code,
                "checker": posts[kpi.checker_id].code if kpi.checker_id else None,
                "frequency": kpi.frequency.value,
                **made(kpi, targets.get(kpi.id or 0, []), year),
            }
            for kpi in tracked
        ],
    }


def _defined(kpi: Kpi, targets: Iterable[Target], year: int) -> dict[str, Any]:
    target = rule.in_force(targets, date(year, 12, 31))
    return {
        "element": kpi.element.value,
        "definition": kpi.definition,
        "numerator": kpi.numerator,
        "denominator": kpi.denominator,
        "unit": kpi.unit,
        "direction": kpi.direction.value,
        "target": format(target.value, "f") if target else None,
        "target_version": target.version if target else None,
        "scope": kpi.scope.value,
        "source": kpi.source,
        "formula_version": kpi.formula_version,
    }


def _tracked(kpi: Kpi, targets: Iterable[Target], year: int) -> dict[str, Any]:
    """Return when each value of the year is due: the plan that tracking is measured by."""
    del targets
    zone = current().settings.zone
    first = periods.containing(date(year, 1, 1), kpi.frequency)
    last = periods.containing(date(year, 12, 31), kpi.frequency)
    return {
        "source": kpi.source,
        "periods": [
            {
                "period": period.code,
                "due": kpi_owed.due_at(period).astimezone(zone).date().isoformat(),
            }
            for period in periods.between(first, last)
        ],
    }


def _summary(content: dict[str, Any]) -> str:
    count = len(content["kpis"])
    return say(current().settings.language, "{count} indicators", count=count)


def _title(kind: str, year: int) -> str:
    return say(current().settings.language, TITLES[kind], year=year)


def _first(session: Session, roles: Iterable[Role]) -> int | None:
    return next(iter(_people(session, roles)), None)


def _people(session: Session, roles: Iterable[Role]) -> list[int]:
    return list(dict.fromkeys(one for role in roles for one in holders(session, role)))


def _readers(session: Session) -> list[int]:
    """Return who must know it: everybody who answers for an indicator."""
    posts = organisation(session).posts
    found = session.exec(select(Kpi.owner_id).where(col(Kpi.active)).distinct()).all()
    return sorted(one for one in found if posts[one].active)


for _document in (SYSTEM, PLAN):
    approval.ON_DRAWN[_document] = hand_in
    approval.ON_APPROVED[_document] = approved
    approval.ON_RETURNED[_document] = returned


# --- what reviewer, approver and reader see beside their form ---------------------------


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return the copy that was handed in, a line an indicator; before, what would be."""
    kind = duty.subject_kind
    if kind not in CODES:
        return []
    row = by_code(session, kind, duty.subject)
    drawing = duty.kind in {DutyKind.DRAW_UP, DutyKind.REVISE}
    content = _content(session, kind, row.year) if drawing else row.content
    name = say(language, TITLES[kind], year=row.year)
    return [(name, "\n".join(_line(kpi, language) for kpi in content.get("kpis", ())))]


def _line(kpi: dict[str, Any], language: str) -> str:
    said = f"{kpi['code']} {kpi['name']}"
    frequency = label(language, kpi["frequency"], "frequency")
    if "periods" in kpi:
        due = ", ".join(f"{one['period']} → {one['due']}" for one in kpi["periods"])
        return f"{said} · {kpi['owner']} · {due}"
    target = f"{kpi['direction']} {kpi['target']} {kpi['unit']}" if kpi["target"] else "–"
    return f"{said} · {target} · {frequency} · {kpi['owner']}"


for _kind in (DutyKind.DRAW_UP, DutyKind.REVISE, DutyKind.REVIEW, DutyKind.APPROVE, DutyKind.READ):
    beside.FACTS.setdefault(_kind.value, []).append(_facts)
