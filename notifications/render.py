"""From a letter's values to its finished bytes (成文): rendered once, and sent as they are.

What cannot be rendered raises `LetterUnrenderable` with the key and the duty, so that one
poisoned row is set aside and the other ninety-nine are told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache
from typing import Any, Final, TypeVar

from jinja2 import Template, TemplateError

from config.language import show_zone
from notifications import keys
from notifications.letters import Item, Letter, Rendered, Shape
from notifications.mime import LONGEST_SUBJECT, Inline, Parts, compose
from notifications.pictures import Picture, pictures
from notifications.summaries import summary
from notifications.templating import template
from notifications.views import View, name, said, view
from rules.digest import SEVEREST_FIRST
from rules.letters import Tone, traits_of
from rules.text import line, shortened

MOST_ITEMS: Final = 100  # of one mail: Gmail cuts a mail off at 102 kB; the page lists the rest
# The colour of the strip above a letter, so that a glance tells what kind it is.
RED, AMBER, BLUE, GREEN, GREY = "#b42318", "#b54708", "#175cd3", "#067647", "#475467"
TONES: Final = {
    Tone.ALERT: RED,
    Tone.WARNING: AMBER,
    Tone.NOTE: BLUE,
    Tone.GOOD: GREEN,
    Tone.QUIET: GREY,
}

Made = TypeVar("Made")
EMPTY: Final = re.compile(r"\n{3,}")  # blocks that say nothing leave empty lines behind
BROKEN: Final = (
    TemplateError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
)


class LetterUnrenderable(Exception):
    """A letter that cannot be made: which, why, and the duty of the item at fault if one is."""

    def __init__(self, key: str, why: str, duty: int | None = None) -> None:
        about = f" (duty {duty})" if duty is not None else ""
        super().__init__(f"letter {key}{about} cannot be rendered: {why}")
        self.key, self.why, self.duty = key, why, duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The words of a letter, before they are a mail."""

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


def render(letter: Letter) -> Rendered:
    """Return the finished mail of a letter; the same letter gives the same bytes."""
    words = content(letter)
    try:
        return _finished(letter, words)
    except BROKEN as broken:
        raise LetterUnrenderable(letter.key, _sentence(broken)) from broken


def content(letter: Letter) -> Content:
    """Return subject, text and HTML of a letter."""
    items = [_of_one(view, item, letter) for item in _shown(letter)]
    try:
        facts = _facts(letter, items)
        plain = template(letter.language, _template(letter), html=False)
        subject = shortened(line(_block(plain, "subject", facts)), LONGEST_SUBJECT)
        facts["subject"] = subject
        html = template(letter.language, _template(letter), html=True)
        text = EMPTY.sub("\n\n", plain.render(facts))
        return Content(
            subject=subject,
            text=text.strip() + "\n",
            html=html.render(facts),
            pictures=facts["pictures"],
        )
    except BROKEN as broken:
        raise LetterUnrenderable(letter.key, _sentence(broken)) from broken


def _shown(letter: Letter) -> tuple[Item, ...]:
    """Return the items a mail has room for, the most urgent first."""
    if not letter.items:
        raise LetterUnrenderable(letter.key, "it has no items")
    if letter.shape is Shape.SINGLE:
        return letter.items[:1]
    ordered = sorted(letter.items, key=lambda item: _of_one(_urgency, item, letter))
    return tuple(ordered[:MOST_ITEMS])


def _urgency(item: Item, _: Letter) -> tuple[int, int, float, int]:
    due = item.due_at.timestamp() if item.due_at else 0.0
    return (SEVEREST_FIRST[item.severity], -item.overdue_days, due, item.duty or 0)


def _of_one(made: Callable[[Item, Letter], Made], item: Item, letter: Letter) -> Made:
    """Return what is made of one item, or name its duty."""
    try:
        return made(item, letter)
    except BROKEN as broken:
        raise LetterUnrenderable(letter.key, _sentence(broken), item.duty) from broken


def _template(letter: Letter) -> str:
    return letter.letter.value if letter.shape is Shape.SINGLE else letter.shape.value


