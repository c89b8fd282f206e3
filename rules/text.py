"""User text is text (文本): cleaned once on the way in, shown as it is ever after.

A line has no line breaks of any kind, so that it can stand in a mail's subject or a table; a
paragraph keeps its line feeds. What no reader can see and no database keeps (NUL, other control
characters, half of a surrogate pair) is taken out; everything else is the user's own.
"""

import re
from typing import Final

_BREAKS: Final = re.compile(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LINE_ENDS: Final = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters, surrogates, and the marks that turn the direction of what follows.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)


def line(text: str) -> str:
    """Return the text on one line, without what cannot be seen and blanks at its ends."""
    return _UNSEEN.sub("", _BREAKS.sub(" ", text)).strip()


def paragraph(text: str) -> str:
    """Return the text with line feeds alone, without what cannot be seen and blanks at its ends."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)).strip()


def shortened(text: str, most: int) -> str:
    """Return the text, or its beginning with an ellipsis, in at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
