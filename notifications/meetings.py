"""Invitations as calendars read them (会议邀请, RFC 5545): REQUEST, a newer REQUEST, CANCEL.

The UID of a meeting never changes; every change raises SEQUENCE, and a calendar ignores what is
older than what it has. The same meeting at the same instant gives the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rules.text import line


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting as an invitation tells it; instants are aware."""

    uid: str
    sequence: int
    cancelled: bool
    begins: datetime
    ends: datetime
    summary: str
    place: str = ""
    description: str = ""
    organizer: str = ""  # an address
    organizer_name: str = ""
    attendees: tuple[tuple[str, str], ...] = ()  # (name, address)

    @property
    def method(self) -> str:
        return "CANCEL" if self.cancelled else "REQUEST"


def from_facts(told: Mapping[str, Any]) -> Meeting:
    """Return a meeting as a line keeps it: instants as text, people as lists."""
    return Meeting(
        **{
            **told,
            "begins": datetime.fromisoformat(told["begins"]),
            "ends": datetime.fromisoformat(told["ends"]),
            "attendees": tuple((name, address) for name, address in told["attendees"]),
        }
    )


def ics(meeting: Meeting, *, at: datetime) -> str:
    """Return the calendar text; `at` is when it was written."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//PDCA//audit meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", meeting.method)
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", meeting.begins.astimezone(UTC))
    event.add("dtend", meeting.ends.astimezone(UTC))
    event.add("summary", line(meeting.summary))
    event.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    if meeting.place:
        event.add("location", line(meeting.place))
    if meeting.description:
        event.add("description", meeting.description)
    for prop in _people(meeting):
        event.add(*prop, encode=False)
    calendar.add_component(event)
    text: str = calendar.to_ical().decode("utf-8")
    return text


def _people(meeting: Meeting) -> list[tuple[str, object]]:
    from icalendar import vCalAddress, vText

    found: list[tuple[str, object]] = []
    if meeting.organizer:
        who = vCalAddress(f"mailto:{meeting.organizer}")
        if meeting.organizer_name:
            who.params["cn"] = vText(line(meeting.organizer_name))
        found.append(("organizer", who))
    for name, address in meeting.attendees:
        who = vCalAddress(f"mailto:{address}")
        who.params["cn"] = vText(line(name))
        who.params["role"] = vText("REQ-PARTICIPANT")
        who.params["rsvp"] = vText("FALSE")
        found.append(("attendee", who))
    return found
