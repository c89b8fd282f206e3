"""Ten years of declared outages of a research network, counted by this file on its own.

The counting below knows nothing of the product: it goes through every minute of a period. The
contracts are ours: the owner of the data calls them resource groups.
"""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from processes.availability import figures
from rules import period as periods
from tests.support.cast import at, hire
from tests.support.promises import Desk

ON_SQLITE_ALONE = "what is promised is the counting, and how long it takes"
DATA = Path(__file__).parents[4] / "shared" / "data" / "osg_downtimes.csv.gz"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the real outages are not here")

NOW = at("2026-11-30")
MINUTE = timedelta(minutes=1)
NOTICE = timedelta(hours=48)
COUNTED = {"Outage", "Severe"}
# Resource group and resource, with the zone of its working hours where they are looked at.
PAIRS = [
    ("SPRACE", "SPRACE-SE", "America/Sao_Paulo"),
    ("UERJ", "UERJ_SE", None),
    ("OU_OSCER_ATLAS", "OU_OSCER_ATLAS", None),
    ("Georgia Tech PACE OSG 2", "Georgia_Tech_PACE_CE_2", "America/New_York"),
    ("I2DenverInfrastructure", "DENVER_INTERNET2_OSDF_CACHE", None),
]
WORKING = "Mon-Fri 08:00-18:00"


