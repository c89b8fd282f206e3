"""Statistics of checks (检查统计): conformity by point, project, unit and month.

One query, added up by `rules/check_figures.py`; the words of the points are those of the newest
sheet that has them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.language import say
from models.base import table_of
from models.check import Check, CheckLine, CheckSheetVersion
from models.engine import reading
from models.organisation import Project, Unit
from notifications.charts import Bar, Point, bar_pareto, line_trend
from processes.check.registers import unit_and_below
from rules import check_figures as rule
from rules.check import CheckState, Result
from rules.check_figures import Counted, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which finished checks are counted; None is all. Days are those of the check itself."""

    project: str | None = None
    unit: str | None = None
    kind: str | None = None
    first: date | None = None
    last: date | None = None
    people: frozenset[int] | None = None  # whose checks a reader may see


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table: a code, what it is called, what was found."""

    code: str
    name: str
    found: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures, and the two pictures of them as SVG."""

    whole: Tally
    points: tuple[Row, ...]
    projects: tuple[Row, ...]
    units: tuple[Row, ...]
    months: tuple[Row, ...]
    pareto: str
    trend: str


def statistics(wanted: Wanted, language: str) -> Statistics:
    """Return what the finished checks came to."""
    with reading() as session:
        counted = _counted(session, wanted)
        words = point_words(session, language)
        projects = dict(session.exec(select(Project.code, Project.name)).all())
        units = dict(session.exec(select(Unit.code, Unit.name)).all())
    points = rule.by(counted, "point")
    months = rule.by(counted, "month")
    return Statistics(
        whole=rule.tally(counted),
        points=tuple(
            sorted(_rows(points, words), key=lambda row: (-row.found.nonconforming, row.code))
        ),
        projects=_worst_first(_rows(rule.by(counted, "project"), projects)),
        units=_worst_first(_rows(rule.by(counted, "unit"), units)),
        months=_rows(months, {}),
        pareto=bar_pareto(
            [Bar(label=words.get(key, key), count=f.nonconforming) for key, f in points.items()],
            title=say(language, "Points most often nonconforming"),
            language=language,
        ),
        trend=line_trend(
            [Point(label=month, value=found.rate) for month, found in months.items()],
            title=say(language, "Conformity by month"),
            language=language,
            unit="%",
        ),
    )


def point_words(session: Session, language: str) -> dict[str, str]:
    """Return what each point is called, by the newest sheet that has it."""
    rows = session.exec(select(CheckSheetVersion).order_by(col(CheckSheetVersion.version)))
    return {point["key"]: point[language]["point"] for row in rows for point in row.body["points"]}


def _counted(session: Session, wanted: Wanted) -> list[Counted]:
    check, line = table_of(Check), table_of(CheckLine)
    year = sa.extract("year", check.c.performed_on)
    month = sa.extract("month", check.c.performed_on)
    groups = (line.c.point, check.c.project, check.c.unit, year, month, line.c.result)
    query = (
        sa.select(*groups, sa.func.count())
        .join(check, check.c.id == line.c.check_id)
        .where(check.c.state == CheckState.DONE, *_where(check, wanted))
        .group_by(*groups)
    )
    return [
        Counted(
            point=point,
            project=project,
            unit=unit,
            month=f"{int(y)}-{int(m):02}",
            result=Result(result),
            count=count,
        )
        for point, project, unit, y, m, result, count in session.execute(query)
    ]


def _where(check: sa.Table, wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.project:
        found.append(check.c.project == wanted.project)
    if wanted.kind:
        found.append(check.c.kind == wanted.kind)
    if wanted.unit:
        found.append(check.c.unit.in_(unit_and_below(wanted.unit)))
    if wanted.first:
        found.append(check.c.performed_on >= wanted.first)
    if wanted.last:
        found.append(check.c.performed_on <= wanted.last)
    if wanted.people is not None:
        mine = check.c.inspector_id.in_(wanted.people) | check.c.manager_id.in_(wanted.people)
        found.append(mine)
    return found


def _rows(tallies: dict[str, Tally], names: dict[str, str]) -> tuple[Row, ...]:
    return tuple(
        Row(code=code, name=names.get(code, code), found=found) for code, found in tallies.items()
    )


def _worst_first(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the least conforming first; what was not checked comes last."""

    def rank(row: Row) -> tuple[bool, Any, str]:
        return (row.found.rate is None, row.found.rate or 0, row.code)

    return tuple(sorted(rows, key=rank))
