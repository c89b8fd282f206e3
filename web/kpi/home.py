"""What indicators add to the home (首页): which targets are missed now."""

from datetime import datetime
from typing import Final

from notifications.charts.series import shown
from processes.duty import sight as area
from processes.kpi import board as kpi_board
from processes.kpi.board import CellState, Wanted
from processes.organisation import registers as organisation_registers
from processes.register.query import Filters
from web.frame import edge
from web.frame.session import Reader
from web.kpi.board import chart, counts, scope_name
from web.plug import Panel

PERIODS: Final = 12  # of the small charts
AT_ONCE: Final = 10


def missed(reader: Reader, language: str, at: datetime) -> Panel | None:
    """Return the indicators whose last judged period is a miss; None where there are none."""
    people = area.people_of(reader.id)
    found = kpi_board.read(Wanted(periods=PERIODS, missed_only=True), at=at, people=people).rows
    if not found:
        return None
    projects = organisation_registers.projects(Filters(), at=edge.EPOCH).rows
    names = {project.code: project.name for project in projects}
    return Panel(
        template="home_missed.html",
        facts={
            "total": len(found),
            "rows": [
                {
                    "code": row.series.code,
                    "name": row.series.name_en
                    if language == "en" and row.series.name_en
                    else row.series.name,
                    "scope": "" if not scope_name(row.series.scope, names) else row.series.scope,
                    "scope_name": scope_name(row.series.scope, names),
                    "owner": row.series.owner_name,
                    "value": shown(cell.value, row.series.unit),
                    "counts": counts(cell),
                    "period": cell.period,
                    "target": row.target,
                    "times": sum(one.state is CellState.MISSED for one in row.cells),
                    "chart": chart(row, language),
                }
                for row in found[:AT_ONCE]
                if (cell := row.newest) is not None
            ],
        },
    )
