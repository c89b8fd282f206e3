"""Registers: the same rows for a page and for JSON, filtered and counted."""

from datetime import UTC, datetime, timedelta

import pytest

from config.current import current
from models.alarms import clear_alarm, raise_alarm
from models.engine import writing
from processes import plug
from processes.alarm import registers as alarm_registers
from processes.duty import climbing
from processes.duty import issued as duties
from processes.duty import registers as duty_registers
from processes.mail import outbox
from processes.mail import registers as mail_registers
from processes.nonconformity import raising as nonconformities
from processes.nonconformity import registers as nonconformity_registers
from processes.organisation import registers as organisation_registers
from processes.register.query import Filters
from processes.register.rows import as_json
from rules.words import Severity
from tests.support.cast import absent, at, hire

NOW = at("2026-09-07")


@pytest.fixture
def raised(home):
    """Two nonconformities of Li's and one of Chen's, a week apart."""
    hire()
    return [
        nonconformities.raise_(title="第一项", owner_code="li", at=NOW, project="P1"),
        nonconformities.raise_(
            title="第二项", owner_code="li", at=NOW + timedelta(days=7), severity=Severity.MAJOR
        ),
        nonconformities.raise_(title="第三项", owner_code="chen", at=NOW, raised_by="zhao"),
    ]


def codes(page):
    return {row.code for row in page.rows}


def test_nonconformities_come_newest_first_with_their_levels(raised):
    page = nonconformity_registers.nonconformities(Filters(), at=NOW)
    assert page.rows[0].code == raised[1]
    assert page.total == 3
    assert {row.level for row in page.rows} == {0}


@pytest.mark.parametrize(("filters", "found"), [
    (Filters(person="li"), {0, 1}),
    (Filters(severity="major"), {1}),
    (Filters(project="P1"), {0}),
    (Filters(state="raised"), {0, 1, 2}),
    (Filters(state="closed"), set()),
    (Filters(source="daily"), {0, 1, 2}),
    (Filters(since=NOW + timedelta(days=1)), {1}),
    (Filters(person="li", severity="minor"), {0}),
])  # fmt: skip
def test_filters_leave_out_what_does_not_fit(raised, filters, found):
    page = nonconformity_registers.nonconformities(filters, at=NOW)
    assert codes(page) == {raised[n] for n in found}


def test_overdue_is_what_is_open_past_its_due_date(raised):
    later = NOW + timedelta(days=33)
    assert codes(nonconformity_registers.nonconformities(Filters(overdue=True), at=later)) == set(
        raised
    )
    assert not nonconformity_registers.nonconformities(Filters(overdue=True), at=NOW).rows
    assert len(duty_registers.duties(Filters(overdue=True), at=NOW + timedelta(days=4)).rows) == 2


def test_a_page_counts_what_it_does_not_show(raised):
    page = duty_registers.duties(Filters(), at=NOW, limit=2)
    assert (len(page.rows), page.total) == (2, 3)
    rest = duty_registers.duties(Filters(), at=NOW, limit=2, offset=2)
    assert (len(rest.rows), rest.total) == (1, 3)
    assert duty_registers.duties(Filters(), at=NOW, limit=2, offset=9).total == 3


def test_a_duty_as_json_has_the_stable_keys(raised):
    row = duty_registers.duties(Filters(subject=raised[0]), at=NOW).rows[0]
    told = as_json(row, current().settings.zone)
    assert {
        *("id", "kind", "subject", "owner", "issued_at", "due_at"),
        *("state", "episode", "level", "nth", "next_at"),
    } <= told.keys()
    assert told["subject"] == raised[0]
    assert told["owner"] == "li"
    assert told["issued_at"] == "2026-09-07T10:00:00+08:00"


