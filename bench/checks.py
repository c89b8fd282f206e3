"""A month's 1,000 checks: opened as duties, their letters digested; and the year expanded first.

The floor writes the same rows (checks, duties, lines, trail, mails) raw into our own tables with
their indexes, 250 a commit, on the same disk with `synchronous=FULL`: what this design costs
without our code.
"""

import argparse
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import sqlalchemy as sa

import processes.duty.answers  # noqa: F401 - says what opens the checks of a plan
from bench import ground
from models.engine import writing
from models.organisation import Person, Project, Unit
from models.plan import Activity
from processes.check import planned as checks
from processes.mail import outbox
from processes.plan import activities

NOW: Final = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai
ON: Final = date(2026, 9, 21)
RUNS: Final = 3
TABLES: Final = ("quality_check", "duty", "line", "trail", "notice", "notice_bytes")
GOAL: Final = 30.0  # seconds, with the expansion of the year


def company(projects: int, checkers: int) -> None:
    """A quality department, and as many projects with a manager each in a hundred units."""
    with writing() as session:
        units = [{"id": n, "code": f"U{n}", "name": f"U{n}"} for n in range(1, 102)]
        session.execute(sa.insert(Unit), units)
        session.execute(sa.insert(Person), [_head()])
        people = [_person(1 + n, 101, 1, ["quality"], "Q") for n in range(1, checkers + 1)]
        first = 1 + checkers
        people += [
            _person(first + n, 1 + n % 100, None, ["project_manager"], "M")
            for n in range(1, projects + 1)
        ]
        session.execute(sa.insert(Person), people)
        session.execute(
            sa.insert(Project),
            [
                {
                    "code": f"P{n}",
                    "name": f"示例项目 {n} 运维服务",
                    "manager_id": first + n,
                    "unit_id": 1 + n % 100,
                }
                for n in range(1, projects + 1)
            ],
        )


def _head() -> dict[str, Any]:
    return _person(1, 101, None, ["quality_head"], "H")


def _person(
    number: int, unit: int, manager: int | None, roles: list[str], kind: str
) -> dict[str, Any]:
    code = f"{kind}{number}"
    return {
        "id": number,
        "code": code,
        "name": f"示例 {code}",
        "email": f"{code.lower()}@company.example",
        "manager_id": manager,
        "manager_code": None,
        "unit_id": unit,
        "roles": roles,
        "active": True,
    }


def planned(projects: int) -> None:
    """The activities of one month, as the expansion of a plan leaves them."""
    rows = [
        {
            "code": f"2026-01-{ON}-P{n}",
            "plan": "2026",
            "item": "01",
            "version": 1,
            "kind": checks.ACTIVITY,
            "title": "运维服务项目质量检查",
            "detail": "",
            "object_kind": "project",
            "object": f"P{n}",
            "project": f"P{n}",
            "nominal_on": ON,
            "first_planned_on": ON,
            "planned_on": ON,
            "opens_on": NOW.date(),
            "owner": "quality",
            "checker": "quality_head",
            "output": "",
            "state": "planned",
            "caught_up": False,
            "result": "",
            "record": "",
            "cancel_reason": "",
        }
        for n in range(1, projects + 1)
    ]
    with writing() as session:
        session.execute(sa.insert(Activity), rows)


def opened() -> tuple[int, int]:
    """Open them, and gather the letters; return how many checks and mails."""
    count = activities.open_due(NOW)
    mails = 0
    while (made := outbox.gather(NOW)).people:
        mails += made.mails
    return count, mails


def floor(rows: dict[str, list[tuple[Any, ...]]], path: Path) -> None:
    """Write the same rows raw, 250 a commit."""
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA synchronous=FULL")
    for name, found in rows.items():
        for start in range(0, len(found), 250):
            portion = found[start : start + 250]
            marks = ", ".join("?" * len(portion[0]))
            base.execute("BEGIN IMMEDIATE")
            base.executemany(f"INSERT INTO {name} VALUES ({marks})", portion)
            base.execute("COMMIT")
    base.close()


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    base = sqlite3.connect(path)
    found = {n: base.execute(f"SELECT * FROM {n} ORDER BY 1").fetchall() for n in TABLES}
    base.close()
    heads = {"line": "notice_id", "quality_check": "sheet_id"}
    for name, head in heads.items():  # what refers to rows that come later, or are not copied
        found[name] = _without(path, name, head, found[name])
    return found


def _without(
    path: Path, table: str, head: str, rows: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    base = sqlite3.connect(path)
    at = [column[1] for column in base.execute(f"PRAGMA table_info({table})")].index(head)
    base.close()
    return [(*row[:at], None, *row[at + 1 :]) for row in rows]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--projects", type=int, default=1000)
    options.add_argument("--checkers", type=int, default=20)
    chosen = options.parse_args()
    ours, raws, made = [], [], (0, 0)
    for _ in range(RUNS):
        with ground.home() as folder:
            company(chosen.projects, chosen.checkers)
            planned(chosen.projects)
            found: list[tuple[int, int]] = []
            ours.append(ground.timed(lambda found=found: found.append(opened())))
            made = found[0]
            rows = rows_of(folder / "pdca.sqlite")
        with ground.home() as folder:
            company(chosen.projects, chosen.checkers)
            path = folder / "pdca.sqlite"
            raws.append(ground.timed(lambda path=path, rows=rows: floor(rows, path)))
    count, mails = made
    title = f"a month of checks opened: {count:,} checks, {mails:,} mails"
    ground.say(title, f"{median(ours):.2f} s", f"must be under {GOAL:.0f} s with the year's plan")
    ground.say("  floor: the same rows, raw", f"{median(raws):.2f} s")


if __name__ == "__main__":
    main()
