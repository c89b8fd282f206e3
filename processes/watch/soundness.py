"""Whether the product can keep its promise (健全性): what an operator must mend, as alarms.

Each judgement raises the alarms that are due and clears those that are over, so that running
it twice says nothing twice.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.calendar import calendar_alarm
from config.current import current
from models import alarms, people
from models.engine import transaction
from models.notice import Notice, NoticeState
from models.record import Alarm, Hold
from processes.alarm import wording as says
from rules.organisation import Organisation, Post
from rules.words import Role

LISTED: Final = 10  # people of a circle that an alarm names

Problems = Mapping[str, str]  # ref to message


@transaction
def judge_calendar(session: Session, at: datetime) -> str | None:
    """Alarm while a year that is in use is only assumed; return the sentence."""
    now = current()
    said = calendar_alarm(now.calendar, now.calendar.day(at), language=now.settings.language)
    _keep(session, "calendar_unconfirmed", {"calendar": said} if said else {}, at)
    return said


@transaction
def judge_organisation(session: Session, at: datetime) -> dict[str, int]:
    """Alarm for each gap and circle, and for a quality head whom nobody can reach."""
    organisation = people.organisation(session)
    gaps = {_ref(post): _gap(post) for post in organisation.gaps()}
    circles = {_ref(ring[0]): _circle(ring) for ring in organisation.circles()}
    unled = _without_quality_head(organisation, at)
    _keep(session, "organisation_gap", gaps, at)
    _keep(session, "organisation_circle", circles, at)
    _keep(session, "no_quality_head", unled, at)
    _clear_mended_chains(session, organisation, at)
    return {"gaps": len(gaps), "circles": len(circles), "no_quality_head": len(unled)}


@transaction
def judge_mail(session: Session, at: datetime) -> int:
    """Alarm while a mail that was tried waits longer than the policy allows; return minutes.

    One that nobody has tried waits for a sender, which `/health` and the clock tell of.
    """
    oldest = session.exec(
        select(sa.func.min(col(Notice.created_at))).where(
            col(Notice.state).in_((NoticeState.PENDING, NoticeState.LEASED)),
            col(Notice.attempts) > 0,
        )
    ).one()
    waits = int((at - oldest).total_seconds() // 60) if oldest else 0
    late = waits >= current().policy.mail.alarm_minutes
    said = says.mail_waits(waits)
    _keep(session, "mail_waiting", {"outbox": said} if late else {}, at)
    return waits


@transaction
def judge_holds(session: Session, at: datetime) -> list[str]:
    """Alarm for each operator's pause that is older than one working day."""
    calendar = current().calendar
    old = {
        hold.flow: says.long_hold(hold.flow, hold.since, hold.by)
        for hold in session.exec(select(Hold))
        if calendar.add(hold.since, 1) < at
    }
    _keep(session, "hold_old", old, at)
    return sorted(old)


def _keep(session: Session, kind: str, problems: Problems, at: datetime) -> None:
    """Make the open alarms of this kind be exactly these."""
    for ref, message in problems.items():
        alarms.raise_alarm(session, kind=kind, ref=ref, message=message, at=at)
    for alarm in _open(session, kind):
        if alarm.ref not in problems:
            alarms.clear_alarm(session, kind=kind, ref=alarm.ref, at=at)


def _clear_mended_chains(session: Session, organisation: Organisation, at: datetime) -> None:
    """End the alarms of single steps whose chain has been mended since."""
    for kind in ("chain_gap", "chain_circle", "owner_unreachable"):
        for alarm in _open(session, kind):
            if _mended(kind, alarm.ref, organisation, at):
                alarms.clear_alarm(session, kind=kind, ref=alarm.ref, at=at)


def _mended(kind: str, ref: str, organisation: Organisation, at: datetime) -> bool:
    number = ref.removeprefix("person:")
    owner = int(number) if number.isdigit() else 0
    if owner not in organisation.posts:
        return True
    if kind == "owner_unreachable":
        day = current().calendar.day(at)
        return organisation.unreachable(owner, day, barred=frozenset({owner})) is None
    return organisation.chain(owner).ends == "top"


def _without_quality_head(organisation: Organisation, at: datetime) -> dict[str, str]:
    day = current().calendar.day(at)
    heads = organisation.holders(Role.QUALITY_HEAD)
    if any(organisation.unreachable(h, day, barred=frozenset()) is None for h in heads):
        return {}
    return {"organisation": says.no_quality_head()}


def _gap(post: Post) -> str:
    return says.no_manager(post.manager_code, post.code)


def _circle(ring: tuple[Post, ...]) -> str:
    named = " → ".join(post.code for post in (*ring[:LISTED], ring[0]))
    return says.circle(named)


def _ref(post: Post) -> str:
    return f"person:{post.id}"


def _open(session: Session, kind: str) -> list[Alarm]:
    query = select(Alarm).where(col(Alarm.kind) == kind, col(Alarm.cleared_at).is_(None))
    return list(session.exec(query))
