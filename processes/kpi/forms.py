"""What the owner of an indicator is asked each period (指标填报表单)."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from processes.duty.forms import Form, Paragraph

NUMBER_MOST: Final = 40
Number = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NUMBER_MOST)]


class ReportKpi(Form):
    """The value of one period: by its counts, or as one number."""

    numerator: Number = Field(
        default="",
        title="Numerator",
        description="A rate is made from its counts: give both, and leave the value empty.",
    )
    denominator: Number = Field(
        default="",
        title="Denominator",
        description="0 if there was no case: then it is no data, neither 0 nor 100.",
    )
    value: Number = Field(
        default="",
        title="Value",
        description="Only where there are no counts: a number in the indicator's unit.",
    )
    note: Paragraph = Field(
        default="",
        title="Note",
        description="Where the figures come from; the reason, if it differs from what is recorded.",
    )
