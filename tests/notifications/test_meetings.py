"""An invitation as a calendar reads it: one UID, a rising sequence, and an end."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from notifications.meetings import Meeting, ics

AT = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
MEETING = Meeting(
    uid="IA-2026-01-03-opening@company.example",
    sequence=0,
    cancelled=False,
    begins=datetime(2026, 9, 10, 1, 0, tzinfo=UTC),
    ends=datetime(2026, 9, 10, 1, 30, tzinfo=UTC),
    summary="首次会议：网络运维部",
    place="三号会议室",
    organizer="pdca@company.example",
    organizer_name="质量部",
    attendees=(("王经理", "wang@company.example"), ("李工", "li@company.example")),
)


def event(meeting):
    calendar = Calendar.from_ical(ics(meeting, at=AT))
    (found,) = calendar.walk("VEVENT")
    return calendar, found


def test_an_invitation_can_be_read_back():
    calendar, found = event(MEETING)
    assert calendar["METHOD"] == "REQUEST"
    assert found["UID"] == MEETING.uid
    assert found["SEQUENCE"] == 0
    assert found["DTSTART"].dt == MEETING.begins
    assert found["SUMMARY"] == MEETING.summary
    assert [str(who) for who in found["ATTENDEE"]] == [
        "mailto:wang@company.example",
        "mailto:li@company.example",
    ]


def test_a_change_keeps_the_uid_and_an_end_cancels_it():
    _, changed = event(replace(MEETING, sequence=1))
    assert (changed["UID"], changed["SEQUENCE"]) == (MEETING.uid, 1)
    calendar, ended = event(replace(MEETING, sequence=2, cancelled=True))
    assert (calendar["METHOD"], ended["STATUS"]) == ("CANCEL", "CANCELLED")


def test_the_same_meeting_gives_the_same_bytes():
    assert ics(MEETING, at=AT) == ics(MEETING, at=AT)


@pytest.mark.parametrize("evil", ["a\r\nATTENDEE:mailto:x@y.example", "a;b,c\\d", "x" * 500])
def test_what_somebody_wrote_adds_no_property(evil):
    _, found = event(replace(MEETING, place=evil, summary=evil, attendees=((evil, "a@b.example"),)))
    assert str(found["ATTENDEE"]) == "mailto:a@b.example"
