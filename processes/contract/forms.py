"""What is asked about requirements, problems and contacts (合同类答复表单)."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints

from processes.duty.forms import CHOICES, LINE_MOST, Form, Paragraph
from rules import text
from rules.contract import Met


def _line(value: Any) -> Any:
    return text.line(value) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_line), StringConstraints(max_length=LINE_MOST)]


class MeetWay(StrEnum):
    """By what a requirement is met, or that nobody wants it any more."""

    SLA_LINE = "sla_line"
    ACTIVITY = "activity"
    DOCUMENT = "document"
    WITHDRAWN = "withdrawn"


class MeetRequirement(Form):
    """The owner says by what a requirement is met."""

    met_by: MeetWay = Field(
        title="Met by",
        description="What meets it from now on; withdrawn only if whoever wanted it says so.",
    )
    reference: Line = Field(
        default="",
        title="Which one",
        description="The code of the SLA line or activity, or the number of the document.",
    )
    note: Paragraph = Field(
        default="",
        title="How",
        description="In which way that meets it; needed if it is withdrawn: who said so.",
    )


class Solved(StrEnum):
    """How far a problem is."""

    KNOWN_ERROR = "known_error"
    SOLVED = "solved"


class SolveProblem(Form):
    """The owner names the cause of a problem, and how it is got rid of or worked around."""

    decision: Solved = Field(
        title="How far it is",
        description="Solved: the cause is gone. Known error: it is known and can be worked around"
        "; the problem stays open.",
    )
    cause: Paragraph = Field(
        default="",
        title="Cause",
        description="What lies behind the incidents, down to what can be changed.",
    )
    workaround: Paragraph = Field(
        default="",
        title="Workaround",
        description="What the service desk does until the cause is gone.",
    )
    changes: Line = Field(
        default="",
        title="Changes",
        description="The numbers of the changes that remove it, with semicolons between them.",
    )


class Mended(StrEnum):
    """What was done about a contact."""

    CORRECTED = "corrected"
    REPLACED = "replaced"
    NOBODY = "nobody"


class MendContact(Form):
    """The project manager corrects a contact's address, or names somebody else."""

    decision: Mended = Field(
        title="Decision",
        description="Correct the address, name a successor, or say that others are enough.",
    )
    name: Line = Field(
        default="",
        title="Name",
        description="Of the successor; leave it empty to correct an address.",
    )
    email: Line = Field(default="", title="Address", description="The mail address that works.")
    phone: Line = Field(default="", title="Telephone", description="If there is one.")


MET: Final = {MeetWay(one.value): one for one in Met}
CHOICES.update(
    {
        (MeetWay, MeetWay.SLA_LINE): "A line of an SLA",
        (MeetWay, MeetWay.ACTIVITY): "An activity of the plan",
        (MeetWay, MeetWay.DOCUMENT): "A document",
        (MeetWay, MeetWay.WITHDRAWN): "It is not wanted any more",
        (Solved, Solved.KNOWN_ERROR): "A known error with a workaround",
        (Solved, Solved.SOLVED): "Solved: the cause is gone",
        (Mended, Mended.CORRECTED): "The address is corrected",
        (Mended, Mended.REPLACED): "Somebody else is named",
        (Mended, Mended.NOBODY): "The other contacts are enough",
    }
)
