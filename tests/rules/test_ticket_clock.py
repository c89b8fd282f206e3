"""How long a ticket took: service time from opening to end, less its pauses, never a sum added."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.service_time import ServiceTime, week_of
from rules.spans import common, length, merged, without
from rules.ticket import MEASURES, Asked, Basis, Terms, Ticket, beside
from rules.ticket_clock import Clock, of_states

SITE = ZoneInfo("Asia/Shanghai")
OFFICE = ServiceTime(zone=SITE, week=week_of("Mon-Fri 09:00-18:00"))
HOUR = timedelta(hours=1)


def on(day, hour, minute=0, month=3):
    return datetime(2026, month, day, hour, minute, tzinfo=SITE).astimezone(UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "pauses", "hours"),
    [
        (on(2, 9), on(2, 19), [], 9),  # Monday, until after closing
        (on(6, 17), on(9, 10), [], 2),  # over a weekend
        (on(7, 9), on(8, 18), [], 0),  # nothing but a weekend
        (on(2, 9), on(2, 19), [(on(2, 10), on(2, 18))], 1),
        (on(2, 9), on(2, 19), [(on(2, 10), on(2, 14)), (on(2, 12), on(2, 18))], 1),  # they overlap
        (on(2, 9), on(2, 12), [(on(1, 9), on(2, 10)), (on(2, 11), on(3, 9))], 1),  # reach beyond
        (on(2, 9), on(2, 12), [(on(2, 10), None)], 1),  # still waiting
        (on(2, 9), on(2, 12), [(on(2, 20), on(2, 22))], 3),  # outside of it
        (on(2, 12), on(2, 9), [], 0),  # the end before the beginning
        (on(31, 17, month=12), datetime(2027, 1, 1, 10, tzinfo=SITE), [], 2),  # over New Year
    ],
)
def test_elapsed_is_service_time_less_pauses(begins, ends, pauses, hours):
    assert Clock(OFFICE).elapsed(begins, ends, pauses) == hours * HOUR


def test_a_length_of_waiting_is_taken_off_and_never_below_zero():
    clock = Clock(OFFICE)
    assert clock.elapsed(on(2, 9), on(2, 12), waited=2 * HOUR) == HOUR
    assert clock.elapsed(on(2, 9), on(2, 12), waited=9 * HOUR) == timedelta()


MOMENTS = st.integers(0, 3 * 366 * 24 * 60).map(
    lambda minutes: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(MOMENTS, MOMENTS, st.lists(st.tuples(MOMENTS, MOMENTS), max_size=4))
def test_the_clock_counts_what_intersecting_intervals_leaves(begins, ends, pauses):
    wanted = length(without(OFFICE.spans(begins, ends), merged(pauses))) if begins < ends else None
    assert Clock(OFFICE).elapsed(begins, ends, pauses) == (wanted or timedelta())


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(SPANS, SPANS)
def test_spans_are_sets_of_instants(one, other):
    def span(pairs):
        return merged((on(1, 0) + a * HOUR, on(1, 0) + b * HOUR) for a, b in pairs)

    def hours(pairs):
        return {hour for a, b in pairs for hour in range(a, b)}

    left, right = span(one), span(other)
    assert length(left) == len(hours(one)) * HOUR
    assert length(common(left, right)) == len(hours(one) & hours(other)) * HOUR
    assert length(without(left, right)) == len(hours(one) - hours(other)) * HOUR


def test_a_history_waits_from_a_waiting_row_to_the_next():
    rows = [(on(2, 9), False), (on(2, 10), True), (on(2, 11), True), (on(2, 12), False)]
    assert of_states(rows) == [(on(2, 10), on(2, 12))]
    assert of_states(rows[:2]) == [(on(2, 10), None)]  # the last row waits: it is waiting still
    assert of_states([]) == []


# --- what is counted ----------------------------------------------------------------------

TERMS = Terms(clock=Clock(OFFICE), targets={"P1": Decimal(4)})
OPEN = Ticket(opened_at=on(2, 9), priority="P1")
MET = Ticket(opened_at=on(2, 9), closed_at=on(2, 13), priority="P1")
LATE = Ticket(opened_at=on(2, 9), closed_at=on(2, 13, 1), priority="P1")
FREE = Ticket(opened_at=on(2, 9), closed_at=on(9, 9), priority="P9", met_sla=True)


@pytest.mark.parametrize(
    ("ticket", "basis", "wanted"),
    [
        *((MET, basis, (1, 1)) for basis in Basis),  # to the minute is within
        *((LATE, basis, (0, 1)) for basis in Basis),
        (OPEN, Basis.OPENED, (0, 1)),  # missed now
        (OPEN, Basis.RESOLVED, (0, 0)),
        (OPEN, Basis.CLOSED, (0, 0)),
        *((FREE, basis, (0, 0)) for basis in Basis),
    ],
)
def test_on_time_counts_what_has_a_target(ticket, basis, wanted):
    asked = Asked(terms=TERMS, basis=basis, at=on(5, 9))
    assert MEASURES["on_time"].part(ticket, asked) == wanted


@pytest.mark.parametrize(("basis", "measure"), list(product(Basis, ["met_sla", "on_time"])))
def test_a_flag_never_brings_a_ticket_without_target_into_a_rate(basis, measure):
    asked = Asked(terms=TERMS, basis=basis, at=on(5, 9))
    assert MEASURES[measure].part(FREE, asked) == (0, 0)
    flagged = Asked(terms=Terms(), basis=basis, at=on(5, 9))  # a log that knows no target at all
    assert MEASURES["met_sla"].part(FREE, flagged) == (1, 1)


def test_an_open_ticket_within_its_target_is_not_judged_yet():
    asked = Asked(terms=TERMS, basis=Basis.OPENED, at=on(2, 12))
    assert MEASURES["on_time"].part(OPEN, asked) == (0, 0)


INSTANTS = st.one_of(st.none(), st.integers(0, 60 * 24).map(lambda hours: on(1, 0) + hours * HOUR))


@given(st.lists(st.tuples(INSTANTS, INSTANTS, INSTANTS), max_size=8))
def test_what_stands_beside_a_rate_is_counted_as_by_hand(rows):
    terms = Terms(due=True)
    tickets = [Ticket(opened_at=a, resolved_at=b, due_at=c) for a, b, c in rows]
    spans = [
        (on(1, 0), on(15, 0)),
        (on(15, 0), on(1, 0, month=4)),
        (on(1, 0, month=4), on(9, 0, month=4)),
    ]
    for (begins, ends), found in zip(spans, beside(tickets, spans, terms), strict=True):
        still = [t for t in tickets if t.opened_at and t.opened_at < ends]
        still = [t for t in still if t.resolved_at is None or t.resolved_at >= ends]
        assert found.opened == sum(bool(a) and begins <= a < ends for a, _, _ in rows)
        assert found.resolved_in_period == sum(bool(b) and begins <= b < ends for _, b, _ in rows)
        assert found.open_at_end == len(still)
        assert found.overdue_at_end == sum(bool(t.due_at) and t.due_at < ends for t in still)
