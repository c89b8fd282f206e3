"""SVG written by hand (图元): a few elements, every text and attribute escaped.

Sizes are CSS pixels of a phone 360 wide; a wider screen scales the whole, so that letters stay
readable on both.
"""

import math
from collections.abc import Iterable
from html import escape
from typing import Any, Final

from rules.text import line, shortened

INK: Final = "#1f2733"
MUTED: Final = "#5b6675"
GRID: Final = "#dde3ea"
LINE: Final = "#17457a"
GOOD: Final = "#1d6b3c"
BAD: Final = "#b3261e"
SPECIAL: Final = "#8a5300"
FONT: Final = "Noto Sans CJK SC, system-ui, sans-serif"
WIDE: Final = 0x2E80  # from here on a character is as wide as it is high: Chinese
LONGEST_TITLE: Final = 160
LONGEST_DESCRIPTION: Final = 600


def number(value: float) -> str:
    """Return a coordinate: one decimal, without a trailing zero."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def element(name: str, inner: str = "", /, **attributes: Any) -> str:
    """Return one element; `font_size` becomes `font-size`, numbers are rounded, `None` left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def text(x: float, y: float, words: str, *, room: float = 0, size: float = 11, **more: Any) -> str:
    """Return a text; with `room` it is cut to that many pixels, ending in …"""
    said = fitted(words, room, size) if room else line(words)
    return element("text", escape(said), x=x, y=y, font_size=size, **more) if said else ""


def width(words: str, size: float) -> float:
    """Return about how wide a text is: a Chinese character is a square, a Latin one half of it."""
    return sum(size if ord(letter) >= WIDE else size * 0.56 for letter in words)


def fitted(words: str, room: float, size: float) -> str:
    """Return the words, cut with … where they are wider than the room."""
    said = line(words)
    if width(said, size) <= room:
        return said
    while said and width(said, size) + size > room:
        said = said[:-1]
    return f"{said.rstrip()}…"


def drawing(
    wide: float, high: float, parts: Iterable[str], *, title: str, description: str, **more: Any
) -> str:
    """Return the whole picture. A screen reader says the title, then the description."""
    called, told = shortened(line(title), LONGEST_TITLE), line(description)
    told = shortened(told, LONGEST_DESCRIPTION)
    named = "".join(
        element(tag, escape(said)) for tag, said in (("title", called), ("desc", told)) if said
    )
    return element(
        "svg",
        named + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(wide)} {number(high)}",
        role="img",
        font_family=FONT,
        **more,
    )


def path(points: Iterable[tuple[float, float]]) -> str:
    """Return the `d` of a line through the points; empty without two."""
    pairs = [f"{number(x)} {number(y)}" for x, y in points]
    return "M" + "L".join(pairs) if pairs else ""


def rule(x1: float, x2: float, y: float, **more: Any) -> str:
    """Return a level line."""
    return element("path", d=f"M{number(x1)} {number(y)}H{number(x2)}", fill="none", **more)


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Return round numbers from below `low` to above `high`, about so many."""
    step = _round_step((high - low) / about) if high > low else 1.0
    first = math.floor(low / step)
    last = math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, max(last, first + 1) + 1)]


def _round_step(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * step for step in (1, 2, 2.5, 5, 10) if raw <= power * step * (1 + 1e-9))


def _value(value: Any) -> str:
    if isinstance(value, float):
        return number(value)
    return escape(str(value))
