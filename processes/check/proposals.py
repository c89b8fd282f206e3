"""What checks teach the next plan (检查改进建议): the points most often found nonconforming.

A point found so three times in a year is no slip of one project any more: it is proposed for
the next annual plan, with the projects where it was found. Once a year and point.
"""

from collections import defaultdict
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from config.current import current
from config.language import listed, say
from models.base import table_of
from models.check import Check, CheckLine
from models.engine import transaction
from processes.check.statistics import point_words
from processes.improvement import proposals as improvements
from rules.check import CheckState, Result

SOURCE: Final = "quality_check"
LEAST: Final = 3  # findings of one point in one year
MOST_NAMED: Final = 5  # projects in the text
TEXT: Final = (
    "“{point}” was found nonconforming {count} times by project quality checks of {year}"
    " (projects {projects}): look into the common cause and plan against it."
)


@transaction
def propose(session: Session, at: datetime) -> int:
    """Propose what the checks of this year have found often; return how many are new."""
    year = current().calendar.day(at).year
    language = current().settings.language
    words = point_words(session, language)
    new = 0
    for point, projects in sorted(_found(session, year).items()):
        if len(projects) < LEAST:
            continue
        named = sorted(set(projects), key=lambda one: (-projects.count(one), one))[:MOST_NAMED]
        text = say(
            language,
            TEXT,
            point=words.get(point, point),
            count=len(projects),
            year=year,
            projects=listed(language, named),
        )
        new += improvements.propose(
            session, source=SOURCE, ref=point, text=text, cycle=str(year), at=at
        )
    return new


def _found(session: Session, year: int) -> dict[str, list[str]]:
    """Return the projects in which each point was found nonconforming that year, once a time."""
    check, line = table_of(Check), table_of(CheckLine)
    rows = session.execute(
        sa.select(line.c.point, check.c.project)
        .join(check, check.c.id == line.c.check_id)
        .where(
            line.c.result == Result.NONCONFORMING,
            check.c.state == CheckState.DONE,
            check.c.performed_on >= date(year, 1, 1),
            check.c.performed_on <= date(year, 12, 31),
        )
    )
    found: dict[str, list[str]] = defaultdict(list)
    for point, project in rows:
        found[point].append(project)
    return found
