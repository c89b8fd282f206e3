"""What is asked of whoever holds a management review (管理评审答复表单)."""

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from processes.duty.forms import CHOICES, Paragraph
from processes.plan.forms import Line
from processes.worksheet.forms import SheetForm


class Judged(StrEnum):
    """Management's word on the system."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class HoldReview(SheetForm):
    """A management review was held: what was concluded, and on its lines what was decided."""

    done_on: date | None = Field(
        default=None,
        title="Held on",
        description="The day on which management met; empty is today.",
    )
    attendance: Paragraph = Field(
        default="",
        title="Who took part",
        description="Who was in the chair, and who took part.",
    )
    suitable: Judged = Field(
        title="Suitable",
        description="Does the system still suit what the organisation is for?",
    )
    adequate: Judged = Field(
        title="Adequate",
        description="Are its processes and resources enough?",
    )
    effective: Judged = Field(
        title="Effective",
        description="Does it reach its objectives?",
    )
    result: Paragraph = Field(
        default="",
        title="Conclusion of the review",
        description="What management concluded from the input; decisions stand on the lines.",
    )
    record: Line = Field(
        default="",
        title="Record",
        description="Number of the minutes, if they have one; else the review's own code.",
    )


JUDGED: Final[dict[tuple[type[StrEnum], StrEnum], str]] = {
    (Judged, Judged.YES): "Yes",
    (Judged, Judged.PARTLY): "Partly",
    (Judged, Judged.NO): "No",
}
CHOICES.update(JUDGED)
