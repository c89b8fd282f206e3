"""What is asked of auditors and auditees (内部审核表单): plan, checklist, findings, report."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints

from processes.duty.forms import CHOICES, Form, Paragraph
from processes.worksheet.forms import SheetForm
from rules import text


def _clock(value: object) -> object:
    return text.line(value).replace("：", ":") if isinstance(value, str) else value


Clock = Annotated[
    str,
    BeforeValidator(_clock),
    StringConstraints(max_length=8, pattern=r"^([01]?\d|2[0-3]):[0-5]\d$"),
]
Line = Annotated[str, BeforeValidator(_clock), StringConstraints(max_length=200)]


class PlanAudit(Form):
    """The lead auditor names the opening meeting; the rest of the plan follows."""

    opening_on: date = Field(
        title="Opening meeting on",
        description="A working day; the auditee must hear of it in time.",
    )
    opening_at: Clock = Field(default="09:00", title="At", description="For example 09:00.")
    place: Line = Field(default="", title="Place", description="Where the meetings are held.")

    def clock(self) -> time:
        """Return the hour of the opening meeting."""
        hour, minute = self.opening_at.split(":")
        return time(int(hour), int(minute))


class ReceiveAudit(Form):
    """The auditee confirms that he knows of the audit."""

    note: Paragraph = Field(
        default="",
        title="To the team",
        description="Who will be there, what to bear in mind; or why another day would be better.",
    )


class Together(StrEnum):
    """What becomes of several minors in one area."""

    ONE_MAJOR = "one_major"
    SEPARATE = "separate"


class ConductAudit(SheetForm):
    """The checklist is handed in with the closing meeting."""

    attendance: Paragraph = Field(
        default="",
        title="Opening and closing meeting",
        description="When they were held and who was there, each name; it is the sign-in record.",
    )
    together: Together | None = Field(
        default=None,
        title="Several minors in this area",
        description="Asked only if there are so many that they are proposed as one major.",
    )
    reason: Paragraph = Field(
        default="",
        title="Why",
        description="Needed if they are reported separately although one major is proposed.",
    )


class Word(StrEnum):
    """The auditee's word on a finding."""

    CONFIRM = "confirm"
    DISPUTE = "dispute"


class ConfirmFinding(Form):
    """Whoever manages the area confirms or disputes a finding."""

    decision: Word = Field(
        title="Decision",
        description="Confirmed, it becomes a nonconformity of yours; disputed, somebody decides.",
    )
    reason: Paragraph = Field(
        default="", title="Reason", description="Needed if you dispute it: what is not as stated."
    )


class Holds(StrEnum):
    """Whether a disputed finding stands."""

    UPHOLD = "uphold"
    OVERRULE = "overrule"


class DecideFinding(Form):
    """Somebody who did not audit it decides a dispute."""

    decision: Holds = Field(title="Decision", description="Whether the finding stands.")
    reason: Paragraph = Field(
        default="", title="Reason", description="What the decision rests on; both sides read it."
    )


class Degree(StrEnum):
    """An answer to one of the three questions of an audit."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class ReportAudit(Form):
    """The lead auditor concludes; statistics, team and findings are added by themselves."""

    service: Degree = Field(
        title="Meets the requirements of IT service operation",
        description="The first question of every internal audit.",
    )
    own: Degree = Field(
        title="Meets the service needs and our own quality requirements",
        description="The second question.",
    )
    effective: Degree = Field(
        title="Is effectively implemented and maintained", description="The third question."
    )
    summary: Paragraph = Field(
        default="", title="How the audit went", description="Course, sampling, what was not seen."
    )
    conclusion: Paragraph = Field(
        default="",
        title="Conclusion",
        description="On conformity and effectiveness, with the reasons.",
    )
    strengths: Paragraph = Field(
        default="", title="Strengths", description="What others can learn from."
    )
    improvements: Paragraph = Field(
        default="", title="Suggestions", description="What could be better, without being wrong."
    )


class Carry(StrEnum):
    """What becomes of findings that stay open."""

    CARRY = "carry"
    WAIT = "wait"


class CarryFindings(Form):
    """The head of quality decides about findings that are open long after the report."""

    decision: Carry = Field(
        title="Decision", description="Carry them into the next audit and close this one, or wait."
    )
    reason: Paragraph = Field(default="", title="Reason", description="Why; it stays on record.")


class Grant(StrEnum):
    """A word on an exception."""

    GRANT = "grant"
    REFUSE = "refuse"


class DecideException(Form):
    """A second person decides whether somebody may audit in spite of a conflict."""

    decision: Grant = Field(
        title="Decision",
        description="The exception holds for this audit and these conflicts alone.",
    )
    reason: Paragraph = Field(
        default="", title="Reason", description="Why nobody else can, and what guards the result."
    )


WORDS: Final[dict[tuple[type[StrEnum], StrEnum], str]] = {
    (Together, Together.ONE_MAJOR): "Report them as one major",
    (Together, Together.SEPARATE): "Report them separately",
    (Word, Word.CONFIRM): "Confirm the finding",
    (Word, Word.DISPUTE): "Dispute the finding",
    (Holds, Holds.UPHOLD): "The dispute is right: withdraw the finding",
    (Holds, Holds.OVERRULE): "The finding stands",
    (Degree, Degree.YES): "Yes, it does",
    (Degree, Degree.PARTLY): "Partly so",
    (Degree, Degree.NO): "No, it does not",
    (Carry, Carry.CARRY): "Carry what is open into the next audit",
    (Carry, Carry.WAIT): "Wait until it is verified",
    (Grant, Grant.GRANT): "Grant the exception",
    (Grant, Grant.REFUSE): "Refuse the exception",
}
CHOICES.update(WORDS)
