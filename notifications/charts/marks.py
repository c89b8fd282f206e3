"""The marks of a line over time (标记): a dot, a square where the target was missed, a ring.

Many marks of one kind are one path: two hundred charts stand on one page.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from notifications.charts.series import Point, unbroken
from notifications.charts.svg import BAD, LINE, SPECIAL, element, number, path

Place = tuple[float, float]
NEAR: Final = 1.8  # of the ring's radius to the mark's


def line_and_marks(
    points: Sequence[Point], places: Sequence[Place | None], *, radius: float, stroke: float
) -> list[str]:
    """Return the line with its gaps, and a mark on every value."""
    both = [(point, place) for point, place in zip(points, places, strict=True) if place]
    met = [place for point, place in both if not point.missed]
    missed = [place for point, place in both if point.missed]
    special = [place for point, place in both if point.special]
    return [
        _path("".join(path(stretch) for stretch in unbroken(places)), stroke=LINE, width=stroke),
        _path(dots(met, radius), fill=LINE),
        _path(squares(missed, radius * 1.15), fill="#fff", stroke=BAD, width=stroke * 1.1),
        _path(dots(special, radius * NEAR), stroke=SPECIAL, width=stroke * 1.1),
    ]


def dots(places: Iterable[Place], radius: float) -> str:
    """Return round marks as one path."""
    r, d = number(radius), number(2 * radius)
    round_ = f"a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0"
    return "".join(f"M{number(x - radius)} {number(y)}{round_}" for x, y in places)


def squares(places: Iterable[Place], half: float) -> str:
    """Return square marks as one path."""
    side = number(2 * half)
    return "".join(
        f"M{number(x - half)} {number(y - half)}h{side}v{side}h-{side}z" for x, y in places
    )


def gaps(places: Iterable[Place], radius: float) -> str:
    """Return a small cross at the foot of each period without data (缺数)."""
    r, d = radius, number(2 * radius)
    crosses = "".join(
        f"M{number(x - r)} {number(y - r)}l{d} {d}m0 -{d}l-{d} {d}" for x, y in places
    )
    return _path(crosses, stroke=SPECIAL, width=1)


def _path(d: str, *, fill: str = "none", stroke: str | None = None, width: float = 1) -> str:
    if not d:
        return ""
    more: dict[str, Any] = {"stroke": stroke, "stroke_width": width} if stroke else {}
    return element("path", d=d, fill=fill, **more)