def rows():
    with gzip.open(DATA, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def code(name):
    return name.replace(" ", "_").replace(":", "-").replace(",", "-").replace("'", "-")


@pytest.fixture(scope="module")
def downtimes():
    return rows()


@pytest.fixture
def desk(home, tmp_path):
    hire()
    return Desk(tmp_path)


def table(head, lines):
    return "\n".join([head, *(",".join(line) for line in lines)])


def bring(desk, downtimes, *, zone="UTC", service_time="24x7"):
    """Import the outages of the pairs, or of all; return how long the outages took."""
    resources = {}
    for one in downtimes:
        resources.setdefault(code(one["resource"]), set()).add(code(one["contract"]))
    contracts = sorted({name for names in resources.values() for name in names})
    desk.take(
        "contracts",
        table("code,name,zone,service_time,notice_hours", [
            (one, one, zone, service_time, "48") for one in contracts
        ]),
    )  # fmt: skip
    desk.take(
        "services",
        table("code,name,contracts", [
            (one, one, ";".join(sorted(names))) for one, names in resources.items()
        ]),
    )  # fmt: skip
    lines = [
        (
            one["downtime_id"], code(one["contract"]), code(one["resource"]), one["starts_at"],
            one["ends_at"], one["declared_at"], "yes" if one["class"] == "SCHEDULED" else "no",
            "yes" if one["severity"] in COUNTED else "no",
        )
        for one in downtimes
    ]  # fmt: skip
    head = "code,contract,service,starts_at,ends_at,announced_at,planned,counted"
    text = table(head, lines)
    begun = perf_counter()
    report = desk.take("outages", text, NOW)
    assert report.new == len(lines)
    return perf_counter() - begun


def instant(text):
    return datetime.fromisoformat(text) if text else None


def planned(one):
    told = instant(one["declared_at"])
    scheduled = one["class"] == "SCHEDULED"
    return scheduled and told is not None and told <= instant(one["starts_at"]) - NOTICE


def every_minute(downtimes, begins, ends, zone=None):
    """Go through the period by minutes; data have whole minutes or are refused here."""
    length = (ends - begins) // MINUTE
    down, ahead = bytearray(length), bytearray(length)
    for one in downtimes:
        if one["severity"] not in COUNTED:
            continue
        first, last = instant(one["starts_at"]), instant(one["ends_at"])
        assert first.second == last.second == 0
        low = max(0, (first - begins) // MINUTE)
        high = min(length, (last - begins) // MINUTE)
        if low < high:
            (ahead if planned(one) else down)[low:high] = b"\1" * (high - low)
    served = bytearray(b"\1" * length)
    if zone is not None:
        offsets = {}
        for minute in range(length):
            hour = minute // 60
            if hour not in offsets:
                local = (begins + timedelta(hours=hour)).astimezone(ZoneInfo(zone))
                offsets[hour] = local.isoweekday() < 6 and 8 <= local.hour < 18
            served[minute] = offsets[hour]
    outages = sum(down[m] and not (m and down[m - 1]) for m in range(length))
    unplanned = sum(d and s for d, s in zip(down, served, strict=True))
    kept = sum(a and not d and s for a, d, s in zip(ahead, down, served, strict=True))
    return {"agreed": sum(served), "unplanned": unplanned, "planned": kept, "outages": outages}


def close(found, part, whole):
    if not whole:
        return found is None
    return abs(found - Decimal(100 * part) / Decimal(whole)) <= Decimal("0.0001")


def check(row, counted):
    agreed, down, kept = (counted[name] for name in ("agreed", "unplanned", "planned"))
    assert (row.agreed_minutes, row.unplanned_minutes, row.planned_minutes, row.outages) == (
        agreed, down, kept, counted["outages"],
    )  # fmt: skip
    assert close(row.all, agreed - down - kept, agreed)
    assert close(row.agreed, agreed - down, agreed)
    assert close(row.reliability, agreed - kept - down, agreed - kept)
    if counted["outages"]:
        assert abs(row.mttr_minutes - Decimal(down) / counted["outages"]) < Decimal("0.001")
        assert abs(row.mtbf_minutes - Decimal(agreed - down) / counted["outages"]) < Decimal(
            "0.001"
        )
    else:
        assert (row.mttr_minutes, row.mtbf_minutes) == (None, None)


def bounds(period, zone="UTC"):
    first = datetime(period.first.year, period.first.month, 1, tzinfo=ZoneInfo(zone))
    after = period.last + timedelta(days=1)
    return first.astimezone(UTC), datetime(
        after.year, after.month, 1, tzinfo=ZoneInfo(zone)
    ).astimezone(UTC)


def of_pair(downtimes, contract, resource):
    return [one for one in downtimes if (one["contract"], one["resource"]) == (contract, resource)]


def test_every_figure_of_years_and_months_is_what_each_minute_says(desk, downtimes):
    bring(desk, downtimes)
    wanted = [(pair, year) for pair in PAIRS for year in ("2024", "2025")]
    months = [f"2024-{month:02}" for month in range(1, 13)]
    wanted += [(pair, month) for pair in (PAIRS[0], PAIRS[2]) for month in months]
    seen = 0
    for (contract, resource, _), name in wanted:
        period = periods.parse(name)
        (row,) = figures.of(code(contract), [period], at=NOW, service=code(resource))
        counted = every_minute(of_pair(downtimes, contract, resource), *bounds(period))
        check(row, counted)
        seen += counted["outages"]
    assert seen > 50  # there is something to count


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair[2]], ids=lambda pair: pair[0])
def test_working_hours_of_another_zone_are_counted_there(desk, downtimes, pair):
    contract, resource, zone = pair
    own = of_pair(downtimes, contract, resource)
    bring(desk, own, zone=zone, service_time=WORKING)
    for name in ("2024", "2025"):
        period = periods.parse(name)
        (row,) = figures.of(code(contract), [period], at=NOW, service=code(resource))
        begins, ends = bounds(period, zone)
        check(row, every_minute(own, begins, ends, zone))


def test_all_of_ten_years_and_every_month_of_one_contract_take_little_time(desk, downtimes):
    taken = bring(desk, downtimes)
    busiest = max(
        {code(one["contract"]) for one in downtimes},
        key=lambda name: sum(code(one["contract"]) == name for one in downtimes),
    )
    months = list(periods.between(periods.parse("2016-05"), periods.parse("2026-08")))
    begun = perf_counter()
    found = [figures.of(busiest, months, at=NOW, service=None)]
    taken += perf_counter() - begun
    assert sum(one.outages for one in found[0] if one.service is None) > 0
    print(f"{taken:.2f} s")
    assert taken < 20, taken  # two seconds on an idle machine
