"""What is asked of those who draw up, review, approve, revise and receive documents (文件审批)."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from processes.duty.forms import CHOICES, Form, Paragraph


class DrawUp(Form):
    """The author hands his draft in for review."""

    note: Paragraph = Field(
        default="",
        title="To the reviewer",
        description="What is new in it, and what the reviewer should look at.",
    )


class Revise(Form):
    """The author hands in again what was sent back."""

    note: Paragraph = Field(
        default="",
        title="What was changed",
        description="How each remark was dealt with; reviewer and approver read it.",
    )


class Verdict(StrEnum):
    """A word on a document."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    RETURN = "return"


class Review(Form):
    """Somebody other than the author judges the draft."""

    decision: Verdict = Field(
        title="Decision",
        description="Pass it on for approval, or send it back to its author.",
    )
    note: Paragraph = Field(
        default="",
        title="Remarks",
        description="Needed if you send it back: what has to be changed.",
    )


class Approve(Review):
    """A third person puts it into force."""

    decision: Verdict = Field(
        title="Decision",
        description="Approve it and it comes into force, or send it back to its author.",
    )


class Read(Form):
    """Whoever was handed a document says that he has it."""

    note: Paragraph = Field(
        default="",
        title="Remarks",
        description="Only if something in it is unclear or cannot be kept.",
    )


VERDICTS: Final[dict[tuple[type[StrEnum], StrEnum], str]] = {
    (Verdict, Verdict.PASS): "It is in order",
    (Verdict, Verdict.RETURN): "Send it back",
}
CHOICES.update(VERDICTS)
