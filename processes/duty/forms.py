"""What a person is asked for each kind of duty (答复表单): one model a kind.

The page, the command line, the TOML file and Prefect's form are all made from these models.
Titles and help are English sentences, the keys of their translation. A model asks only for the
right kind of value; whether the answer is enough is a rule's to judge (`rules/gates.py`), so
that every way in hears the same no.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from rules import text
from rules.nonconformity import Method

PARAGRAPH_MOST: Final = 10_000
LINE_MOST: Final = 300


def _paragraph(value: Any) -> Any:
    return text.paragraph(value) if isinstance(value, str) else value


Paragraph = Annotated[
    str,
    BeforeValidator(_paragraph),
    StringConstraints(max_length=PARAGRAPH_MOST),
]


class Form(BaseModel):
    """An answer; a blank field counts as one not given, an unknown field is refused by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {
            name: value
            for name, value in data.items()
            if not (value is None or (isinstance(value, str) and not value.strip()))
        }


class Response(StrEnum):
    """The owner's first word on it."""

    ACCEPT = "accept"
    DISPUTE = "dispute"


class Respond(Form):
    """The owner accepts with cause and plan, or disputes with a reason."""

    decision: Response = Field(
        default=Response.ACCEPT,
        title="Decision",
        description="Accept it with cause and plan, or dispute it with a reason.",
    )
    reason: Paragraph = Field(
        default="",
        title="Reason of the dispute",
        description="Only if you dispute it: why it is no nonconformity.",
    )
    method: Method | None = Field(
        default=None,
        title="Method of cause analysis",
        description="How you found the cause.",
    )
    cause: Paragraph = Field(
        default="",
        title="Cause analysis",
        description="Why it happened, down to what can be changed; not what happened.",
    )
    correction: Paragraph = Field(
        default="",
        title="Correction",
        description="What puts this one case right.",
    )
    corrective_action: Paragraph = Field(
        default="",
        title="Corrective action",
        description="What removes the cause, so that it does not happen again.",
    )
    preventive_action: Paragraph = Field(
        default="",
        title="Preventive action",
        description="What keeps the like from happening in the first place.",
    )
    look_elsewhere: Paragraph = Field(
        default="",
        title="Look elsewhere",
        description="Where else the same could be wrong, and what you found there.",
    )
    planned_on: date | None = Field(
        default=None,
        title="To be done by",
        description="The day by which the corrective action will be carried out.",
    )
    indicator_change: Paragraph = Field(
        default="",
        title="Change of the indicator",
        description="Only if the indicator or its target is wrong and not the work: what should"
        " change in it. It is proposed for next year's plan.",
    )


class Agreement(StrEnum):
    """Quality's word on a plan."""

    AGREE = "agree"
    REFUSE = "refuse"


class Agree(Form):
    """Quality agrees to the plan, or sends it back with a reason."""

    decision: Agreement = Field(
        title="Decision",
        description="Agree if the action removes the cause; else send the plan back.",
    )
    note: Paragraph = Field(
        default="",
        title="Note",
        description="What is missing, if you send the plan back.",
    )


class Act(Form):
    """The owner has carried the corrective action out."""

    done: Paragraph = Field(
        default="",
        title="What was carried out",
        description="What was carried out, by whom and when.",
    )
    evidence_note: Paragraph = Field(
        default="",
        title="Evidence",
        description="Where the evidence is kept, unless you attach it as a file.",
    )


class Finding(StrEnum):
    """What a verification found."""

    EFFECTIVE = "effective"
    INEFFECTIVE = "ineffective"


class Verify(Form):
    """Somebody else looks whether the action was carried out and works."""

    result: Finding = Field(
        title="Result",
        description="Effective if it was carried out and the cause is gone.",
    )
    note: Paragraph = Field(
        default="",
        title="What was seen",
        description="What you looked at and what you saw; needed if it is ineffective.",
    )


class VerifyEffect(Verify):
    """A later look at a major one: has it come back?"""

    result: Finding = Field(
        title="Result",
        description="Effective if it has not come back since it was first verified.",
    )


class Ruling(StrEnum):
    """The quality head's word on a dispute."""

    UPHOLD = "uphold"
    OVERRULE = "overrule"


class DecideDispute(Form):
    """The quality head decides whether it is a nonconformity."""

    decision: Ruling = Field(
        title="Decision",
        description="Uphold the dispute and the nonconformity is void; else it stands.",
    )
    reason: Paragraph = Field(
        default="",
        title="Reason",
        description="Why; both sides will read it.",
    )


class Measure(StrEnum):
    """What management decides about what came straight up."""

    RESOURCE = "resource"
    MEASURE = "measure"
    ACCEPT_RISK = "accept_risk"


class Decide(Form):
    """Management decides a resource, a measure, or to accept the risk."""

    decision: Measure = Field(
        title="Decision",
        description="What management does about it.",
    )
    text: Paragraph = Field(
        default="",
        title="Text of the decision",
        description="Which resource, which measure, or why the risk is accepted.",
    )


class Grant(StrEnum):
    """A word on an extension."""

    GRANT = "grant"
    REFUSE = "refuse"


class DecideExtension(Form):
    """Somebody above the asker grants more time, or does not."""

    decision: Grant = Field(
        title="Decision",
        description="Grant the day that was asked for, or leave the day as it is.",
    )
    note: Paragraph = Field(
        default="",
        title="Note",
        description="Why; needed if you refuse.",
    )


# What the choices are called. By the question too: two of them have a choice with the same word.
CHOICES: Final[dict[tuple[type[StrEnum], StrEnum], str]] = {
    (Response, Response.ACCEPT): "Accept, with cause and plan",
    (Response, Response.DISPUTE): "Dispute it",
    (Agreement, Agreement.AGREE): "Agree to the plan",
    (Agreement, Agreement.REFUSE): "Send the plan back",
    (Finding, Finding.EFFECTIVE): "Effective",
    (Finding, Finding.INEFFECTIVE): "Ineffective",
    (Ruling, Ruling.UPHOLD): "Uphold the dispute: it is no nonconformity",
    (Ruling, Ruling.OVERRULE): "Overrule the dispute: it stands",
    (Measure, Measure.RESOURCE): "Give a resource",
    (Measure, Measure.MEASURE): "Order a measure",
    (Measure, Measure.ACCEPT_RISK): "Accept the risk",
    (Grant, Grant.GRANT): "Grant the extension",
    (Grant, Grant.REFUSE): "Refuse the extension",
    (Method, Method.FIVE_WHYS): "5 whys",
    (Method, Method.FISHBONE): "Fishbone diagram",
    (Method, Method.OTHER): "Other method",
}
