"""Opening and closing meetings (首末次会议): in everybody's calendar, moved and cancelled there.

An invitation is a letter with a calendar part. One UID for ever; whoever was invited hears of a
change once, and whoever is invited no more hears that it is cancelled for him.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models import people, stamps
from models.audit import Audit, MeetingInvite
from notifications.meetings import Meeting
from processes.audit import team as audit_team
from processes.mail.lines import post
from rules.words import LetterKind

SUMMARIES: Final = {
    "opening": "Opening meeting of the audit {code}: {area}",
    "closing": "Closing meeting of the audit {code}: {area}",
}


def meet(
    session: Session,
    audit: Audit,
    kind: str,
    *,
    begins: datetime,
    ends: datetime,
    place: str,
    invited: Iterable[int],
    at: datetime,
) -> MeetingInvite:
    """Invite to a meeting, or change it; the same again tells nobody anything."""
    who = sorted(set(invited))
    row = _find(session, audit, kind)
    if row is None:
        row = _new(session, audit, kind, begins, ends)
    elif _same(row, begins, ends, place, who):
        return row
    else:
        gone = set(row.invited) - set(who)
        row.sequence += 1
        _tell(session, audit, row, gone, at, cancelled=True)
    row.begins_at, row.ends_at, row.place, row.invited = begins, ends, place, who
    row.cancelled = False
    session.add(row)
    session.flush()
    _tell(session, audit, row, who, at, cancelled=False)
    return row


def cancel(session: Session, audit: Audit, *, at: datetime) -> None:
    """Cancel the meetings of an audit; everybody who was invited hears it once."""
    for row in meetings_of(session, audit):
        if row.cancelled:
            continue
        row.cancelled, row.sequence = True, row.sequence + 1
        session.add(row)
        session.flush()
        _tell(session, audit, row, row.invited, at, cancelled=True)


def meetings_of(session: Session, audit: Audit) -> list[MeetingInvite]:
    """Return the meetings, the first first."""
    rows = session.exec(select(MeetingInvite).where(col(MeetingInvite.audit_id) == audit.id))
    return sorted(rows.all(), key=lambda row: row.begins_at)


def meeting(session: Session, audit: Audit, row: MeetingInvite, *, cancelled: bool) -> Meeting:
    """Return a meeting as calendars are told it."""
    settings, posts = current().settings, people.organisation(session).posts
    area = audit_team.area_of(session, audit)
    attendees = [(posts[p].name, posts[p].address) for p in row.invited if p in posts]
    return Meeting(
        uid=row.uid,
        sequence=row.sequence,
        cancelled=cancelled,
        begins=row.begins_at,
        ends=row.ends_at,
        summary=say(settings.language, SUMMARIES[row.kind], code=audit.code, area=area.name),
        place=row.place,
        organizer=settings.mail.sender.rpartition("<")[2].rstrip(">"),
        organizer_name=settings.organisation,
        attendees=tuple((name, address) for name, address in attendees if address),
    )


def _find(session: Session, audit: Audit, kind: str) -> MeetingInvite | None:
    return session.exec(
        select(MeetingInvite).where(
            col(MeetingInvite.audit_id) == audit.id, col(MeetingInvite.kind) == kind
        )
    ).one_or_none()


def _new(
    session: Session, audit: Audit, kind: str, begins: datetime, ends: datetime
) -> MeetingInvite:
    domain = current().settings.mail.sender.rpartition("@")[2].rstrip(">") or "localhost"
    assert audit.id is not None
    return MeetingInvite(
        audit_id=audit.id,
        kind=kind,
        uid=f"{audit.code}-{kind}-{stamps.installation(session)[:8]}@{domain}",
        begins_at=begins,
        ends_at=ends,
    )


def _same(row: MeetingInvite, begins: datetime, ends: datetime, place: str, who: list[int]) -> bool:
    kept = (row.begins_at, row.ends_at, row.place, row.invited, row.cancelled)
    return kept == (begins, ends, place, who, False)


def _tell(
    session: Session,
    audit: Audit,
    row: MeetingInvite,
    persons: Iterable[int],
    at: datetime,
    *,
    cancelled: bool,
) -> None:
    told = asdict(meeting(session, audit, row, cancelled=cancelled))
    told |= {"begins": row.begins_at.isoformat(), "ends": row.ends_at.isoformat()}
    facts: dict[str, Any] = {
        "subject": audit.code,
        "title": told["summary"],
        "link": f"{current().settings.base_url}/audits/{audit.code}",
        "meeting": told,
        "begins_at": row.begins_at.isoformat(),
        "changed": row.sequence > 0,
    }
    for person in persons:
        post(
            session,
            letter=LetterKind.MEETING,
            ref=f"{row.uid}:{row.sequence}:{'cancel' if cancelled else 'request'}",
            person_id=person,
            at=at,
            facts=facts,
        )
