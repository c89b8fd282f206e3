"""What is asked of those who carry out and check planned activities (计划活动的答复)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from processes.duty.forms import CHOICES, LINE_MOST, Form, Paragraph

Line = Annotated[str, StringConstraints(max_length=LINE_MOST, strip_whitespace=True)]


class CarryOut(Form):
    """A planned activity was carried out: when, with what result, shown by which record."""

    done_on: date | None = Field(
        default=None,
        title="Carried out on",
        description="The day on which it was done; empty is today.",
    )
    result: Paragraph = Field(
        default="",
        title="Result",
        description="What was done and what came of it.",
    )
    record: Line = Field(
        default="",
        title="Record",
        description="Number of the record that the plan asks for.",
    )
    evidence_note: Paragraph = Field(
        default="",
        title="Evidence",
        description="Where the evidence is kept, unless you attach it as a file.",
    )


class Checked(StrEnum):
    """A checker's word on an activity."""

    DONE = "done"
    AGAIN = "again"


class CheckActivity(Form):
    """Somebody else looks whether it was done as planned and the record shows it."""

    decision: Checked = Field(
        title="Decision",
        description="Confirm it if it was done as planned and the record shows it.",
    )
    note: Paragraph = Field(
        default="",
        title="Remarks",
        description="Needed if you send it back: what is missing.",
    )


class Allowed(StrEnum):
    """A word on a change of the plan's dates."""

    GRANT = "grant"
    REFUSE = "refuse"


class DecideChange(Form):
    """Whoever approves the plan decides whether an activity is postponed or cancelled."""

    decision: Allowed = Field(
        title="Decision",
        description="Allow the change that was asked for, or leave the plan as it is.",
    )
    note: Paragraph = Field(
        default="",
        title="Remarks",
        description="Why; needed if you refuse.",
    )


DECISIONS: Final[dict[tuple[type[StrEnum], StrEnum], str]] = {
    (Checked, Checked.DONE): "Done as planned",
    (Checked, Checked.AGAIN): "Send it back: not done as planned",
    (Allowed, Allowed.GRANT): "Allow the change",
    (Allowed, Allowed.REFUSE): "Leave the plan as it is",
}
CHOICES.update(DECISIONS)
