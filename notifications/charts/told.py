"""A chart from the facts that a line keeps (随信图表): the same facts are the same picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from notifications.charts.raster import PICTURE_WIDTH, png
from notifications.charts.series import Limits, Point, spoken
from notifications.charts.trend import line_trend
from rules.text import line


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of a letter: what `cid:` names it, its bytes, and the same in words."""

    cid: str
    title: str
    alt: str
    png: bytes
    width: int = PICTURE_WIDTH


def trend(facts: Mapping[str, Any], language: str, *, description: str = "") -> str:
    """Return the trend that these facts describe, as SVG."""
    points = points_of(facts)
    usual = facts.get("limits")
    return line_trend(
        points,
        title=facts["title"],
        language=language,
        unit=facts["unit"],
        target=facts["targets"],
        target_label=facts["target_label"],
        limits=_limits(usual) if usual else None,
        description=description,
    )


def points_of(facts: Mapping[str, Any]) -> list[Point]:
    """Return the periods of a chart's facts."""
    return [
        Point(label=label, value=value, missed=missed, special=special)
        for label, value, missed, special in facts["points"]
    ]


def picture(facts: Mapping[str, Any], language: str) -> Picture:
    """Return the chart as a letter carries it."""
    told = spoken(points_of(facts), language, target=facts["target_label"], unit=facts["unit"])
    svg = trend(facts, language, description=told)
    return Picture(
        cid=f"{sha256(svg.encode()).hexdigest()[:24]}@pdca",
        title=line(facts["title"]),
        alt=told,
        png=png(svg),
    )


def _limits(usual: list[list[float | None] | None]) -> Limits:
    rows = [one or [None, None, None] for one in usual]
    return Limits(
        centre=[row[0] for row in rows],
        lower=[row[1] for row in rows],
        upper=[row[2] for row in rows],
    )
