"""A form as a mail scanner sends it (原样提交): with what stands in it, and nothing chosen.

A form that could be sent as it is found asks for one word more, which only a person gives.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from processes.duty import kinds
from processes.duty.answers import Field

# The field that says yes or no, even where the command line has a default.
DECISION: Final = "decision"


def found(questions: Sequence[Field], typed: Mapping[str, str]) -> dict[str, str]:
    """Return what a form holds before anybody has touched it."""
    return {
        one.name: typed.get(one.name, one.default)
        for one in questions
        if one.kind != "bool" and not decides(one)
    }


def decides(one: Field) -> bool:
    """Whether it is a choice that only a person makes, so that it is never made beforehand."""
    return one.kind == "choice" and (one.required or one.name == DECISION)


def needs_a_word(kind: str, questions: Sequence[Field], typed: Mapping[str, str]) -> bool:
    """Whether the form could be sent as it is found; a signature has its code instead."""
    known = kinds.of(kind)
    if known.signature or any(map(decides, questions)):
        return False
    try:
        known.form.model_validate(found(questions, typed))
    except ValidationError:
        return False
    return True
