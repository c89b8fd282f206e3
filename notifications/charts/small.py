"""The same line, small (小图): for a page on which two hundred stand side by side.

No numbers at the side: the row beside it has them. The target is a dashed line, a missed one a
square, a special cause a ring, a missing period a cross at the foot.
"""

from collections.abc import Sequence
from typing import Final

from notifications.charts import marks
from notifications.charts.series import Number, Point, known, spoken
from notifications.charts.svg import BAD, GRID, drawing, rule

WIDTH: Final = 160.0
HEIGHT: Final = 44.0
EDGE: Final = 6.0


def small_multiple(
    points: Sequence[Point],
    *,
    title: str,
    language: str,
    target: Number | None = None,
    target_label: str = "",
    unit: str = "",
    description: str = "",
) -> str:
    """Return the small chart; it is told in a sentence as the large one is."""
    values = known([*(point.value for point in points), target])
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    spread = (high - low) or 1.0
    step = (WIDTH - 2 * EDGE) / max(len(points) - 1, 1)

    def y(value: Number) -> float:
        return HEIGHT - EDGE - (float(value) - low) / spread * (HEIGHT - 2 * EDGE)

    places = [
        None if point.value is None else (EDGE + n * step, y(point.value))
        for n, point in enumerate(points)
    ]
    missing = [(EDGE + n * step, HEIGHT - 3) for n, p in enumerate(points) if p.value is None]
    dashed = {"stroke": BAD, "stroke_dasharray": "4 2"}
    parts = [
        rule(0, WIDTH, HEIGHT - 0.5, stroke=GRID),
        rule(0, WIDTH, y(target), **dashed) if target is not None else "",
        *marks.line_and_marks(points, places, radius=1.7, stroke=1.2),
        marks.gaps(missing, 2),
    ]
    told = description or spoken(points, language, target=target_label, unit=unit)
    return drawing(WIDTH, HEIGHT, parts, title=title, description=told, class_="chart small")
