"""The kind of duty by which an owner says what a value is, after its log changed (核定迟到数据)."""

from enum import StrEnum
from typing import Final

from pydantic import Field
from sqlmodel import Session, col, select

from config.language import say
from models.duty import Duty
from models.kpi import KpiMiss, Measurement
from processes.duty import beside
from processes.duty.deed import Deed
from processes.duty.forms import CHOICES, Form, Paragraph
from processes.duty.kind import Kind, kind_table
from processes.kpi import late, measurements
from processes.kpi.measurements import Given
from processes.nonconformity import duties as owed
from processes.nonconformity import rows as nonconformities
from rules import gates
from rules.kpi import Judgement
from rules.nonconformity import Event, State
from rules.words import DutyKind

CORRECTED: Final = "The value is corrected; what stood there is kept with it."
TO_JUDGE: Final = (
    "The value is corrected and no miss any more: the quality head decides whether its"
    " nonconformity is void."
)
KEPT: Final = "The value stays as it was recorded, with your reason."
BECAUSE: Final = "the log was completed after the value was recorded"


class Late(StrEnum):
    """Whether the owner takes what the log says now."""

    AGREE = "agree"
    KEEP = "keep"


class ConfirmValue(Form):
    """The owner says which of two values is right."""

    decision: Late = Field(
        title="Decision",
        description="Whether the recorded value is corrected to what the log says now.",
    )
    reason: Paragraph = Field(
        default="", title="Reason", description="Needed if the value stays as it was recorded."
    )


CHOICES.update(
    {
        (Late, Late.AGREE): "Correct it to what the log says",
        (Late, Late.KEEP): "The recorded value stays",
    }
)


def _check(_deed: Deed, form: ConfirmValue) -> None:
    if form.decision is Late.KEEP:
        gates.reason(form.reason)


def _settle(deed: Deed, form: ConfirmValue) -> str:
    kpi, found, row = late.of_duty(deed.session, deed.duty)
    row.decision, row.reason, row.decided_at = form.decision.value, form.reason, deed.at
    deed.session.add(row)
    if form.decision is Late.KEEP:
        deed.discharge()
        return KEPT
    given = Given(
        observation=late.observation(found, row),
        source=kpi.source,
        evidence=row.evidence,
        reason=form.reason or BECAUSE,
    )
    measurements.record(deed.session, kpi, given, at=deed.at, actor=deed.actor)
    deed.discharge()
    return TO_JUDGE if _put_to_judge(deed, found, given.reason) else CORRECTED


def _put_to_judge(deed: Deed, found: Measurement, reason: str) -> bool:
    """Ask the quality head about a nonconformity whose only miss is none; nothing is voided."""
    miss = deed.session.exec(
        select(KpiMiss).where(
            col(KpiMiss.measurement_id) == found.id, col(KpiMiss.withdrawn_at).is_(None)
        )
    ).first()
    if miss is None or found.judgement is Judgement.MISSED:
        return False
    miss.withdrawn_at = deed.at
    deed.session.add(miss)
    deed.session.flush()
    others = select(KpiMiss).where(
        col(KpiMiss.nonconformity) == miss.nonconformity, col(KpiMiss.withdrawn_at).is_(None)
    )
    raised = nonconformities.by_code(deed.session, miss.nonconformity)
    if deed.session.exec(others).first() is not None or State(raised.state) is not State.RAISED:
        return False
    nonconformities.move(deed, raised, Event.DISPUTE)
    owed.give(
        deed.session,
        raised,
        DutyKind.DECIDE_DISPUTE,
        at=deed.at,
        actor=deed.actor,
        facts={"reason": reason, "asked_by": deed.person_id},
    )
    return True


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return both values with their counts, for the page beside the form."""
    kpi, found, row = late.of_duty(session, duty)
    return [
        (say(language, "Indicator"), f"{kpi.code} {kpi.name}"),
        (say(language, "Period"), found.period),
        (say(language, "Recorded"), measurements.said(found)),
        (say(language, "The log says now"), measurements.said(row)),
    ]


FACTS: Final = {DutyKind.CONFIRM_VALUE: _facts}

KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.CONFIRM_VALUE,
        handed_over=True,
        asks="Say which value is right: the recorded one, or what the log says now",
        follows="If you agree, the value is corrected and judged again; if not, it stays with your"
        " reason.",
        advice="Please look at both counts, and say whether the recorded value is corrected.",
        form=ConfirmValue,
        check=_check,
        settle=_settle,
    ),
)
