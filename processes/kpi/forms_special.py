"""What an owner is asked about a special situation (说明特殊情况)."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints

from processes.duty.forms import CHOICES, LINE_MOST, Form
from rules import text


class Lasting(StrEnum):
    """Whether it passes by itself."""

    ONCE = "once"
    LASTING = "lasting"


Sentence = Annotated[
    str,
    BeforeValidator(lambda given: text.line(given) if isinstance(given, str) else given),
    StringConstraints(max_length=LINE_MOST),
]


class ExplainSpecial(Form):
    """The owner says in one sentence what happened."""

    explanation: Sentence = Field(
        title="What happened",
        description="One sentence: what was different in this period, and why.",
    )
    lasting: Lasting = Field(
        default=Lasting.ONCE,
        title="Does it last?",
        description="If it lasts, it is learnt anew from these periods on what is usual.",
    )


PASSING: Final[dict[tuple[type[StrEnum], StrEnum], str]] = {
    (Lasting, Lasting.ONCE): "It happened once",
    (Lasting, Lasting.LASTING): "It lasts: the level has changed for good",
}
CHOICES.update(PASSING)
