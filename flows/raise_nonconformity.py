"""Raising a nonconformity (提报不符合项) from the operator's form in Prefect.

Who fills the form in is not who raises it: the trail keeps "operator O", the register keeps X.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from prefect import flow
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from config.labels import LABELS
from config.language import LANGUAGES, label
from flows.parameters import Turn, begin, named
from rules.words import Risk, Severity
from tasks.raise_ import raise_


def worded(kind: str) -> Callable[[Any], Any]:
    """Return what takes a word by any of its labels: the form shows 严重 for `major`."""

    def word(given: Any) -> Any:
        for stable in LABELS[kind]:
            if given in {stable, *(label(language, stable, kind) for language in LANGUAGES)}:
                return stable
        return given

    return word


class Report(BaseModel):
    """What was not met, how bad it is, and who has to answer."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(
        min_length=1, max_length=300, title="Title", description="What was not met, in one line."
    )
    owner: str = Field(
        title="Owner", description="Code of the person who has to find the cause and act."
    )
    severity: Annotated[Severity, BeforeValidator(worded("severity"))] = Field(
        default=Severity.MINOR,
        title="Severity",
        description="How bad it is: it decides the deadlines and the ladder.",
        json_schema_extra={"kind": "severity", "called": "Severity"},
    )
    risk: Annotated[Risk, BeforeValidator(worded("risk"))] = Field(
        default=Risk.NORMAL,
        title="Risk",
        description="High is reported straight up to management.",
        json_schema_extra={"kind": "risk", "called": "Risk"},
    )
    description: str = Field(
        default="",
        title="Description",
        description="What was seen, where and when; the evidence at hand.",
    )
    potential: bool = Field(
        default=False, title="Potential", description="Not yet happened, but about to."
    )
    project: str = Field(default="", title="Project", description="Code of the project, if any.")
    clause: str = Field(
        default="", title="Clause", description="Of the standard or of our own procedure."
    )
    due: date | None = Field(
        default=None, title="Due", description="Empty: the deadline of the policy."
    )
    raised_by: str = Field(
        default="",
        title="Raised by",
        description="Code of the person on whose behalf you enter it.",
    )
    operator: str = Field(
        min_length=1,
        max_length=50,
        title="Your name",
        description="It is recorded that you entered this.",
    )


@flow(
    name="pdca-raise-nonconformity",
    flow_run_name=named("Raise a nonconformity"),
    persist_result=False,
)
async def raise_nonconformity(report: Report) -> str:
    """Raise it and issue the owner's duty to respond; returns the code."""
    return await raise_(
        at=begin(Turn()).at,
        actor=f"operator:{report.operator}",
        title=report.title,
        owner_code=report.owner.strip(),
        description=report.description,
        source="daily",
        potential=report.potential,
        severity=report.severity,
        risk=report.risk,
        project=report.project.strip() or None,
        clause=report.clause.strip() or None,
        due=report.due,
        raised_by=report.raised_by.strip() or None,
    )
