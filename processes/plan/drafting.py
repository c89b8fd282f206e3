"""Drafting the next year's plan (编制年度计划): policy, projects, and what the last cycle taught.

From the day that the policy names, the draft of the next year lies ready and its author owes
it: he changes what he wants and hands it in. A service that was down in December drafts in
January, so that no year goes without its plan because of a fault.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import label, say
from config.plan import Line, in_words, plan_policy
from models import trail
from models.engine import transaction
from models.organisation import Project
from models.plan import Improvement, Plan, PlanState
from processes.approval import course as approval
from processes.improvement import proposals as improvements
from processes.plan import rows
from processes.plan.rows import KIND
from rules import plan as rule

IMPROVEMENT: Final = "improvement"
LINE_TITLE: Final = 120


@transaction
def draft_due(session: Session, at: datetime) -> list[str]:
    """Draft the plans whose time has come and that nobody has drafted; return their codes."""
    day = current().calendar.day(at)
    years = {plan.year for plan in session.exec(select(Plan))}
    first = plan_policy().plan.drafted_from(day.year)
    return [
        code
        for year in rule.years_to_draft(day, drafted_from=first, planned=frozenset(years))
        if (code := draft(session, year, at=at)) is not None
    ]


def draft(session: Session, year: int, *, at: datetime, actor: str = "clock") -> str | None:
    """Draft the plan of a year and owe it to its author; None if nobody can draw it up."""
    policy = plan_policy().plan
    authors = rows.holders(session, policy.authors)
    if not authors:
        return None
    plan = new_version(session, year, at=at)
    plan.author_id = authors[0]
    session.add(plan)
    rows.replace_lines(session, plan, lines(session, plan))
    owe_drawing_up(session, plan, at=at, actor=actor)
    trail.record(
        session,
        at=at,
        actor=actor,
        action="plan.drafted",
        subject=f"{KIND}:{plan.code}",
        after={"version": plan.version, "lines": len(rows.items(session, plan))},
    )
    return plan.code


def new_version(session: Session, year: int, *, at: datetime, reason: str = "") -> Plan:
    """Begin another version: of the last one if there is one, else of the policy's text."""
    code = str(year)
    before = rows.latest(session, code)
    version = before.version + 1 if before else 1
    text = _copied(before) if before else _written(session, year)
    plan = Plan(code=code, year=year, version=version, drafted_at=at, change_reason=reason, **text)
    session.add(plan)
    session.flush()
    if before:
        rows.replace_lines(session, plan, rows.lines(session, before))
    return plan


def owe_drawing_up(session: Session, plan: Plan, *, at: datetime, actor: str) -> None:
    """Owe the draft to its author."""
    assert plan.author_id is not None
    days = plan_policy().approval.draw_up_working_days
    reason = {"reason": plan.change_reason} if plan.change_reason else None
    approval.draw_up(
        session,
        kind=KIND,
        code=plan.code,
        title=plan.title,
        author_id=plan.author_id,
        due_at=current().calendar.working_days(at, days),
        at=at,
        actor=actor,
        facts=reason,
    )


def _copied(before: Plan) -> dict[str, Any]:
    kept = ("number", "title", "purpose", "scope", "objectives", "roles", "readers", "author_id")
    return {name: getattr(before, name) for name in kept}


def _written(session: Session, year: int) -> dict[str, Any]:
    """Return what a first version says, in the site's language."""
    language, policy = current().settings.language, plan_policy().plan
    covered = len(_projects(session, year))
    scope = in_words(policy.scope, language)
    return {
        "number": f"QMP-{year}",
        "title": say(language, "Annual service quality management plan {year}", year=year),
        "purpose": in_words(policy.purpose, language),
        "scope": scope
        + "\n"
        + say(language, "{n} projects are under contract in this year.", n=covered),
        "objectives": [
            {
                "indicator": in_words(one.indicator, language),
                "definition": in_words(one.definition, language),
                "target": one.target,
                "period": in_words(one.period, language),
            }
            for one in policy.objective
        ],
        "roles": [
            {"role": in_words(one.role, language), "duty": in_words(one.duty, language)}
            for one in policy.role
        ],
        "readers": [role.value for role in policy.readers],
    }


def lines(session: Session, plan: Plan) -> list[dict[str, Any]]:
    """Return the policy's lines, what was added by hand last year, and the improvements."""
    language = current().settings.language
    found = [_line(one, language) for one in plan_policy().plan.line]
    numbers = {line["number"] for line in found}
    before = rows.in_force(session, str(plan.year - 1))
    if before is not None:
        found += [
            line
            for line in rows.lines(session, before)
            if line["number"] not in numbers and line["kind"] != IMPROVEMENT
        ]
    found += _improved(improvements.waiting(session, before=plan.code), plan, found, language)
    return found


def _line(line: Line, language: str) -> dict[str, Any]:
    return {
        "number": line.number,
        "kind": line.kind,
        "title": in_words(line.title, language),
        "detail": in_words(line.detail, language),
        "object_kind": line.object_kind,
        "object": line.object,
        "rule": line.rule,
        "working_day": line.working_day,
        "lead_days": line.lead_days,
        "owner": line.owner,
        "checker": line.checker,
        "output": in_words(line.output, language),
        "source": "",
    }


def _improved(
    proposed: Sequence[Improvement], plan: Plan, lines: Sequence[Mapping[str, Any]], language: str
) -> Iterator[dict[str, Any]]:
    """Make a line of each proposal, and keep with it which plan took it up."""
    policy, last = plan_policy().plan, _last_number(lines)
    for offset, one in enumerate(proposed, 1):
        number = f"{last + offset:02}"
        one.taken_into, one.taken_item = plan.code, number
        source = label(language, one.source, "source")
        yield {
            "number": number,
            "kind": IMPROVEMENT,
            "title": one.text[:LINE_TITLE],
            "detail": one.text,
            "object_kind": "organisation",
            "object": "",
            "rule": policy.improvement_rule,
            "working_day": -1,
            "lead_days": 20,
            "owner": policy.improvement_owner,
            "checker": "quality_head",
            "output": say(language, "Record of the improvement"),
            "source": f"{source} {one.ref}"[:300],
        }


def _last_number(lines: Sequence[Mapping[str, Any]]) -> int:
    return max((int(one["number"]) for one in lines if one["number"].isdecimal()), default=0)


def _projects(session: Session, year: int) -> Sequence[Project]:
    """Return the projects under contract on any day of the year."""
    return [
        project
        for project in session.exec(select(Project).order_by(col(Project.code)))
        if (project.start is None or project.start.year <= year)
        and (project.end is None or project.end.year >= year)
    ]


def is_draft(plan: Plan | None) -> bool:
    """Whether a version may still be changed."""
    return plan is not None and plan.state is PlanState.DRAFT
