"""Three figures from spans: what is planned is proven, and no minute is counted twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.availability import (
    Claim,
    Excluded,
    Exclusion,
    Outage,
    Terms,
    claim,
    figures,
    minutes,
    percent,
)
from rules.service_time import ServiceTime, week_of

ALWAYS = ServiceTime(zone=ZoneInfo("UTC"), week=week_of("24x7"))
SUNDAY_NIGHT = ServiceTime(zone=ZoneInfo("UTC"), week=week_of("Sun 00:00-06:00"))
TERMS = Terms(notice=timedelta(hours=48))
MAY = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
WHOLE = 31 * 24 * 60


def when(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def outage(begins, ends, *, announced=None, planned=False, counted=True):
    return Outage(
        begins=when(begins),
        ends=when(ends),
        announced_at=when(announced) if announced else None,
        planned=planned,
        counted=counted,
    )


def window(kind, begins, ends, *, agreed=True, announced=None):
    return Excluded(
        kind=kind,
        begins=when(begins),
        ends=when(ends),
        announced_at=when(announced) if announced else None,
        agreed=agreed,
    )


def of_may(outages, exclusions=(), terms=TERMS, service=ALWAYS):
    return figures(outages, exclusions, terms=terms, service=service, begins=MAY[0], ends=MAY[1])


@pytest.mark.parametrize(
    ("announced", "begins", "planned", "terms", "found"),
    [
        ("05-08 02:00", "05-10 02:00", True, TERMS, Claim.PLANNED),  # exactly so long before
        ("05-08 02:01", "05-10 02:00", True, TERMS, Claim.TOO_LATE),
        ("05-10 02:00", "05-10 02:00", True, TERMS, Claim.TOO_LATE),
        ("05-10 02:01", "05-10 02:00", True, TERMS, Claim.AFTERWARDS),
        (None, "05-10 02:00", True, TERMS, Claim.NO_NOTICE),
        ("05-01 00:00", "05-10 02:00", False, TERMS, Claim.NOT_CLAIMED),
        ("05-10 02:00", "05-10 02:00", True, Terms(notice=timedelta()), Claim.PLANNED),
        # the 10th is a Sunday
        ("05-01 00:00", "05-10 02:00", True, Terms(notice=TERMS.notice, window=SUNDAY_NIGHT),
         Claim.PLANNED),
        ("05-01 00:00", "05-10 05:30", True, Terms(notice=TERMS.notice, window=SUNDAY_NIGHT),
         Claim.OUTSIDE),  # it ends after the window
        ("05-01 00:00", "05-11 02:00", True, Terms(notice=TERMS.notice, window=SUNDAY_NIGHT),
         Claim.OUTSIDE),
    ],
)  # fmt: skip
def test_planned_is_a_claim_to_check(announced, begins, planned, terms, found):
    one = Outage(
        begins=when(begins),
        ends=when(begins) + timedelta(hours=1),
        announced_at=when(announced) if announced else None,
        planned=planned,
    )
    assert claim(one, terms, planned=planned) is found


def told(found):
    return (
        int(found.planned_minutes),
        int(found.unplanned_minutes),
        int(found.excluded_minutes),
        int(found.false_minutes),
        found.outages,
    )


HOUR = ("05-12 10:00", "05-12 11:00")
PLANNED = {"announced": "05-01 00:00", "planned": True}


@pytest.mark.parametrize(
    ("outages", "exclusions", "found"),
    [
        ([], [], (0, 0, 0, 0, 0)),
        ([outage(*HOUR)], [], (0, 60, 0, 0, 1)),
        ([outage(*HOUR, **PLANNED)], [], (60, 0, 0, 0, 0)),
        ([outage(*HOUR, counted=False)], [], (0, 0, 0, 0, 0)),  # partial: the contract says so
        # one minute shared is one outage, and counted once
        ([outage(*HOUR), outage("05-12 10:59", "05-12 12:00")], [], (0, 120, 0, 0, 1)),
        ([outage(*HOUR), outage("05-12 11:00", "05-12 12:00")], [], (0, 120, 0, 0, 1)),
        ([outage(*HOUR), outage("05-12 11:01", "05-12 12:00")], [], (0, 119, 0, 0, 2)),
        # where both overlap, the unplanned one counts
        ([outage(*HOUR), outage("05-12 10:30", "05-12 12:00", **PLANNED)], [], (60, 60, 0, 0, 1)),
        # across both ends of the month
        ([outage("04-30 23:00", "05-01 01:00")], [], (0, 60, 0, 0, 1)),
        ([outage("05-31 23:00", "06-01 01:00")], [], (0, 60, 0, 0, 1)),
        ([outage("04-30 23:00", "05-01 00:00")], [], (0, 0, 0, 0, 0)),
        ([outage("06-01 00:00", "06-01 01:00")], [], (0, 0, 0, 0, 0)),
        # taken out by agreement, whole and half
        ([outage(*HOUR)], [window(Exclusion.CUSTOMER, *HOUR)], (0, 0, 60, 0, 0)),
        ([outage(*HOUR)], [window(Exclusion.CUSTOMER, *HOUR, agreed=False)], (0, 60, 0, 0, 1)),
        (
            [outage(*HOUR)],
            [window(Exclusion.FORCE_MAJEURE, "05-12 10:45", "05-12 15:00")],
            (0, 45, 15, 0, 1),
        ),
        # a hole in the middle of an outage makes no second outage
        (
            [outage(*HOUR)],
            [window(Exclusion.THIRD_PARTY, "05-12 10:20", "05-12 10:30")],
            (0, 50, 10, 0, 1),
        ),
        # there was no outage at all
        ([outage(*HOUR)], [window(Exclusion.FALSE_ALARM, *HOUR)], (0, 0, 0, 60, 0)),
        ([outage(*HOUR, **PLANNED)], [window(Exclusion.FALSE_ALARM, *HOUR)], (0, 0, 0, 60, 0)),
        # maintenance that was announced in time takes out, agreed to or not; afterwards never
        (
            [outage(*HOUR)],
            [window(Exclusion.MAINTENANCE, *HOUR, agreed=False, announced="05-10 10:00")],
            (60, 0, 0, 0, 0),
        ),
        (
            [outage(*HOUR)],
            [window(Exclusion.MAINTENANCE, *HOUR, announced="05-12 10:30")],
            (0, 60, 0, 0, 1),
        ),
        # planned already: an exclusion takes nothing twice
        ([outage(*HOUR, **PLANNED)], [window(Exclusion.CUSTOMER, *HOUR)], (60, 0, 0, 0, 0)),
        ([], [window(Exclusion.CUSTOMER, *HOUR)], (0, 0, 0, 0, 0)),
    ],
)  # fmt: skip
def test_no_minute_counts_twice_and_none_is_lost(outages, exclusions, found):
    assert told(of_may(outages, exclusions)) == found


def test_the_three_figures_and_the_two_means_are_their_formulas():
    found = of_may(
        [
            outage("05-02 00:00", "05-02 10:00"),
            outage("05-20 00:00", "05-20 02:00"),
            outage("05-25 00:00", "05-25 05:00", **PLANNED),
        ]
    )
    assert found.agreed_minutes == WHOLE
    assert found.all == percent(timedelta(minutes=WHOLE - 1020), timedelta(minutes=WHOLE))
    assert found.agreed == percent(timedelta(minutes=WHOLE - 720), timedelta(minutes=WHOLE))
    assert found.reliability == percent(
        timedelta(minutes=WHOLE - 1020), timedelta(minutes=WHOLE - 300)
    )
    assert (found.mttr_minutes, found.mtbf_minutes) == (360, (WHOLE - 720) // 2)
    assert found.all == Decimal("97.7151")


def test_without_an_outage_there_is_no_mean_time():
    found = of_may([outage(*HOUR, **PLANNED)])
    assert (found.mttr_minutes, found.mtbf_minutes) == (None, None)


def test_without_service_time_in_the_period_there_is_no_figure():
    weekdays = ServiceTime(zone=ZoneInfo("UTC"), week=week_of("Mon-Fri 08:00-18:00"))
    saturday = datetime(2026, 5, 9, tzinfo=UTC)
    found = figures(
        [], [], terms=TERMS, service=weekdays, begins=saturday, ends=saturday + timedelta(days=1)
    )
    assert (found.all, found.agreed, found.reliability) == (None, None, None)


def test_an_outage_outside_service_hours_is_an_outage_of_no_minutes():
    weekdays = ServiceTime(zone=ZoneInfo("UTC"), week=week_of("Mon-Fri 08:00-18:00"))
    found = of_may([outage("05-09 10:00", "05-09 12:00")], service=weekdays)
    assert (found.unplanned_minutes, found.outages, found.mttr_minutes) == (0, 1, 0)


@pytest.mark.parametrize(
    ("seconds", "said"), [(60, "1"), (90, "1.5"), (20, "0.3333"), (6000, "100"), (0, "0")]
)
def test_minutes_are_written_without_needless_zeros(seconds, said):
    assert str(minutes(timedelta(seconds=seconds))) == said


# Some days around the month, in minutes: small enough that each minute can be asked by itself.
STEP = timedelta(minutes=1)
SOME = st.integers(-100, 400)
SHORT = MAY[0], MAY[0] + timedelta(minutes=300)


@st.composite
def outage_of(draw):
    first, last = sorted((draw(SOME), draw(SOME)))
    return Outage(
        begins=MAY[0] + first * STEP,
        ends=MAY[0] + (last + 1) * STEP,
        announced_at=draw(st.none() | st.just(MAY[0] + (first - draw(st.integers(0, 90))) * STEP)),
        planned=draw(st.booleans()),
        counted=draw(st.booleans()),
    )


@st.composite
def window_of(draw):
    first, last = sorted((draw(SOME), draw(SOME)))
    return Excluded(
        kind=draw(st.sampled_from(Exclusion)),
        begins=MAY[0] + first * STEP,
        ends=MAY[0] + (last + 1) * STEP,
        announced_at=draw(st.none() | st.just(MAY[0] + (first - draw(st.integers(0, 90))) * STEP)),
        agreed=draw(st.booleans()),
    )


def one_minute(at, outages, windows, terms):
    """Say of a minute what it is, from the words of the rule alone."""
    down = [o for o in outages if o.counted and o.begins <= at < o.ends]
    near = [w for w in windows if w.begins <= at < w.ends]
    if not down:
        return "up"
    if any(w.agreed and w.kind is Exclusion.FALSE_ALARM for w in near):
        return "false"
    if all(claim(o, terms, planned=o.planned) is Claim.PLANNED for o in down):
        return "planned"
    agreed = {Exclusion.CUSTOMER, Exclusion.THIRD_PARTY, Exclusion.FORCE_MAJEURE}
    if any(w.agreed and w.kind in agreed for w in near):
        return "excluded"
    upkeep = [w for w in near if w.kind is Exclusion.MAINTENANCE]
    if any(claim(w, terms, planned=True) is Claim.PLANNED for w in upkeep):
        return "planned"
    return "unplanned"


@settings(max_examples=150)
@given(st.lists(outage_of(), max_size=6), st.lists(window_of(), max_size=5))
def test_the_figures_are_what_each_minute_says(outages, windows):
    terms = Terms(notice=timedelta(minutes=30))
    found = figures(outages, windows, terms=terms, service=ALWAYS, begins=SHORT[0], ends=SHORT[1])
    said = [one_minute(SHORT[0] + n * STEP, outages, windows, terms) for n in range(300)]
    assert found.planned_minutes == said.count("planned")
    assert found.unplanned_minutes == said.count("unplanned")
    assert found.excluded_minutes == said.count("excluded")
    assert found.false_minutes == said.count("false")
    assert found.agreed == percent(timedelta(minutes=300 - said.count("unplanned")), 300 * STEP)
