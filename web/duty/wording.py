"""What a page says about duties (待办的说法): sentences of the catalogue, put together."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from config.language import say, show_date
from processes.duty import answers
from processes.duty.coming import Coming
from rules.words import DutyKind, LetterKind
from web.approval import wording as wording_plan
from web.audit import wording as audit_wording
from web.duty.timeline import Entry
from web.kpi import wording as kpi_wording

ASKS: Final[dict[str, str]] = {
    DutyKind.RESPOND: "Answer with cause and plan",
    DutyKind.AGREE: "Decide on the plan",
    DutyKind.ACT: "Carry out the action and show it",
    DutyKind.VERIFY: "Verify whether the action works",
    DutyKind.VERIFY_EFFECT: "Confirm that the effect has lasted",
    DutyKind.DECIDE_DISPUTE: "Decide on the dispute",
    DutyKind.DECIDE: "Decide what management does about it",
    DutyKind.DECIDE_EXTENSION: "Decide on the extension",
    DutyKind.QUALITY_CHECK: "Check the project and fill the sheet",
    DutyKind.DECIDE_CHECKER: "Decide whether this person may check",
}
FOLLOWS: Final[dict[str, str]] = {
    DutyKind.RESPOND: "Once you have answered, the quality department decides on your plan.",
    DutyKind.AGREE: "If you agree, the owner carries the action out; if not, the owner plans anew.",
    DutyKind.ACT: "Once you have answered, somebody from quality verifies it.",
    DutyKind.VERIFY: "If it is effective it is closed, a major one after a later look at its"
    " effect; if not, the owner begins another round.",
    DutyKind.VERIFY_EFFECT: "If it has lasted it is closed; if not, another round begins.",
    DutyKind.DECIDE_DISPUTE: "If you uphold the dispute it is void; if not, the owner answers it.",
    DutyKind.DECIDE: "The owner hears your decision; the nonconformity goes on until it is closed.",
    DutyKind.DECIDE_EXTENSION: "If you grant it, everyone who was told hears of the new day.",
    DutyKind.QUALITY_CHECK: "Each failing point becomes a nonconformity of the project manager;"
    " the report goes to the project manager and the department manager.",
    DutyKind.DECIDE_CHECKER: "If you allow it, the exception stands on record with your name.",
}
ASKS.update(audit_wording.ASKS)
FOLLOWS.update(audit_wording.FOLLOWS)
ASKS.update(wording_plan.ASKS)
FOLLOWS.update(wording_plan.FOLLOWS)
ASKS.update(kpi_wording.ASKS)
FOLLOWS.update(kpi_wording.FOLLOWS)
ACTS: Final[dict[str, str]] = {
    "answer": "{person} answered",
    "acknowledge": "{person} acknowledged it",
    "ask_extension": "{person} asked for an extension",
    "hand_over": "{person} handed it over",
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


def asks(kind: str) -> str:
    """Return what a kind of duty asks for; a kind without words of ours is asked plainly."""
    return ASKS.get(kind, "Answer this duty")


def follows(kind: str) -> str:
    """Return what happens after the answer."""
    return FOLLOWS.get(kind, "Your answer is recorded, and the next step begins.")


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


# What the page shows of an answer beside the rounds; None is everything.
BESIDE_ROUNDS: Final[dict[str, frozenset[str] | None]] = {
    DutyKind.RESPOND: frozenset({"decision", "reason"}),
    DutyKind.ACT: frozenset(),
    DutyKind.VERIFY: frozenset({"result"}),
    DutyKind.VERIFY_EFFECT: frozenset({"result"}),
}
ASKED: Final[dict[str, str]] = {"until": "Until", "reason": "Reason"}


def shown(language: str, entry: Entry) -> list[tuple[str, str]]:
    """Return what was answered as (question, answer), in the reader's language."""
    if entry.answered is None:
        return []
    if entry.answered.act != "answer" or entry.duty is None:
        asked = {name: say(language, called) for name, called in ASKED.items()}
        return [(asked[n], _plain(language, v)) for n, v in entry.data.items() if n in asked]
    return _answered(language, entry.duty.kind, entry.data)


def _answered(language: str, kind: str, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    if kind not in answers.KINDS:
        return [(name, str(value)) for name, value in data.items()]
    wanted = BESIDE_ROUNDS.get(kind)
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
