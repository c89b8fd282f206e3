"""Whether an improvement works (验证): the next measurements say it, quality confirms it.

An action against a missed target is verified by the measurements that follow it: as many as
policy wants, of periods that began after it (months) or ended after it (longer ones). Met, it
is proposed as effective; missed again, as ineffective, and another round begins one level
higher. Nobody can find effective what was measured as missed, or was not measured yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.kpi import kpi_policy
from config.language import say
from models import trail
from models.duty import Duty
from models.engine import transaction
from models.kpi import Kpi, Measurement
from models.nonconformity import Nonconformity, Round
from notifications.keys import line_key
from processes.duty import beside
from processes.duty.deed import Deed
from processes.kpi import answers as kpi_answers
from processes.kpi import improving as kpi_improving
from processes.kpi import misses as kpi_misses
from processes.kpi import owed as kpi_owed
from processes.mail.lines import line, promise
from processes.nonconformity import rows, sources
from rules import period as periods
from rules.kpi import Judgement
from rules.nonconformity import State
from rules.period import Period
from rules.refusal import Refused
from rules.words import DutyKind, DutyState, LetterKind

PROPOSED: Final = "kpi.verification_proposed"


class NotMeasured(Refused):
    """Found effective before anything was measured after the action."""

    sentence = (
        "it is verified by the next measurements: {period} is not measured yet, it is due by {day}"
    )


class MissedAgain(Refused):
    """Found effective against what was measured."""

    sentence = "the target was missed again in {period}: it cannot be found effective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was measured after the action; `awaited` is the period that is still missing."""

    kpi: Kpi
    measured: Sequence[Measurement]
    awaited: Period | None

    @property
    def missed(self) -> Measurement | None:
        """The first measurement that missed the target again."""
        return next((one for one in self.measured if one.judgement is Judgement.MISSED), None)

    @property
    def effective(self) -> bool | None:
        """What the measurements say; None while they say nothing yet."""
        if self.missed is not None:
            return False
        return True if self.awaited is None else None


@transaction
def propose(session: Session, *, at: datetime) -> int:
    """Tell who verifies that the measurements are there, once; return how many were told."""
    waiting = session.exec(
        select(Duty, Nonconformity)
        .join(Nonconformity, col(Nonconformity.code) == col(Duty.subject))
        .where(
            col(Duty.kind) == DutyKind.VERIFY.value,
            col(Duty.state) == DutyState.OPEN,
            col(Duty.subject_kind) == rows.KIND,
            col(Nonconformity.source) == kpi_misses.SOURCE,
        )
        .order_by(col(Duty.id))
    ).all()
    return sum(_propose(session, duty, nonconformity, at) for duty, nonconformity in waiting)


def evidence(session: Session, nonconformity: Nonconformity) -> Evidence | None:
    """Return what was measured since the present round's action; None before it."""
    done_on = _done_on(session, nonconformity)
    misses = kpi_misses.misses_of(session, nonconformity.code)
    if done_on is None or not misses:
        return None
    kpi = session.get_one(Kpi, misses[0].kpi_id)
    first = _first(kpi, done_on)
    judged = session.exec(
        select(Measurement)
        .where(
            col(Measurement.kpi_id) == kpi.id,
            col(Measurement.scope) == misses[0].scope,
            col(Measurement.starts_on) >= first.first,
            col(Measurement.judgement).in_([Judgement.MET, Judgement.MISSED]),
        )
        .order_by(col(Measurement.starts_on))
        .limit(kpi_policy().miss.verify_by)
    ).all()
    return Evidence(kpi=kpi, measured=judged, awaited=_awaited(judged, first))


def _awaited(judged: Sequence[Measurement], first: Period) -> Period | None:
    if len(judged) >= kpi_policy().miss.verify_by:
        return None
    if not judged:
        return first
    return periods.following(periods.parse(judged[-1].period))


def _first(kpi: Kpi, done_on: date) -> Period:
    """Return the first period that says whether the action works."""
    period = periods.containing(done_on, kpi.frequency)
    whole = kpi.frequency in kpi_policy().miss.whole and period.first < done_on
    return periods.following(period) if whole else period


def _done_on(session: Session, nonconformity: Nonconformity) -> date | None:
    round_: Round = rows.present_round(session, nonconformity)
    return current().calendar.day(round_.done_at) if round_.done_at else None


