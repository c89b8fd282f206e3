"""A Pareto (排列图): the most frequent first, and how much of the whole it is with those before.

Bars lie on their side: a phone has no room for words under standing ones. Bars beyond `most`
are added up as one, at the end, however large.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from config.language import listed, say
from notifications.charts import marks
from notifications.charts.svg import (
    GRID,
    INK,
    LINE,
    MUTED,
    SPECIAL,
    drawing,
    element,
    path,
    rule,
    text,
)

WIDTH: Final = 360.0
LEFT: Final = 8.0
RIGHT: Final = 306.0
TOP: Final = 46.0
ROW: Final = 34.0
TOLD: Final = 5  # bars that the sentence names


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One cause, clause or check item, and how often."""

    label: str
    count: int


def bar_pareto(
    bars: Sequence[Bar], *, title: str, language: str, most: int = 10, description: str = ""
) -> str:
    """Return the chart; bars without a count are left out."""
    rows = _sorted(bars, language, most)
    total = sum(bar.count for bar in rows)
    if not total:
        nothing = say(language, "There is nothing to show.")
        parts = [_title(title), text(LEFT, 60, nothing, size=12, fill=MUTED)]
        return drawing(WIDTH, 80, parts, title=title, description=nothing, class_="chart")
    shares = _shares(rows, total)
    high = TOP + ROW * len(rows) + 8
    parts = [_title(title), *_key(language), *_rows(rows, shares), *_climb(shares)]
    told = description or _spoken(rows, shares, total, language)
    return drawing(WIDTH, high, parts, title=title, description=told, class_="chart")


def _title(title: str) -> str:
    return text(LEFT, 18, title, room=WIDTH - 16, size=13, fill=INK, font_weight="bold")


def _sorted(bars: Sequence[Bar], language: str, most: int) -> list[Bar]:
    ordered = sorted((bar for bar in bars if bar.count > 0), key=lambda bar: -bar.count)
    if len(ordered) <= most:
        return ordered
    kept, rest = ordered[: most - 1], ordered[most - 1 :]
    other = say(language, "{n} others", n=len(rest))
    return [*kept, Bar(label=other, count=sum(bar.count for bar in rest))]


def _shares(rows: Sequence[Bar], total: int) -> list[float]:
    """Return the cumulated share after each bar, 0 to 1."""
    so_far, found = 0, []
    for bar in rows:
        so_far += bar.count
        found.append(so_far / total)
    return found


def _key(language: str) -> list[str]:
    return [
        element("rect", x=LEFT, y=26.0, width=10.0, height=8.0, fill=LINE),
        text(LEFT + 14, 34, say(language, "number"), size=10.5, fill=INK),
        rule(LEFT + 76, LEFT + 92, 30, stroke=SPECIAL, stroke_width=1.6),
        text(LEFT + 96, 34, say(language, "cumulated share"), size=10.5, fill=INK),
    ]


def _rows(rows: Sequence[Bar], shares: Sequence[float]) -> list[str]:
    scale = (RIGHT - LEFT) / max(bar.count for bar in rows)
    drawn = []
    for n, (bar, share) in enumerate(zip(rows, shares, strict=True)):
        top = TOP + n * ROW
        said = text(LEFT, top + 11, bar.label, room=250, size=11, fill=INK)
        percent = f"{share:.0%}"
        drawn += [
            said,
            element("rect", x=LEFT, y=top + 16, width=bar.count * scale, height=11.0, fill=LINE),
            text(WIDTH - 8, top + 11, str(bar.count), size=11, fill=INK, text_anchor="end"),
            text(WIDTH - 8, top + 25, percent, size=10.5, fill=SPECIAL, text_anchor="end"),
            rule(LEFT, WIDTH - 8, top + ROW - 3, stroke=GRID),
        ]
    return drawn


def _climb(shares: Sequence[float]) -> list[str]:
    """Draw the cumulated share from bar to bar: the left edge is none, the right one all."""
    places = [
        (LEFT + share * (RIGHT - LEFT), TOP + n * ROW + 21.5) for n, share in enumerate(shares)
    ]
    line = {"fill": "none", "stroke": SPECIAL, "stroke_width": 1.6}
    dots = element("path", d=marks.dots(places, 3), fill="#fff", stroke=SPECIAL, stroke_width=1.6)
    return [element("path", d=path(places), **line) if len(places) > 1 else "", dots]


def _spoken(rows: Sequence[Bar], shares: Sequence[float], total: int, language: str) -> str:
    named = listed(
        language,
        (
            say(language, "{label} {n} ({share} so far)", label=bar.label, n=bar.count, share=s)
            for bar, s in zip(rows[:TOLD], (f"{share:.0%}" for share in shares), strict=False)
        ),
    )
    return say(language, "{total} in all: {named}.", total=total, named=named)
