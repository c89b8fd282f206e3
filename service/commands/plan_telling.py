"""Plans, activities and whole cycles as a person reads them in a terminal (计划与周期展示)."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer

from service.commands import showing
from service.commands.wording import language, t


def show(code: str, *, at: datetime, zone: ZoneInfo, json: bool) -> bool:
    """Print the cycle or activity of this code; False if there is none."""
    from processes.cycle import walk as cycle_walk
    from processes.plan import registers as registers_plan
    from processes.register.query import Filters
    from processes.register.rows import plain

    if cycle_walk.is_cycle(code):
        import processes.cycle.walkers  # noqa: F401 - registers what activities led to

        walk = cycle_walk.walk(code, at=at)
        if json:
            own = {"kind": "cycle", "cycle_kind": walk.kind, "stages": dict(walk.stages)}
            showing.as_json({**plain(asdict(walk), zone), **own})
        else:
            _tell(walk, zone)
        return True
    found = registers_plan.activities(Filters(subject=code), at=at, limit=1).rows
    if not found or found[0].code != code:
        return False
    if json:
        showing.as_json({"kind": "activity", **plain(asdict(found[0]), zone)})
    else:
        _activity(found[0], zone)
    return True


def export(code: str, *, at: datetime, word: Path | None, excel: Path | None) -> None:
    """Write a plan as Word, as Excel, or both."""
    from processes.plan import papers as plan_documents

    if word is None and excel is None:
        raise typer.BadParameter(t("name a file: --word or --excel"))
    if word is not None:
        word.write_bytes(plan_documents.word(code, at=at, language=language()))
        showing.line(str(word))
    if excel is not None:
        excel.write_bytes(plan_documents.excel(code, at=at, language=language()))
        showing.line(str(excel))


def _tell(walk: Any, zone: ZoneInfo) -> None:
    from service.commands import telling

    showing.line(f"{walk.code}  {showing.called(walk.kind, 'cycle_kind')}")
    telling.tell_facts(
        ("Starts on", showing.cell(walk.starts_on, zone)),
        ("Ends on", showing.cell(walk.ends_on, zone)),
        ("Plan of the year", _plan(walk)),
        ("Next plan", _next(walk)),
    )
    showing.table(
        [t("Stage"), t("How many")],
        ((showing.called(stage, "stage"), str(count)) for stage, count in walk.stages),
        title=t("From the plan to the next plan"),
    )
    heads = ("No.", "Activity of the plan", "Planned", "Done", "Late", "Cancelled", "Records")
    showing.table(
        [t(head) for head in heads],
        (
            (
                line.number,
                line.title,
                str(line.progress.planned),
                str(line.progress.done),
                str(line.progress.late),
                str(line.progress.cancelled),
                ", ".join(step.code for step in line.steps[-5:]),
            )
            for line in walk.lines
        ),
        title=t("Lines of the plan"),
    )
    _matters(walk, zone)


def _matters(walk: Any, zone: ZoneInfo) -> None:
    heads = ("Code", "Title", "Record", "Corrective action", "Carried out", "Verified", "State")
    showing.table(
        [t(head) for head in heads],
        (
            (
                one.code,
                one.title,
                one.source_record or "",
                one.action,
                showing.cell(one.done_at, zone),
                showing.cell(one.verified_at, zone),
                showing.called(one.state, "nonconformity_state"),
            )
            for one in walk.nonconformities
        ),
        title=t("Nonconformities"),
    )
    showing.table(
        [t("Source"), t("Proposal"), t("Taken up in line")],
        (
            (
                f"{showing.called(one.source, 'source')} {one.ref}",
                one.text,
                f"{one.taken_into or ''} {one.taken_item or ''}".strip(),
            )
            for one in walk.improvements
        ),
        title=t("Improvements"),
    )


def _plan(walk: Any) -> str:
    if walk.plan is None:
        return ""
    state = showing.called(walk.plan_state, "plan_state")
    return t(
        "{code}, version {version}, {state}", code=walk.plan, version=walk.plan_version, state=state
    )


def _next(walk: Any) -> str:
    if walk.next_plan is None:
        return ""
    return f"{walk.next_plan} {showing.called(walk.next_state, 'plan_state')}"


def _activity(row: Any, zone: ZoneInfo) -> None:
    from service.commands import telling

    showing.line(f"{row.code}  {row.title}")
    telling.tell_facts(
        ("State", showing.called(row.state, "activity_state")),
        ("First planned on", showing.cell(row.first_planned_on, zone)),
        ("Planned on", showing.cell(row.planned_on, zone)),
        ("Owner", row.owner_name or row.owner),
        ("Due", showing.cell(row.due_at, zone)),
        ("Done on", showing.cell(row.done_on, zone)),
        ("Record", row.record),
        ("Cancelled because", t(row.cancel_reason) if row.cancel_reason else ""),
    )
