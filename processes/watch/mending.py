"""After a wrong clock (时钟纠正后): what it wrote ahead of the time is put back, and said.

Steps wait for the instant that the ladder gives them as things stand, rests and leases are over,
the daily turn is due again. What was told was told: its letters are marked, and what people did
meanwhile stands.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from models import alarms, trail
from models.duty import Duty
from models.engine import reading, transaction
from models.notice import Notice, NoticeState
from models.record import Beat, Code, Lease, Trail
from models.relay import PACE, STATE
from processes.alarm import wording as says
from processes.watch import window
from processes.watch.waking import WHEEL
from rules import stepping
from rules.stepping import Ladder
from rules.words import DutyState

UNSENT: Final = (NoticeState.PENDING, NoticeState.LEASED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What was put back: duties, letters marked, mails freed; `issued` were begun meanwhile.

    `acts` are on record later than now, between `first` and `last`.
    """

    acts: int = 0
    first: datetime | None = None
    last: datetime | None = None
    duties: int = 0
    letters: int = 0
    mails: int = 0
    issued: int = 0


def ahead(at: datetime, *, leap: timedelta) -> Mended:
    """Return what is on record later than now and was not put back yet; changes nothing."""
    with reading() as session:
        return _ahead(session, at + leap, window.remembered().past)


def mended() -> tuple[datetime, Mended] | None:
    """Return what was put back last, and when; None if nothing ever was."""
    with reading() as session:
        facts = session.exec(select(Beat.facts).where(col(Beat.name) == window.BEAT)).first()
    kept = (facts or {}).get("mended")
    if not kept:
        return None
    when = datetime.fromisoformat(kept["at"])
    told: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in {"first", "last"} and value else value
        for name, value in kept.items()
        if name != "at"
    }
    return when, Mended(**told)


@transaction
def release(session: Session, at: datetime, *, by: str, leap: timedelta) -> Mended:
    """Believe the clock that says `at` from now on, and put back what lies ahead of it.

    Twice is harmless: what was put back lies ahead no more.
    """
    kept = session.get(Beat, window.BEAT)
    facts: dict[str, Any] = dict(kept.facts) if kept is not None else {}
    late = at + leap
    found = _ahead(session, late, facts.get("past", 0))
    if found.first is not None or _life_ahead(session, late):
        found = _put_back(session, found, at, late)
        facts["mended"] = {**_plain(found), "at": at.isoformat()}
    trail.record(
        session, at=at, actor=by[:64], action="clock.released", subject="clock", after=_plain(found)
    )
    facts |= {"since": at.isoformat(), "before": at.isoformat(), "past": window.head(session)}
    facts["head"] = facts["past"]
    window.write(session, at, facts)
    alarms.clear_alarm(session, kind=window.KIND, ref="clock", at=at)
    return found


def _ahead(session: Session, late: datetime, past: int) -> Mended:
    query = sa.select(sa.func.count(), sa.func.min(col(Trail.at)), sa.func.max(col(Trail.at)))
    count, first, last = session.execute(
        query.where(col(Trail.seq) > past, col(Trail.at) > late)
    ).one()
    return Mended(acts=count, first=first, last=last)


def _life_ahead(session: Session, late: datetime) -> bool:
    """Whether a service has beaten later than now: it may have put off steps and done no more."""
    return session.exec(select(Beat.name).where(col(Beat.at) > late).limit(1)).first() is not None


def _put_back(session: Session, found: Mended, at: datetime, late: datetime) -> Mended:
    letters = _mark(session, late)
    mails = _free_mails(session, at, late)
    _end_rests(session, at, late)
    issued = select(sa.func.count()).select_from(Duty)
    open_ahead = (col(Duty.state) == DutyState.OPEN, col(Duty.issued_at) > late)
    return Mended(
        acts=found.acts,
        first=found.first,
        last=found.last,
        duties=_duties(session, at, late),
        letters=letters,
        mails=mails,
        issued=session.exec(issued.where(*open_ahead)).one(),
    )


