"""The life of a nonconformity (不符合项), from raised to closed or void.

A nonconformity is closed only by a verification of effectiveness (有效性验证) that somebody
other than its owner and the doer carried out. A correction (纠正) puts the instance right and
never changes the state; a corrective action (纠正措施) removes the cause and is what the
states follow.

The quality department's agreement to a plan (同意计划) is a gate, not a state: `planned` means
that the owner has planned, AGREE leaves it there and opens the way to carrying out, and a
refused plan goes back to `accepted`, where the owner owes another answer. A major one stays
`implemented` through its first effective verification until its effect is confirmed 90 days
later. The gates themselves are in `rules/gates.py`.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from rules.refusal import Refused
from rules.words import Risk, Severity


class State(StrEnum):
    """Where a nonconformity stands (状态)."""

    RAISED = "raised"  # 已开具
    DISPUTED = "disputed"  # 有异议
    ACCEPTED = "accepted"  # 已确认
    PLANNED = "planned"  # 已制定措施
    IMPLEMENTED = "implemented"  # 已实施，待验证
    CLOSED = "closed"  # 已关闭
    VOID = "void"  # 作废


class Event(StrEnum):
    """What may happen to it."""

    ACCEPT = "accept"  # the owner accepts that it is one
    DISPUTE = "dispute"  # the owner says that it is none
    UPHOLD = "uphold"  # the quality head agrees with the dispute
    OVERRULE = "overrule"  # the quality head does not
    PLAN = "plan"  # the owner names cause, action and date
    AGREE = "agree"  # quality agrees to the plan
    REFUSE_PLAN = "refuse_plan"  # quality asks for another
    IMPLEMENT = "implement"  # the owner has acted, with evidence
    FIND_EFFECTIVE = "find_effective"  # verified, and nothing is left to confirm
    FIND_EFFECTIVE_SO_FAR = "find_effective_so_far"  # verified; the effect is confirmed later
    FIND_INEFFECTIVE = "find_ineffective"  # it did not help: one round more
    VOID = "void"  # raised by mistake


class Method(StrEnum):
    """How a cause was found (原因分析方法)."""

    FIVE_WHYS = "5why"  # 5Why
    FISHBONE = "fishbone"  # 鱼骨图
    OTHER = "other"


TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    (State.RAISED, Event.ACCEPT): State.ACCEPTED,
    (State.RAISED, Event.DISPUTE): State.DISPUTED,
    (State.DISPUTED, Event.UPHOLD): State.VOID,
    (State.DISPUTED, Event.OVERRULE): State.ACCEPTED,
    (State.DISPUTED, Event.ACCEPT): State.ACCEPTED,  # the owner gives in before the decision
    (State.ACCEPTED, Event.PLAN): State.PLANNED,
    (State.PLANNED, Event.AGREE): State.PLANNED,
    (State.PLANNED, Event.REFUSE_PLAN): State.ACCEPTED,
    (State.PLANNED, Event.IMPLEMENT): State.IMPLEMENTED,
    (State.IMPLEMENTED, Event.FIND_EFFECTIVE): State.CLOSED,
    (State.IMPLEMENTED, Event.FIND_EFFECTIVE_SO_FAR): State.IMPLEMENTED,
    # The cause was not the cause: analyse again rather than act again.
    (State.IMPLEMENTED, Event.FIND_INEFFECTIVE): State.ACCEPTED,
    (State.RAISED, Event.VOID): State.VOID,
    (State.DISPUTED, Event.VOID): State.VOID,
    (State.ACCEPTED, Event.VOID): State.VOID,
    (State.PLANNED, Event.VOID): State.VOID,
    (State.IMPLEMENTED, Event.VOID): State.VOID,
}
ENDED: Final = frozenset({State.CLOSED, State.VOID})


SENTENCES: Final[dict[State, str]] = {
    State.RAISED: "this cannot be done before the owner has answered",
    State.DISPUTED: "this cannot be done while the dispute is being decided",
    State.ACCEPTED: "this cannot be done before there is a plan: the owner has accepted it",
    State.PLANNED: "this cannot be done while the plan is being agreed or carried out",
    State.IMPLEMENTED: "this cannot be done while it waits for its verification",
    State.CLOSED: "this cannot be done any more: the nonconformity is closed",
    State.VOID: "this cannot be done any more: the nonconformity is void",
}


class TransitionRefused(Refused):
    """The event cannot follow in this state; the sentence is the state's own."""

    sentence = "this cannot be done in the present state"

    def __init__(self, *, state: State, event: Event) -> None:
        super().__init__(state=state, event=event)
        self.state, self.event = state, event
        self.__dict__["sentence"] = SENTENCES[state]
        self.args = (SENTENCES[state],)