def test_a_notice_is_a_line_with_the_state_of_its_mail(raised):
    climbed_at = NOW + timedelta(days=4)
    first = mail_registers.notices(Filters(subject=raised[0]), at=NOW).rows[0]
    assert (first.letter, first.level, first.person, first.state) == (
        *("assignment", None, "li"),
        "pending",
    )
    assert first.address == "li@company.example"
    row = duty_registers.duties(Filters(subject=raised[0]), at=NOW).rows[0]
    for _ in range(3):  # reminder, the owner, level 1
        climbing.climb([row.id], at=climbed_at)
        climbed_at += timedelta(days=3)
    outbox.gather(climbed_at)
    told = mail_registers.notices(Filters(kind="escalation"), at=NOW).rows
    assert [(one.person, one.level, one.duty) for one in told] == [("wang", 1, row.id)]
    assert as_json(told[0], current().settings.zone).keys() >= {
        *("key", "letter", "level", "person", "on_behalf_of", "address"),
        *("duty", "state", "created_at", "sent_at"),
    }
    assert codes(nonconformity_registers.nonconformities(Filters(person="li"), at=NOW)) == {
        *raised[:2]
    }
    levels = {
        r.code: r.level for r in nonconformity_registers.nonconformities(Filters(), at=NOW).rows
    }
    assert levels[raised[0]] == 1


def test_what_ended_before_it_was_told_is_cancelled_and_never_waits(home):
    hire()
    code = nonconformities.raise_(title="误报", owner_code="li", at=NOW)
    with writing() as session:
        for duty in duties.open_duties_about(session, "nonconformity", code):
            duties.withdraw(session, duty, at=NOW, why="the nonconformity is closed")
    while outbox.gather(NOW).people:
        pass
    told = mail_registers.notices(Filters(), at=NOW).rows
    assert {(row.letter.value, row.state, row.sent_at) for row in told} >= {
        ("assignment", "cancelled", None)
    }
    assert mail_registers.notices(Filters(state="cancelled"), at=NOW).total >= 1


def test_a_notice_to_a_delegate_names_the_absent_person(home):
    hire(li=absent(delegate="sun"))
    nonconformities.raise_(title="代收", owner_code="li", at=NOW)
    row = mail_registers.notices(Filters(), at=NOW).rows[0]
    assert (row.person, row.on_behalf_of) == ("sun", "li")


def test_people_keep_the_manager_that_nobody_knows(home):
    hire()
    page = organisation_registers.people(Filters(kind="quality"), at=NOW)
    assert {row.code for row in page.rows} == {"zhao", "zhou"}  # not quality_head
    assert {
        row.code for row in organisation_registers.people(Filters(state="inactive"), at=NOW).rows
    } == {"gone"}
    told = as_json(page.rows[0], current().settings.zone)
    assert {"code", "name", "email", "manager", "unit", "roles", "active"} <= told.keys()


def test_alarms_that_are_over_are_listed_last(home):
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    with writing() as session:
        raise_alarm(session, kind="a", ref="x", message="one", at=early)
        clear_alarm(session, kind="a", ref="x", at=late)
        raise_alarm(session, kind="b", ref="y", message="two", at=late)
    assert [row.kind for row in alarm_registers.alarms(Filters(), at=late).rows] == ["b", "a"]
    assert [row.kind for row in alarm_registers.alarms(Filters(state="open"), at=late).rows] == [
        "b"
    ]
    assert [r.kind for r in alarm_registers.alarms(Filters(state="cleared"), at=late).rows] == ["a"]


def test_projects_and_units_name_codes(home):
    hire()
    assert [
        (row.code, row.manager) for row in organisation_registers.projects(Filters(), at=NOW).rows
    ] == [("P1", "sun")]
    assert [row.code for row in organisation_registers.units(Filters(), at=NOW).rows] == ["OPS"]


TYPED = {
    "overdue": True,
    "since": NOW,
    "level": 9,
    **dict.fromkeys(("due_from", "due_until", "ended_from"), NOW.date()),
}


def test_every_register_knows_its_filters(home):
    for register in plug.every("registers").values():
        for name in register.filters:
            words = register.words(name)
            value = TYPED.get(name, words[0] if words else "x")
            assert register.read(Filters(**{name: value}), at=NOW).total == 0
