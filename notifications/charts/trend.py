"""A line over time (趋势图): values, target, what is usual, and the periods that are not.

The scale begins where the values do, not at zero: 98.5 against 99.0 is the difference that
matters. It is written at the side, so nobody takes a small change for a collapse.
"""

from collections.abc import Callable, Sequence
from typing import Final

from config.language import say
from notifications.charts import marks
from notifications.charts.series import Limits, Number, Point, known, shown, spoken, unbroken
from notifications.charts.svg import (
    BAD,
    GRID,
    INK,
    MUTED,
    drawing,
    element,
    path,
    rule,
    text,
    ticks,
)

WIDTH: Final = 360.0
HEIGHT: Final = 220.0
LEFT: Final = 44.0
RIGHT: Final = 350.0
TOP: Final = 34.0
FOOT: Final = 168.0
MOST_LABELS: Final = 6
NO_DATA: Final = "No data"

Y = Callable[[Number], float]


def line_trend(
    points: Sequence[Point],
    *,
    title: str,
    language: str,
    unit: str = "",
    target: Sequence[Number | None] | Number | None = None,
    target_label: str = "",
    limits: Limits | None = None,
    description: str = "",
) -> str:
    """Return the chart of one indicator or figure.

    `target` is one number, or one a period where it changed; `target_label` is how it reads
    (≥ 95 %). Without `description` the values are told in a sentence made from them.
    """
    targets = _each(target, len(points))
    y, grid = _scale(points, targets, limits)
    x = _places(len(points))
    places = [
        None if point.value is None else (x(n), y(point.value)) for n, point in enumerate(points)
    ]
    empty = not known([point.value for point in points])
    parts = [
        text(8, 18, title, room=WIDTH - 16, size=13, fill=INK, font_weight="bold"),
        *([] if empty and not known(targets) else _grid(grid, y, unit)),
        *_usual(limits, x, y),
        *_target(targets, x, y),
        *marks.line_and_marks(points, places, radius=2.8, stroke=1.6),
        marks.gaps([(x(n), FOOT - 5) for n, p in enumerate(points) if p.value is None], 3),
        *_periods(points, x),
        *_legend(points, language, target_label, limits),
    ]
    if empty:
        middle = (LEFT + RIGHT) / 2
        nothing = say(language, NO_DATA)
        parts.append(text(middle, 104, nothing, size=13, fill=MUTED, text_anchor="middle"))
    told = description or spoken(points, language, target=target_label, unit=unit)
    return drawing(WIDTH, HEIGHT, parts, title=title, description=told, class_="chart")


def _each(target: Sequence[Number | None] | Number | None, n: int) -> list[Number | None]:
    return list(target) if isinstance(target, Sequence) else [target] * n


def _scale(
    points: Sequence[Point], targets: Sequence[Number | None], limits: Limits | None
) -> tuple[Y, list[float]]:
    """Return where a value stands, and the round numbers at the side."""
    usual = [*limits.lower, *limits.upper] if limits else []
    values = known([*(point.value for point in points), *targets, *usual]) or [0.0, 1.0]
    low, high = min(values), max(values)
    if low == high:
        low, high = low - max(abs(low) * 0.02, 0.5), high + max(abs(high) * 0.02, 0.5)
    grid = ticks(low, high)
    bottom, top = grid[0], grid[-1]

    def y(value: Number) -> float:
        return FOOT - (float(value) - bottom) / (top - bottom) * (FOOT - TOP)

    return y, grid


def _places(n: int) -> Callable[[int], float]:
    step = (RIGHT - LEFT - 16) / max(n - 1, 1)
    first = LEFT + 8 if n > 1 else (LEFT + RIGHT) / 2
    return lambda nth: first + nth * step


