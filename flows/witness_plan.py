"""What the witness shows of the plan (计划进展): a table artifact, a row a line."""

from typing import Any

from config.current import current
from config.language import say
from flows.witness import as_text
from processes.plan.reading import LineRead, PlanRead
from tasks.step import witnessed


async def show_plan(read: PlanRead | None) -> None:
    """Leave the table of planned, done, late and cancelled by line of the plan."""
    if read is None or not witnessed():
        return
    from prefect.artifacts import acreate_table_artifact

    language, far = current().settings.language, read.progress
    told = say(
        language,
        "{done} of {due} due are done, {late} late; {cancelled} cancelled",
        done=far.done,
        due=far.due,
        late=far.late,
        cancelled=far.cancelled,
    )
    rows = [_row(language, line) for line in read.lines]
    title = as_text(f"{read.plan.title} · {told}")
    await acreate_table_artifact(rows, key="plan-progress", description=title)


def _row(language: str, line: LineRead) -> dict[str, Any]:
    far = line.progress
    return {
        say(language, "No."): as_text(line.number),
        say(language, "Activity of the plan"): as_text(line.title),
        say(language, "Planned"): far.planned,
        say(language, "Done"): far.done,
        say(language, "Late"): far.late,
        say(language, "Cancelled"): far.cancelled,
    }
