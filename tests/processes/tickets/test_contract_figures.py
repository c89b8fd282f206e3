"""Two locations of the real log as if they were two contracts, by three clocks.

Every figure is counted a second time below, minute by minute of its own making, from the rows of
the file alone. The join is artificial: nobody promised these targets to anybody.
"""

import csv
import gzip
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from processes.tickets import attainment
from processes.tickets import taken as tickets_taken
from tests.support.cast import at

UCI = Path(__file__).parents[4] / "shared" / "data" / "uci_incident_event_log.csv.gz"
PACKAGED = Path(tickets_taken.__file__).parents[2] / "config" / "tickets" / "uci.toml"
AT = at("2026-09-28")
WALL = {"1": 4, "2": 24, "3": 72, "4": 120}
BUSINESS = {"1": 4, "2": 8, "3": 24, "4": 40}
NAMES = ["1 - Critical", "2 - High", "3 - Moderate", "4 - Low"]
OPEN = [(8, 12), (14, 18)]
MISSING = {"", "?"}

pytestmark = [
    pytest.mark.slow,  # a minute; any clock is counted by hand in tests/rules/test_ticket_clock.py
    pytest.mark.skipif(not UCI.is_file(), reason="../shared/data is not here"),
]


def mapping(home, name, *, hours, waits, business):
    """Write the supplied mapping with a contract's clock; tickets are told apart by location."""
    text = PACKAGED.read_text("utf-8").partition("[[nonconformities]]")[0]
    text = text.replace('"uci"', f'"{name}"').replace(
        "[written]",
        'project = "location"\nstate = "incident_state"\n[written]'
        + ('\nwaiting_states = ["Awaiting User Info", "Awaiting Vendor", "Awaiting Problem",'
           ' "Awaiting Evidence"]' if waits else ""),
    )  # fmt: skip
    targets = ", ".join(f'"{one}" = {hours[one[0]]}' for one in NAMES)
    text += f"\n[clock]\ntarget_hours = {{ {targets} }}\n"
    if business:
        text += 'holidays = "none"\nservice_time = ["Mon-Fri 08:00-12:00", "Mon-Fri 14:00-18:00"]\n'
    path = home / f"{name}.toml"
    path.write_text(text, "utf-8")
    return str(path)


def cut(home, location):
    """Write the rows of one location's tickets: of those whose last row is there."""
    with gzip.open(UCI, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    last = {row["number"]: row["location"] for row in rows}
    kept = [row for row in rows if last[row["number"]] == location]
    path = home / "cut.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)
    return path, kept


def instant(text):
    return None if text in MISSING else datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007


def business(begins, ends):
    """Return which minutes lie between two instants, in business hours."""
    found, day = set(), begins.replace(hour=0, minute=0)
    while day < ends:
        if day.weekday() < 5:
            for opens, closes in OPEN:
                start = max(day + timedelta(hours=opens), begins)
                stop = min(day + timedelta(hours=closes), ends)
                count = max(int((stop - start) / timedelta(minutes=1)), 0)
                found |= {start + timedelta(minutes=n) for n in range(count)}
        day += timedelta(days=1)
    return found


def round_the_clock(begins, ends):
    count = int((ends - begins) / timedelta(minutes=1))
    return {begins + timedelta(minutes=n) for n in range(count)}


def by_hand(rows, month, *, hours, waits, clock):
    """Return how many tickets resolved in a month met their target, and of how many."""
    tickets = defaultdict(list)
    for row in rows:
        tickets[row["number"]].append(row)
    met = cases = 0
    for events in tickets.values():
        final = events[-1]
        opened, resolved = instant(final["opened_at"]), instant(final["resolved_at"])
        if resolved is None or (resolved.year, resolved.month) != month:
            continue
        minutes = clock(opened, resolved)
        if waits:
            for one, other in pairwise(events):
                if one["incident_state"].startswith("Awaiting"):
                    begins, ends = instant(one["sys_updated_at"]), instant(other["sys_updated_at"])
                    minutes -= {minute for minute in minutes if begins <= minute < ends}
        cases += 1
        met += len(minutes) <= 60 * hours[final["priority"][0]]
    return met, cases


@pytest.mark.parametrize(
    ("location", "month"), [("Location 204", (2016, 5)), ("Location 161", (2016, 4))]
)
def test_a_contract_s_attainment_is_right_by_each_of_three_clocks(home, location, month):
    path, rows = cut(home, location)
    for name, hours, waits, clock in (
        ("wall", WALL, False, round_the_clock),
        ("pending", WALL, True, round_the_clock),
        ("business", BUSINESS, True, business),
    ):
        said = mapping(home, name, hours=hours, waits=waits, business=clock is business)
        tickets_taken.take(path, mapping=said, at=AT, actor="operator:test")
        (found,) = attainment.of_tickets(
            name,
            by=["resolved_month"],
            measure="on_time",
            period=f"{month[0]}-{month[1]:02}",
            at=AT,
        )
        wanted = by_hand(rows, month, hours=hours, waits=waits, clock=clock)
        assert (name, found.numerator, found.denominator) == (name, *wanted)
        assert wanted[1] > 0, wanted
