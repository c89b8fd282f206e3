"""What a page says about duties (待办的说法): sentences of the catalogue, put together."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from config.language import say, show_date
from processes.duty import answers, kinds
from processes.duty.coming import Coming
from rules.words import LetterKind
from web.duty.timeline import Entry

ACTS: Final[dict[str, str]] = {
    "answer": "{person} answered",
    "acknowledge": "{person} acknowledged it",
    "ask_extension": "{person} asked for an extension",
    "hand_over": "{person} handed it over",
    "instruct": "{person} instructed the owner",
    "straight_up": "{person} reported it straight to management",
    "void": "{person} declared it void",
}
PASSED: Final[dict[str, str]] = {
    "inactive": "no longer here",
    "no_address": "has no address",
    "absent": "away, and nobody stands in",
}
# What a round says, in the order of its life.
ROUND: Final[dict[str, str]] = {
    "cause": "Cause",
    "correction": "Correction",
    "corrective_action": "Corrective action",
    "preventive_action": "Preventive action",
    "look_elsewhere": "Look elsewhere",
    "done": "What was done",
    "evidence_note": "Evidence",
}


NEXT: Final[dict[LetterKind, str]] = {
    LetterKind.REMINDER: "unanswered by then, {person} is reminded.",
    LetterKind.OVERDUE: "unanswered by then, {person} hears that it is overdue.",
    LetterKind.ESCALATION: "still open by then, it is escalated to {person}, level {level}.",
}
AGAIN: Final = "still open by then, {person} is told again."


def next_words(language: str, coming: Coming) -> str:
    """Return what happens at the next step, and to whom."""
    person = coming.person or say(language, "the operator")
    if coming.on_behalf_of:
        person += say(language, " (for {name})", name=coming.on_behalf_of)
    sentence = AGAIN if coming.again else NEXT[coming.letter]
    return say(language, sentence, person=person, level=coming.level)


ASKED: Final[dict[str, str]] = {
    "until": "Until",
    "reason": "Reason",
    "instruction": "Instruction",
}


def shown(language: str, entry: Entry) -> list[tuple[str, str]]:
    """Return what was answered as (question, answer), in the reader's language."""
    if entry.answered is None:
        return []
    if entry.answered.act != "answer" or entry.duty is None:
        asked = {name: say(language, called) for name, called in ASKED.items()}
        return [(asked[n], _plain(language, v)) for n, v in entry.data.items() if n in asked]
    return _answered(language, entry.duty.kind, entry.data)


def _answered(language: str, kind: str, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    wanted = kinds.of(kind).shows
    return [
        (field.label, dict(field.choices).get(data[field.name], _plain(language, data[field.name])))
        for field in answers.describe(kind, language)
        if field.name in data and (wanted is None or field.name in wanted)
    ]


def _plain(language: str, value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return show_date(language, date.fromisoformat(value))
    return str(value)


def way(language: str, via: str) -> str:
    """Return by which way something was done; from which address, the record alone keeps."""
    first, _, rest = via.partition(" ")
    if first == "link":
        return say(language, "by the link in the mail")
    if first == "session":
        return say(language, "signed in")
    if first == "operator":
        return say(language, "typed by operator {name}", name=rest)
    return via


KILO: Final = 1024


def size(count: int) -> str:
    """Return a file's size as people read it."""
    if count < KILO:
        return f"{count} B"
    if count < KILO * KILO:
        return f"{count / KILO:.0f} KB"
    return f"{count / KILO / KILO:.1f} MB"
