"""Indicators: reading a ticket log, judging, and taking measured values over.

The real log where it is here (../shared/data), else one of the same size that is made up. The
floor of reading is Python's own pass over the same packed file with `csv`.
"""

import csv
import gzip
import resource
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bench import ground
from models import engine
from models.base import table_of
from models.kpi import Measurement
from processes.kpi import import_kpis as kpis
from processes.kpi import import_measurements as measurements
from processes.organisation import import_people as people_import
from processes.tickets import attainment
from processes.tickets import taken as tickets_taken
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Direction, Observation, Target
from rules.period import Frequency

REAL: Final = Path(__file__).parents[2] / "shared" / "data" / "uci_incident_event_log.csv.gz"
HEAD: Final = (
    "number,reopen_count,made_sla,opened_at,sys_updated_at,priority,assignment_group,"
    "resolved_at,closed_at"
)
EVENTS: Final = 141_712
INDICATORS: Final = 1_000
PERIODS: Final = 60
VALUES: Final = 10_000


def main() -> None:
    with ground.home() as home:
        tickets(home)
    judging()
    with ground.home() as home:
        values(home)


def tickets(home: Path) -> None:
    """A log imported twice beside a bare pass over it, and figures computed from it."""
    path = REAL if REAL.is_file() else _made_up(home)
    floor = _seconds(lambda: _pass(path))
    first = _seconds(lambda: _take(path))
    again = _seconds(lambda: _take(path))
    events = _pass(path)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    ground.say(
        f"ticket log, {events:,} events imported",
        f"{events / first:,.0f} events/s",
        "must reach 20,000",
    )
    ground.say("  the same log again: nothing changes", f"{events / again:,.0f} events/s")
    ground.say("  floor: csv.reader over the same file", f"{events / floor:,.0f} events/s")
    ground.say("  memory of the whole process at most", f"{memory} MB", "must stay under 200")
    by = ["closed_month", "priority", "group"]
    figures = _seconds(lambda: attainment.of_tickets("uci", by=by))
    ground.say("  attainment by month, priority and group", f"{figures * 1000:,.0f} ms")


def judging() -> None:
    """Judging alone, without charts and without rows: each by the target of its day."""
    targets = [
        Target(
            value=Decimal(94 + version),
            direction=Direction.AT_LEAST,
            per=Decimal(100),
            version=version,
            valid_from=date(2022 + version, 1, 1) if version > 1 else None,
        )
        for version in (1, 2, 3)
    ]
    first = periods.parse("2021-01")
    months = [first]
    while len(months) < PERIODS:
        months.append(periods.following(months[-1]))
    seen = [
        [
            Observation(
                period=month.code,
                numerator=Decimal(900 + (n * 7 + place) % 100),
                denominator=Decimal(1000),
            )
            for place, month in enumerate(months)
        ]
        for n in range(INDICATORS)
    ]

    def judge() -> None:
        for row in seen:
            for month, one in zip(months, row, strict=True):
                rule.judge(one, rule.in_force(targets, month.last))

    def multiply() -> None:
        for row in seen:
            for one in row:
                assert one.numerator is not None
                one.numerator * 100 >= 95 * 1000  # noqa: B015 - what judging cannot do without

    ground.say(
        f"judging {INDICATORS:,} indicators x {PERIODS} periods",
        f"{_seconds(judge):.2f} s",
        "with special causes under 2 s",
    )
    ground.say("  floor: one product and one comparison each", f"{_seconds(multiply):.2f} s")


def values(home: Path) -> None:
    """Measured values from a file, beside the bare insert of as many rows."""
    people = home / "people.csv"
    people.write_text("code,name,email\nli,李工,li@company.example\n", "utf-8")
    people_import.take(people, at=ground.NOW, actor="bench")
    head = "code,name,target,frequency,owner,source\n"
    system = home / "kpis.csv"
    count = VALUES // 50
    system.write_text(head + "".join(f"K{n},指标{n},95,month,li,import\n" for n in range(count)))
    kpis.take(system, at=ground.NOW, actor="bench")
    path = home / "values.csv"
    path.write_text(_values(count), "utf-8")
    first = _seconds(lambda: measurements.take(path, at=ground.NOW, actor="bench"))
    again = _seconds(lambda: measurements.take(path, at=ground.NOW, actor="bench"))
    floor = _seconds(_insert_bare)
    ground.say(f"{VALUES:,} measured values imported", f"{first:.2f} s", "must stay under 2 s")
    ground.say("  the same file again: nothing changes", f"{again:.2f} s")
    ground.say("  floor: as many rows inserted", f"{floor:.2f} s")


def _insert_bare() -> None:
    table = table_of(Measurement)
    with engine.reading() as session:
        rows = [dict(row) for row in session.execute(sa.select(table)).mappings()]
    for row in rows:
        row.pop("id")
        row["scope"] = "project=X"
    with engine.writing() as session:
        session.connection().execute(sa.insert(table), rows)


def _values(count: int) -> str:
    month = periods.ended(date(2026, 9, 22), Frequency.MONTH)
    months = [month]
    while len(months) < VALUES // count:
        months.append(periods.preceding(months[-1]))
    lines = ["kpi,period,scope,value,numerator,denominator,note"]
    lines += [
        f"K{n},{one.code},,,{900 + (n * place) % 100},1000,"
        for n in range(count)
        for place, one in enumerate(months)
    ]
    return "\n".join(lines) + "\n"


def _take(path: Path) -> Any:
    return tickets_taken.take(path, mapping="uci", at=ground.NOW, actor="bench")


def _pass(path: Path) -> int:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _made_up(home: Path) -> Path:
    path = home / "log.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(HEAD + "\n")
        for n in range(EVENTS):
            ticket, hour = n // 6, n % 24
            file.write(
                f"INC{ticket:07},0,{'true' if ticket % 3 else 'false'},"
                f"{ticket % 28 + 1}/{ticket % 12 + 1}/2026 10:00,"
                f"{ticket % 28 + 1}/{ticket % 12 + 1}/2026 {hour:02}:{n % 60:02},"
                f"{ticket % 4 + 1} - P,Group {ticket % 80},?,28/{ticket % 12 + 1}/2026 18:00\n"
            )
    return path


def _seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
