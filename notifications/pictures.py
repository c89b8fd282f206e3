"""The pictures of a letter (随信图表): charts from the facts of its item, few and small.

Each picture stands in the text part as a sentence; beyond so many bytes only the sentence stands
in the HTML part too, because a mail that the relay refuses tells nobody anything.
"""

from dataclasses import replace
from typing import Any, Final

from notifications.charts.told import Picture, picture
from notifications.letters import Letter

__all__ = ["Picture", "pictures"]

MOST_BYTES: Final = 1_500_000  # of all pictures of one mail; base64 makes a third more of it


def pictures(letter: Letter) -> tuple[Picture, ...]:
    """Return the pictures of a single letter, in order; none for most letters."""
    charts: list[dict[str, Any]] = letter.items[0].facts.get("charts") or []
    room, found = MOST_BYTES, []
    for facts in charts:
        made = picture(facts, letter.language)
        room -= len(made.png)
        found.append(made if room >= 0 else replace(made, cid="", png=b""))
    return tuple(found)