def _grid(grid: Sequence[float], y: Y, unit: str) -> list[str]:
    return [
        part
        for value in grid
        for part in (
            rule(LEFT, RIGHT, y(value), stroke=GRID),
            text(
                LEFT - 5,
                y(value) + 4,
                shown(value, "%" if unit == "%" else ""),
                fill=MUTED,
                text_anchor="end",
            ),
        )
    ]


def _usual(limits: Limits | None, x: Callable[[int], float], y: Y) -> list[str]:
    """Draw what is usual: its middle thin, its borders dotted."""
    if limits is None:
        return []
    drawn = []
    borders = ((limits.centre, None), (limits.lower, "1.5 3"), (limits.upper, "1.5 3"))
    for values, dashes in borders:
        places = [None if v is None else (x(n), y(v)) for n, v in enumerate(values)]
        d = "".join(path(stretch) for stretch in unbroken(places))
        if d:
            drawn.append(element("path", d=d, fill="none", stroke=MUTED, stroke_dasharray=dashes))
    return drawn


def _target(targets: Sequence[Number | None], x: Callable[[int], float], y: Y) -> list[str]:
    """Draw the target dashed, with a step where it changed."""
    half = (x(1) - x(0)) / 2 if len(targets) > 1 else (RIGHT - LEFT) / 2
    places: list[tuple[float, float] | None] = []
    for n, value in enumerate(targets):
        if value is None:
            places.append(None)
        else:
            edges = (max(x(n) - half, LEFT), min(x(n) + half, RIGHT))
            places += [(edges[0], y(value)), (edges[1], y(value))]
    d = "".join(path(stretch) for stretch in unbroken(places))
    if not d:
        return []
    dashed = {"stroke_width": 1.4, "stroke_dasharray": "6 3"}
    return [element("path", d=d, fill="none", stroke=BAD, **dashed)]


def _periods(points: Sequence[Point], x: Callable[[int], float]) -> list[str]:
    """Name as many periods as stand beside one another, the last one always."""
    every = max(1, -(-len(points) // MOST_LABELS))
    last = len(points) - 1
    return [
        text(
            min(max(x(n), LEFT + 14), RIGHT - 14),
            FOOT + 15,
            point.label,
            size=10,
            fill=MUTED,
            text_anchor="middle",
        )
        for n, point in enumerate(points)
        if (last - n) % every == 0
    ]


def _legend(
    points: Sequence[Point], language: str, target_label: str, limits: Limits | None
) -> list[str]:
    """Say what the signs mean, only those that occur."""
    signs = []
    if target_label:
        said = say(language, "Target {target}", target=target_label)
        signs.append((rule(0, 16, 0, stroke=BAD, stroke_width=1.4, stroke_dasharray="6 3"), said))
    if limits is not None and known(limits.upper):
        said = say(language, "usual range")
        signs.append((rule(0, 16, 0, stroke=MUTED, stroke_dasharray="1.5 3"), said))
    signs += [(sign, said) for there, sign, said in _occurring(points, language) if there]
    return [
        element("g", sign + text(20, 4, said, room=94, size=10.5, fill=INK), transform=_at(n))
        for n, (sign, said) in enumerate(signs)
    ]


def _occurring(points: Sequence[Point], language: str) -> list[tuple[bool, str, str]]:
    one = [Point(label="", value=0, missed=True)]
    other = [Point(label="", value=0, special=True)]
    return [
        (
            any(point.missed for point in points),
            "".join(marks.line_and_marks(one, [(8, 0)], radius=2.8, stroke=1.6)),
            say(language, "missed"),
        ),
        (
            any(point.special for point in points),
            "".join(marks.line_and_marks(other, [(8, 0)], radius=2.8, stroke=1.6)),
            say(language, "special"),
        ),
        (
            any(point.value is None for point in points),
            marks.gaps([(8, 0)], 3),
            say(language, NO_DATA),
        ),
    ]


def _at(nth: int) -> str:
    """Return the place of a sign in the legend: three a row."""
    row, place = divmod(nth, 3)
    return f"translate({8 + place * 118} {198 + row * 15})"