def _facts(letter: Letter, items: list[View]) -> dict[str, Any]:
    return {
        "i": items[0],
        "items": items,
        "hidden": len(letter.items) - len(items) if letter.shape is not Shape.SINGLE else 0,
        "to": name(letter.to_name),
        "letter": letter.letter.value,
        "more_at": f"{letter.listed_at}?page=2" if letter.listed_at else letter.base_url,
        "organisation": line(letter.organisation),
        "sender": _sender_name(letter),
        "zone": show_zone(letter.language, letter.at, letter.zone),
        "tone": _tone(letter),
        "summary": summary(letter, items) if letter.shape is not Shape.SINGLE else None,
        "pictures": pictures(letter) if letter.shape is Shape.SINGLE else (),
    }


def _tone(letter: Letter) -> str:
    if letter.shape is Shape.DIGEST and any(item.overdue_days for item in letter.items):
        return RED
    if letter.items[0].facts.get("granted") is False:
        return AMBER
    return TONES[traits_of(letter.letter).tone]


def _block(plain: Template, block: str, facts: dict[str, Any]) -> str:
    return "".join(plain.blocks[block](plain.new_context(facts)))


def _sender_name(letter: Letter) -> str:
    by_system = letter.shape is Shape.SINGLE and traits_of(letter.letter).by_system
    language, organisation = letter.language, line(letter.organisation)
    who = said(language, "Quality management system" if by_system else "Quality department")
    if not organisation:
        return who
    return said(language, "{who}, {organisation}", who=who, organisation=organisation)


def _finished(letter: Letter, words: Content) -> Rendered:
    shown_name, sender = _sender(letter.sender)
    message_id = keys.message_id(letter.key, sender.rpartition("@")[2], letter.installation)
    mime = compose(
        Parts(
            key=letter.key,
            message_id=message_id,
            at=_local(letter),
            subject=words.subject,
            from_name=shown_name or _sender_name(letter),
            from_address=sender,
            to_name=letter.to_name,
            to_address=letter.to_address,
            text=words.text,
            html=words.html,
            thread=letter.thread,
            **_calendar(letter),
            marks=tuple(_marks(letter)),
            pictures=tuple(
                Inline(one.cid, f"chart-{nth}.png", one.png)
                for nth, one in enumerate(words.pictures, 1)
                if one.png
            ),
        )
    )
    return Rendered(subject=words.subject, mime=mime, message_id=message_id)


def _calendar(letter: Letter) -> dict[str, str]:
    """Return the calendar part of an invitation; nothing for any other letter."""
    told = letter.items[0].facts.get("meeting") if letter.shape is Shape.SINGLE else None
    if not isinstance(told, dict):
        return {}
    from notifications.meetings import from_facts, ics

    meeting = from_facts(told)
    return {"calendar": ics(meeting, at=letter.at), "method": meeting.method}


@lru_cache(maxsize=16)
def _sender(setting: str) -> tuple[str, str]:
    """Return name and address of the setting, which may be either alone."""
    shown_name, address = parseaddr(setting)
    return shown_name, address or "pdca@localhost"


def _local(letter: Letter) -> datetime:
    if letter.at.tzinfo is None:
        raise ValueError("the letter's instant needs a zone")
    return letter.at.astimezone(letter.zone)


def _marks(letter: Letter) -> list[tuple[str, str]]:
    """Return what machines read: the kind, the duties, the highest level."""
    kind = letter.letter.value if letter.shape is Shape.SINGLE else letter.shape.value
    marks = [("X-PDCA-Letter", kind)]
    # Of a table of thousands the header would be longer than relays take: those that it shows.
    told = letter.items if len(letter.items) <= MOST_ITEMS else _shown(letter)
    duties = [str(item.duty) for item in told if item.duty is not None]
    if duties:
        marks.append(("X-PDCA-Duty", ", ".join(duties)))
    levels = [item.level for item in letter.items if item.level is not None]
    if levels:
        marks.append(("X-PDCA-Level", str(max(levels))))
    return marks


def _sentence(broken: BaseException) -> str:
    return f"{type(broken).__name__}: {broken}"[:300]
