"""What the witness shows of indicators (指标见证): how each month stands, as a table."""

from datetime import datetime
from typing import Any

from config.current import current
from config.language import say
from processes.kpi.board import Attained
from tasks import special
from tasks.step import witnessed


async def show_attainment(at: datetime) -> None:
    """Leave the table of attainment by period, the latest month first."""
    if not witnessed():
        return
    months = await special.attainment(at)
    if not months:
        return
    from prefect.artifacts import acreate_table_artifact

    language = current().settings.language
    told = say(language, "Attainment of indicators by the month in which their periods ended")
    await acreate_table_artifact(
        [_row(language, month) for month in months], key="kpi-attainment", description=told
    )


def _row(language: str, month: Attained) -> dict[str, Any]:
    return {
        say(language, "Ended in"): month.month,
        say(language, "Attained"): "–" if month.share is None else f"{month.share}%",
        say(language, "Counts"): f"{month.met} / {month.judged}",
        say(language, "Missed"): month.missed,
        say(language, "Value missing"): month.missing,
        say(language, "Nothing to measure"): month.no_data,
        say(language, "Not due yet"): month.awaited,
    }
