"""A ground to measure on: a temporary home with people and duties, and lines that print alike."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import sqlalchemy as sa

from config import current as configuration
from config.settings import Settings
from models import engine, migrate
from models.duty import Duty
from models.organisation import Person
from rules.words import DutyState, Severity

NOW: Final = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)  # Tuesday 09:00 in Shanghai
DUE: Final = datetime(2026, 9, 17, 10, 0, tzinfo=UTC)  # the Thursday before, 18:00
LATER: Final = NOW + timedelta(days=400)


@contextmanager
def home() -> Iterator[Path]:
    """A home with an empty database in use; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pdca-bench-"))
    settings = Settings(
        home=folder,
        organisation="示例运维公司",
        operator="operator@company.example",
        secret_key="measured-and-thrown-away-0123456789",
    )
    configuration.use(settings)
    engine.bind(settings.url)
    migrate.upgrade()
    try:
        yield folder
    finally:
        engine.database().dispose()
        shutil.rmtree(folder, ignore_errors=True)


def people(count: int, *, managers: int | None = None) -> None:
    """Put `count` owners below `managers` (one each unless said) into the database."""
    leaders = managers or count
    rows: list[dict[str, Any]] = [_person(n, f"M{n}", None) for n in range(1, leaders + 1)]
    rows += [_person(leaders + n, f"O{n}", (n - 1) % leaders + 1) for n in range(1, count + 1)]
    with engine.writing() as session:
        session.execute(sa.insert(Person), rows)


def duties(count: int, *, owners: int, first_owner: int, due: int, nth: int) -> None:
    """Put open duties: the first `due` have their step due now, the rest much later."""
    now = configuration.current()
    ladder = now.policy.ladder("respond", Severity.MINOR).to_json()
    for start in range(0, count, 20_000):
        rows = [
            _duty(n, first_owner + n % owners, ladder, nth, NOW if n < due else LATER)
            for n in range(start, min(start + 20_000, count))
        ]
        with engine.writing() as session:
            session.execute(sa.insert(Duty), rows)


def timed(work: Any) -> float:
    """Return the seconds that the work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def typical(work: Any, times: int) -> float:
    """Return the median seconds of so many runs."""
    return median(timed(work) for _ in range(times))


def say(what: str, figure: str, beside: str = "") -> None:
    """Print one figure beside its floor."""
    print(f"{what:<58} {figure:>18}   {beside}", flush=True)


def _person(number: int, code: str, manager: int | None) -> dict[str, Any]:
    return {
        "id": number,
        "code": code,
        "name": f"员工{number}",
        "email": f"{code.lower()}@company.example",
        "manager_id": manager,
        "roles": [],
        "active": True,
    }


def _duty(number: int, owner: int, ladder: Any, nth: int, next_at: datetime) -> dict[str, Any]:
    return {
        "kind": "respond",
        "subject_kind": "nonconformity",
        "subject": f"NC-2026-{number:07d}",
        "title": "核心交换机巡检记录缺失，未按运维规范每日记录设备状态",
        "round": 1,
        "owner_id": owner,
        "issued_at": DUE - timedelta(days=5),
        "due_at": DUE,
        "first_due_at": DUE,
        "severity": Severity.MINOR,
        "state": DutyState.OPEN,
        "ladder": ladder,
        "calendar": "CN",
        "episode": 1,
        "level": 0,
        "nth": nth,
        "acknowledged_level": -1,
        "extensions": 0,
        "next_at": next_at,
        "rev": 0,
    }