def after(state: State, event: Event) -> State:
    """Return the state that follows, or refuse."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise TransitionRefused(state=state, event=event) from None


def verdict(severity: Severity, *, effective: bool, confirmed: bool) -> Event:
    """What a verification means: only a major one waits for its effect to be confirmed.

    `confirmed` says that this is the later look at the effect (效果确认), not the first.
    """
    if not effective:
        return Event.FIND_INEFFECTIVE
    if severity is Severity.MAJOR and not confirmed:
        return Event.FIND_EFFECTIVE_SO_FAR
    return Event.FIND_EFFECTIVE


# --- priority (优先级) ------------------------------------------------------------------

WEIGHT: Final = {Severity.OBSERVATION: 1, Severity.MINOR: 2, Severity.MAJOR: 3}
FACTOR: Final = {Risk.LOW: 1, Risk.NORMAL: 2, Risk.HIGH: 3}


PRIORITY: Final = "severity {severity} ({weight}) × risk {risk} ({factor}) = {value}"
RECURRENCE: Final = "one severity up: recurrence of {code}"


def priority(severity: Severity, risk: Risk) -> tuple[int, str]:
    """Return 1 (least) to 9 (first of all) and the reason, in stable words."""
    facts = priority_facts(severity, risk)
    return WEIGHT[severity] * FACTOR[risk], PRIORITY.format(**facts)


def priority_facts(severity: Severity, risk: Risk) -> dict[str, Severity | Risk | int]:
    """Return what `PRIORITY` names, so that a page can give the reason in its language."""
    weight, factor = WEIGHT[severity], FACTOR[risk]
    return {
        "severity": severity,
        "risk": risk,
        "weight": weight,
        "factor": factor,
        "value": weight * factor,
    }


def needs_straight_up(risk: Risk, *, declared: bool) -> bool:
    """Whether management hears at once: a high risk, or declared not solvable in the team."""
    return declared or risk is Risk.HIGH


# --- recurrence (重复发生) --------------------------------------------------------------

RECURRENCE_MONTHS: Final = 12
ONE_UP: Final = {
    Severity.OBSERVATION: Severity.MINOR,
    Severity.MINOR: Severity.MAJOR,
    Severity.MAJOR: Severity.MAJOR,
}
_KEY_LENGTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What makes two nonconformities the same one again: where, against what, and why."""

    code: str
    project: str | None
    clause: str | None
    cause_key: str | None
    raised_at: datetime

    @property
    def complete(self) -> bool:
        return bool(self.project and self.clause and self.cause_key)


def cause_key(cause: str) -> str | None:
    """Return a cause without case, width, spaces and punctuation; None if nothing is left."""
    plain = unicodedata.normalize("NFKC", cause).casefold()
    key = "".join(letter for letter in plain if letter.isalnum())
    if len(key) > _KEY_LENGTH:
        key = sha256(key.encode()).hexdigest()
    return key or None


def recurs(new: Trait, earlier: Trait) -> bool:
    """Whether the new one is the earlier one again, raised at most twelve months after it."""
    same = (new.project, new.clause, new.cause_key) == (
        earlier.project,
        earlier.clause,
        earlier.cause_key,
    )
    in_order = (earlier.raised_at, earlier.code) < (new.raised_at, new.code)
    return new.complete and same and in_order and new.raised_at <= _a_year_after(earlier.raised_at)


def _a_year_after(instant: datetime) -> datetime:
    try:
        return instant.replace(year=instant.year + 1)
    except ValueError:  # 29 February
        return instant.replace(year=instant.year + 1, day=28)
