"""The annual plan on paper (年度计划导出): a Word document and an Excel workbook."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.current import current
from config.language import label, say
from processes.paper import files as documents
from processes.paper.files import Column, Sheet
from processes.plan import registers as registers_plan
from processes.plan.reading import MONTHS, LineRead, PlanRead, of_plan, times
from processes.register.query import Filters


def word(code: str, *, at: datetime, language: str, version: int | None = None) -> bytes:
    """Return the plan as a Word document."""
    return documents.word(
        "plan", _data(of_plan(code, at=at, language=language, version=version), language), language
    )


def excel(code: str, *, at: datetime, language: str, version: int | None = None) -> bytes:
    """Return the plan as a workbook: the year by months, the activities, objectives, changes."""
    read = of_plan(code, at=at, language=language, version=version)
    sheets = [
        _year(read, language),
        _activities(read, at, language),
        _objectives(read, language),
        _changes(read, language),
    ]
    return documents.excel(sheets, organisation=current().settings.organisation, language=language)


def _data(read: PlanRead, language: str) -> Mapping[str, Any]:
    plan = read.plan
    return {
        "organisation": current().settings.organisation,
        "title": plan.title,
        "number": plan.number,
        "version": str(plan.version),
        "year": str(plan.year),
        "state": label(language, plan.state, "plan_state"),
        "in_force": _day(plan.in_force_at),
        "readers": ("、" if language == "zh" else ", ").join(read.readers),
        "purpose": plan.purpose.splitlines(),
        "scope": plan.scope.splitlines(),
        "objectives": [
            {"no": str(n), **{k: str(one.get(k, "")) for k in OBJECTIVE}}
            for n, one in enumerate(plan.objectives, 1)
        ],
        "roles": [{k: str(one.get(k, "")) for k in ("role", "duty")} for one in plan.roles],
        "items": [_item(line) for line in read.lines],
        "improvements": read.improvements,
        "changes": [one for one in read.versions if int(one["version"]) <= plan.version],
        "received": read.received,
        "signatures": read.signatures,
    }


OBJECTIVE = ("indicator", "definition", "target", "period")


def _item(line: LineRead) -> dict[str, str]:
    return {
        "no": line.number,
        "kind": line.kind,
        "title": f"{line.title}\n{line.detail}"
        if line.detail not in {"", line.title}
        else line.title,
        "object": line.object,
        "frequency": line.frequency,
        "owner": line.owner,
        "checker": line.checker or "–",
        "output": line.output,
        "times": str(sum(times(line).values())),
    }


def _year(read: PlanRead, language: str) -> Sheet:
    """The year at a glance: lines down, months across, the planned days in the cells."""
    heads = [
        Column(title=say(language, "No."), width=6),
        Column(title=say(language, "Activity of the plan"), width=34),
        Column(title=say(language, "Object"), width=14),
        Column(title=say(language, "Frequency"), width=26),
        Column(title=say(language, "Carried out by"), width=14),
        Column(title=say(language, "Checked by"), width=14),
        Column(title=say(language, "Output record"), width=22),
    ]
    months = [Column(title=say(language, "Month {n}", n=n), width=7) for n in MONTHS]
    rows = [
        [
            line.number,
            line.title,
            line.object,
            line.frequency,
            line.owner,
            line.checker,
            line.output,
            *(_cell(line, month) for month in MONTHS),
        ]
        for line in read.lines
    ]
    signed = [(one["step"], f"{one['name']} {one['at']}".strip()) for one in read.signatures]
    facts = [
        (say(language, "Document number"), read.plan.number),
        (say(language, "Version"), str(read.plan.version)),
        *signed,
    ]
    return Sheet(
        name=say(language, "Activities of the year"),
        title=read.plan.title,
        columns=[*heads, *months],
        rows=rows,
        facts=facts,
    )


def _cell(line: LineRead, month: int) -> str:
    return "\n".join(f"{on.day}" for on in line.days.get(month, ())[:5])


def _activities(read: PlanRead, at: datetime, language: str) -> Sheet:
    found = registers_plan.activities(Filters(subject=read.plan.code), at=at).rows
    columns = [
        Column(title=say(language, "Code"), width=26),
        Column(title=say(language, "Activity of the plan"), width=40),
        Column(title=say(language, "First planned on"), width=12, kind="date"),
        Column(title=say(language, "Planned on"), width=12, kind="date"),
        Column(title=say(language, "State"), width=10),
        Column(title=say(language, "Done on"), width=12, kind="date"),
        Column(title=say(language, "Carried out by"), width=14),
        Column(title=say(language, "Record"), width=24),
        Column(title=say(language, "Remarks"), width=24),
    ]
    rows = [
        [
            one.code,
            one.title,
            one.first_planned_on,
            one.planned_on,
            say(language, "Late") if one.late else label(language, one.state, "activity_state"),
            one.done_on,
            one.owner_name or label(language, one.owner, "role"),
            one.record,
            say(language, one.cancel_reason) if one.cancel_reason else "",
        ]
        for one in found
    ]
    name = say(language, "Dated activities")
    return Sheet(name=name, title=f"{read.plan.title} · {name}", columns=columns, rows=rows)


def _objectives(read: PlanRead, language: str) -> Sheet:
    name = say(language, "Quality objectives")
    heads = ("Indicator of the objective", "How it is counted", "Target value", "Measured every")
    return Sheet(
        name=name,
        title=f"{read.plan.title} · {name}",
        columns=[Column(title=say(language, head), width=30) for head in heads],
        rows=[[str(one.get(k, "")) for k in OBJECTIVE] for one in read.plan.objectives],
    )


def _changes(read: PlanRead, language: str) -> Sheet:
    name = say(language, "Changes of this plan")
    heads = ("Version", "State", "What was changed and why", "Drawn up", "Reviewed", "Approved")
    rows = [
        [
            one["version"],
            label(language, one["state"], "plan_state"),
            *(one[k] for k in ("reason", "author", "reviewer", "approver")),
        ]
        for one in read.versions
    ]
    return Sheet(
        name=name,
        title=f"{read.plan.title} · {name}",
        columns=[Column(title=say(language, head), width=24) for head in heads],
        rows=rows,
    )


def _day(at: datetime | None) -> str:
    return current().calendar.day(at).isoformat() if at else "–"
