"""What a kind of duty is (待办种类): its form and its words, and what follows from an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from processes.duty.deed import Deed
from rules.words import DutyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of duty: what is asked, how, and what an answer does.

    `check` is asked before a code is mailed, so that nobody signs what a rule refuses; `settle`
    does it and returns a sentence that says what happens next. The sentences are English and
    the keys of their translation.
    """

    kind: DutyKind
    form: type[BaseModel]
    settle: Callable[[Deed, Any], str]
    asks: str  # the heading of its page
    follows: str  # what happens after the answer
    advice: str  # what a letter tells whoever owes it to do
    check: Callable[[Deed, Any], None] = lambda _deed, _form: None
    signature: bool = False  # signed with a mailed code
    files: bool = False  # its form takes files
    handed_over: bool = False  # may be given to another: whoever owes it need not stand apart
    rounds_first: bool = False  # the rounds of a nonconformity are read before its form
    shows: frozenset[str] | None = None  # fields of an answer that a page repeats; None is all


def kind_table(*kinds: Kind) -> Mapping[str, Kind]:
    """Return the kinds of one process by their names, as `plug` asks for them."""
    return {kind.kind.value: kind for kind in kinds}
