"""What the annual plan adds to the home (首页): how far this year's plan is."""

from datetime import datetime

from config.current import current
from models.engine import reading
from processes.plan import reading as plan_reading
from processes.plan import rows
from processes.plan.reading import Progress
from rules.words import Role
from web.frame.session import Reader
from web.plug import Panel

SHOWN = frozenset({Role.TOP_MANAGEMENT.value, Role.QUALITY.value, Role.QUALITY_HEAD.value})


def concerned(reader: Reader) -> bool:
    """Whether the reader answers for the plan of the whole."""
    return bool(reader.roles & SHOWN)


def progress(reader: Reader, language: str, at: datetime) -> Panel | None:
    """Return how far the plan in force is, by month; None where no plan is in force."""
    del reader, language
    code = str(current().calendar.day(at).year)
    with reading() as session:
        plan = rows.in_force(session, code)
        if plan is None:
            return None
        far = plan_reading.progress_by_line(session, plan, at)
    months = [
        (month, sum((line.get(month, Progress()) for line in far.values()), Progress()))
        for month in plan_reading.MONTHS
    ]
    return Panel(
        template="home_plan.html",
        facts={
            "code": code,
            "whole": sum((one for _, one in months), Progress()),
            "months": [(f"{code}-{month:02}", one) for month, one in months if one.planned],
        },
    )