def _duties(session: Session, at: datetime, late: datetime) -> int:
    """Give each duty that was put off the step that the ladder gives it now; return how many."""
    touched = set(
        session.exec(
            select(Trail.subject).where(
                col(Trail.at) > late, col(Trail.subject).startswith("duty:")
            )
        )
    )
    query = select(Duty).where(col(Duty.state) == DutyState.OPEN, col(Duty.next_at) > late)
    entries, moved = [], 0
    for duty in session.exec(query.order_by(col(Duty.id)).execution_options(yield_per=500)):
        waits = duty.late_since is not None or duty.entered_at is not None
        if not waits and f"duty:{duty.id}" not in touched:
            continue
        next_at = _as_it_stands(duty, at)
        if next_at >= duty.next_at:
            continue
        entries.append(_entry(duty, next_at, at))
        moved += _moved(session, duty, next_at)
    trail.record_many(session, entries)
    return moved


def _as_it_stands(duty: Duty, at: datetime) -> datetime:
    """Return when the ladder's next step would be, had the last one been taken now."""
    ladder, calendar = Ladder.from_json(duty.ladder), current().calendar_named(duty.calendar)
    if duty.nth == 0:
        issued = min(max(duty.issued_at, duty.entered_at or duty.issued_at), at)
        first = stepping.first_instant(ladder, issued=issued, due=duty.due_at, calendar=calendar)
        return max(first, at)
    return stepping.following(ladder, nth=duty.nth, due=duty.due_at, taken_at=at, calendar=calendar)


def _moved(session: Session, duty: Duty, next_at: datetime) -> int:
    done = session.execute(
        sa.update(Duty)
        .where(col(Duty.id) == duty.id, col(Duty.rev) == duty.rev)
        .values(next_at=next_at, late_since=None, rev=duty.rev + 1)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _entry(duty: Duty, next_at: datetime, at: datetime) -> trail.Entry:
    return trail.Entry(
        at=at,
        actor="clock",
        action="duty.put_back",
        subject=f"duty:{duty.id}",
        before={"next_at": duty.next_at.isoformat()},
        after={"next_at": next_at.isoformat()},
    )


def _mark(session: Session, late: datetime) -> int:
    """Write on each letter that went out ahead of the time by which clock it did."""
    sent = select(Notice.id, Notice.sent_at).where(
        col(Notice.state) == NoticeState.SENT, col(Notice.sent_at) > late
    )
    rows = session.exec(sent).all()
    for number, when in rows:
        assert when is not None
        session.execute(
            sa.update(Notice)
            .where(col(Notice.id) == number)
            .values(error=says.by_wrong_clock(when))
        )
    return len(rows)


def _free_mails(session: Session, at: datetime, late: datetime) -> int:
    """Let what waits for a wrong hour be tried now; a lease of such an hour is over."""
    waits = (col(Notice.state) == NoticeState.PENDING, col(Notice.next_try_at) > late)
    made_then = sa.or_(
        col(Notice.created_at) > late,
        col(Notice.next_try_at) > at + _longest(),
    )
    freed = session.execute(sa.update(Notice).where(*waits, made_then).values(next_try_at=at))
    leased = (col(Notice.state) == NoticeState.LEASED, col(Notice.lease_until) > at + _lease())
    over = session.execute(sa.update(Notice).where(*leased).values(lease_until=at))
    return int(freed.rowcount) + int(over.rowcount)  # type: ignore[attr-defined]


def _longest() -> timedelta:
    """Return the longest that a mail waits for its next try, with the part left to chance."""
    return 2 * timedelta(hours=current().policy.mail.backoff_cap_hours)


def _lease() -> timedelta:
    return timedelta(minutes=current().policy.mail.lease_minutes)


def _end_rests(session: Session, at: datetime, late: datetime) -> None:
    """End leases, codes and rests that a wrong clock gave, and let the daily turn be due."""
    session.execute(sa.update(Lease).where(col(Lease.until) > late).values(until=at))
    codes = sa.update(Code).where(col(Code.expires_at) > late, col(Code.used_at).is_(None))
    session.execute(codes.values(expires_at=at))
    for row in session.exec(select(Beat).where(col(Beat.at) > late)).all():
        _beat_again(session, row, at)


def _beat_again(session: Session, row: Beat, at: datetime) -> None:
    if row.name in {WHEEL, PACE}:  # the turn is owed, the portion is used up by nobody
        session.delete(row)
        return
    row.at = at
    if row.name == STATE:
        row.facts = {**row.facts, "until": None}
    session.add(row)


def _plain(found: Mended) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(found).items()
    }