def _propose(session: Session, duty: Duty, nonconformity: Nonconformity, at: datetime) -> bool:
    seen = evidence(session, nonconformity)
    if seen is None or seen.effective is None:
        return False
    said = line(
        duty,
        LetterKind.VERIFICATION_ASKED,
        duty.owner_id,
        at=at,
        facts={"note": _note(seen, current().settings.language)},
    )
    if not promise(session, [{**said, "key": _once(duty, seen)}]):
        return False
    trail.record(
        session,
        at=at,
        actor="clock",
        action=PROPOSED,
        subject=rows.subject(nonconformity.code),
        after={
            "effective": seen.effective,
            "measurements": [one.id for one in seen.measured],
            "round": nonconformity.rounds,
        },
    )
    return True


def _once(duty: Duty, seen: Evidence) -> str:
    """Return the key of the proposal: of these measurements, at whatever step the ladder stands.

    A measurement that was corrected and now says otherwise is told again.
    """
    last = seen.measured[-1].id
    assert duty.id is not None
    assert last is not None
    said = 2 * last + bool(seen.effective)
    return line_key(duty.id, 1, 0, LetterKind.VERIFICATION_ASKED, duty.owner_id, round_=said)


def _note(seen: Evidence, language: str) -> str:
    measured = "\n".join(kpi_answers.told(one, seen.kpi.unit, language) for one in seen.measured)
    return say(language, "Measured since the action:\n{measured}", measured=measured)


# --- what this source adds to a nonconformity's life -----------------------------------


def _verify_by(session: Session, nonconformity: Nonconformity, at: datetime) -> datetime | None:
    """The verification is due when the last measurement that it needs can be there."""
    seen = evidence(session, nonconformity)
    if seen is None:
        return None
    period = _first(seen.kpi, _done_on(session, nonconformity) or current().calendar.day(at))
    for _ in range(kpi_policy().miss.verify_by - 1):
        period = periods.following(period)
    now = current()
    days = now.policy.deadlines.verify_working_days
    return now.calendar.working_days(max(kpi_owed.due_at(period), at), days)


def _check_verdict(deed: Deed, nonconformity: Nonconformity, good: bool) -> None:  # noqa: FBT001 - the verdict
    if not good or State(nonconformity.state) is not State.IMPLEMENTED:
        return
    seen = evidence(deed.session, nonconformity)
    if seen is None:
        return
    if seen.missed is not None:
        raise MissedAgain(period=seen.missed.period)
    if seen.awaited is not None:
        day = current().calendar.day(kpi_owed.due_at(seen.awaited))
        raise NotMeasured(period=seen.awaited.code, day=day)


def _proposal(session: Session, duty: Duty, language: str) -> Mapping[str, str]:
    seen = _seen(session, duty)
    if seen is None or seen.effective is None:
        return {}
    return {
        "result": "effective" if seen.effective else "ineffective",
        "note": _note(seen, language),
    }


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    seen = _seen(session, duty)
    if seen is None:
        return []
    facts = [
        (
            say(language, "Measured since the action"),
            "\n".join(kpi_answers.told(one, seen.kpi.unit, language) for one in seen.measured)
            or "-",
        )
    ]
    if seen.awaited is not None:
        facts.append((say(language, "Still awaited"), seen.awaited.code))
    return facts


def _seen(session: Session, duty: Duty) -> Evidence | None:
    if duty.subject_kind != rows.KIND:
        return None
    found = session.exec(
        select(Nonconformity).where(col(Nonconformity.code) == duty.subject)
    ).first()
    if found is None or found.source != kpi_misses.SOURCE:
        return None
    return evidence(session, found)


def _register() -> None:
    sources.SOURCES[kpi_misses.SOURCE] = sources.Source(
        responded=kpi_improving.responded,
        agreed=kpi_improving.agreed,
        verify_by=_verify_by,
        check_verdict=_check_verdict,
        enters_at=lambda row: row.ineffective,
    )
    kinds: Any = (DutyKind.VERIFY.value, DutyKind.VERIFY_EFFECT.value)
    for kind in kinds:
        beside.FACTS.setdefault(kind, []).append(_facts)
    beside.PROPOSALS.setdefault(DutyKind.VERIFY.value, []).append(_proposal)
    beside.IDLE.setdefault(DutyKind.RESPOND.value, []).append(kpi_improving.idle)


_register()
