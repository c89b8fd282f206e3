"""What is asked about a project quality check beside its sheet (检查答复表单)."""

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from processes.duty.forms import CHOICES, Form, Paragraph
from processes.worksheet.forms import SheetForm


class Checked(SheetForm):
    """A project was checked, point by point."""

    performed_on: date | None = Field(
        default=None,
        title="Day of the check",
        description="The day on which you checked; today if you leave it out.",
    )
    summary: Paragraph = Field(
        default="",
        title="Conclusion in your words",
        description="What the project manager and the department manager should know first.",
    )


class Exemption(StrEnum):
    """The quality head's word on a checker who is not independent."""

    ALLOW = "allow"
    REFUSE = "refuse"


class DecideChecker(Form):
    """The head of quality lets a checker through, or does not."""

    decision: Exemption = Field(
        title="Decision",
        description="Allow this person to check all the same, or have another one check.",
    )
    note: Paragraph = Field(
        default="",
        title="Reason",
        description="Why; it stands in the record of exceptions.",
    )


EXEMPTIONS: Final[dict[tuple[type[StrEnum], StrEnum], str]] = {
    (Exemption, Exemption.ALLOW): "Allow the exception",
    (Exemption, Exemption.REFUSE): "Do not allow it",
}
CHOICES.update(EXEMPTIONS)
