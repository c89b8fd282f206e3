"""What stands beside the forms about plans and activities (计划待办旁注).

Whoever reviews or approves sees the plan itself, and of a change what is different, without
signing in anywhere else: the letter's link is enough.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session, col, select

from config.language import say, show_date
from models import people
from models.duty import Duty
from models.plan import Activity, ActivityChange, Plan
from processes.duty import beside
from processes.duty.beside import Fact
from processes.plan import reading as plan_reading
from processes.plan import recurrence, rows
from processes.plan.rows import KIND
from rules.organisation import Organisation
from rules.words import DutyKind

DOCUMENT: Final = (
    DutyKind.DRAW_UP,
    DutyKind.REVIEW,
    DutyKind.APPROVE,
    DutyKind.REVISE,
    DutyKind.READ,
)


def plan(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return the plan that is drawn up, judged or received, line by line."""
    found = rows.latest(session, duty.subject) if duty.subject_kind == KIND else None
    if found is None:
        return []
    organisation = people.organisation(session)
    facts = [
        (say(language, "Document number"), found.number),
        (say(language, "Version"), str(found.version)),
        *(
            [(say(language, "Reason of the change"), found.change_reason)]
            if found.change_reason
            else []
        ),
        (say(language, "Scope"), found.scope),
        (say(language, "Quality objectives"), _objectives(found)),
    ]
    before = _before(session, found)
    for line in rows.lines(session, found):
        mark = _mark(language, line, before)
        facts.append(
            (f"{line['number']} {line['title']}{mark}", _said(language, line, organisation))
        )
    gone = set(before) - {line["number"] for line in rows.lines(session, found)}
    facts += [
        (f"{number} {before[number]['title']}", say(language, "left out"))
        for number in sorted(gone)
    ]
    return facts


def activity(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return what the plan says of an activity, and what was done so far."""
    found = session.exec(select(Activity).where(col(Activity.code) == duty.subject)).first()
    if found is None:
        return []
    facts = [
        (say(language, "Planned on"), show_date(language, found.planned_on)),
        (say(language, "In detail"), found.detail),
        (say(language, "Output record"), found.output),
    ]
    if found.first_planned_on != found.planned_on:
        facts.append(
            (say(language, "First planned on"), show_date(language, found.first_planned_on))
        )
    if duty.kind == DutyKind.CHECK_ACTIVITY:
        facts.append((say(language, "Result"), found.result))
        facts.append((say(language, "Record"), found.record))
    return [one for one in facts if one[1]]


def change(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return what change of an activity is asked for, by whom and why."""
    asked = session.exec(
        select(ActivityChange).where(col(ActivityChange.duty_id) == duty.id)
    ).first()
    if asked is None:
        return []
    posts = people.organisation(session).posts
    wanted = show_date(language, asked.until) if asked.until else say(language, "To be cancelled")
    return [
        (say(language, "Asked by"), posts[asked.asked_by_id].name),
        (say(language, "Planned on"), show_date(language, asked.was_planned_on)),
        (say(language, "New day"), wanted),
        (say(language, "Reason"), asked.reason),
    ]


def _before(session: Session, plan: Plan) -> dict[str, Mapping[str, Any]]:
    """Return the lines of the version before, by number; empty for a first version."""
    if plan.version == 1:
        return {}
    earlier = rows.by_code(session, plan.code, plan.version - 1)
    return {line["number"]: line for line in rows.lines(session, earlier)}


def _mark(language: str, line: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    if not before or before.get(line["number"]) == line:
        return ""
    said = "(changed)" if line["number"] in before else "(new)"
    return " " + say(language, said)


def _objectives(plan: Plan) -> str:
    return "\n".join(
        f"{one.get('indicator', '')} {one.get('target', '')}" for one in plan.objectives
    )


def _said(language: str, line: Mapping[str, Any], organisation: Organisation) -> str:
    who = plan_reading.who(language, line["owner"], organisation)
    parts = [recurrence.described(language, line["rule"], line["working_day"]), who]
    if line["checker"]:
        checker = plan_reading.who(language, line["checker"], organisation)
        parts.append(say(language, "checked by {name}", name=checker))
    return " · ".join([*parts, line["output"]] if line["output"] else parts)


for _kind in DOCUMENT:
    beside.FACTS.setdefault(_kind, []).append(plan)
for _kind in (DutyKind.CARRY_OUT, DutyKind.HOLD_REVIEW, DutyKind.CHECK_ACTIVITY):
    beside.FACTS.setdefault(_kind, []).append(activity)
beside.FACTS.setdefault(DutyKind.DECIDE_CHANGE, []).append(change)
