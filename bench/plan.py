"""A plan for 1,000 projects x 12 monthly checks: expanded, a month of it opened with letters.

The floor beside it is the same number of rows written in bulk, without a rule asked. Nothing of
it is a Prefect task per project: a step opens a batch of 500.
"""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

import processes.duty.answers  # noqa: F401 - each process says there what opens its activities
from bench import ground
from models import engine
from models.base import table_of
from models.duty import Duty
from models.organisation import Person, Project
from models.plan import Activity
from processes.mail import outbox
from processes.plan import activities, plans, rows
from processes.plan import drafting as plan_drafting
from processes.plan import expansion as plan_expansion

PROJECTS: Final = 1000
MANAGERS: Final = 100
ZONE: Final = ZoneInfo("Asia/Shanghai")
SIGNED: Final = datetime(2025, 12, 19, 10, tzinfo=ZONE)
TURNED: Final = datetime(2026, 1, 13, 9, tzinfo=ZONE)  # five working days before the 20th
LINE: Final = {
    "number": "01",
    "kind": "project_quality_check",
    "title": "项目质量检查",
    "detail": "",
    "object_kind": "projects",
    "object": "",
    "rule": "FREQ=MONTHLY;BYMONTHDAY=20",
    "working_day": 1,
    "lead_days": 5,
    "owner": "quality",
    "checker": "",
    "output": "检查表",
    "source": "",
}


def main() -> None:
    """Print what expanding and opening take, and the floor."""
    with ground.home():
        _company()
        found: dict[str, float] = {}
        found["12,000 activities expanded"] = ground.timed(_into_force)
        found["expanded again, nothing new"] = ground.timed(lambda: plan_expansion.keep_up(TURNED))
        found["1,000 checks opened"] = ground.timed(lambda: activities.open_due(TURNED))
        found["their letters put together"] = ground.timed(_gather)
        found["floor: 12,000 rows in bulk"] = ground.timed(_floor)
        for what, seconds in found.items():
            ground.say(what, f"{seconds:.2f} s")
        opening = found["1,000 checks opened"] + found["their letters put together"]
        ground.say("a month of 1,000 checks with letters", f"{opening:.2f} s", "under 30 s")
        ground.say("duties and activities", f"{_count(Duty)}, {_count(Activity)}")


def _company() -> None:
    ground.people(0, managers=1)
    with engine.writing() as session:
        roles = {2: "quality_head", 3: "centre_director", 4: "vp_operations"}
        people = [
            {
                "id": n,
                "code": f"Q{n}",
                "name": f"人{n}",
                "email": f"q{n}@company.example",
                "roles": [roles.get(n, "quality" if n < 30 else "project_manager")],
                "active": True,
            }
            for n in range(2, 30 + MANAGERS)
        ]
        session.execute(sa.insert(Person), people)
        session.execute(
            sa.insert(Project),
            [
                {"code": f"P{n:04}", "name": f"项目{n}", "manager_id": 30 + n % MANAGERS}
                for n in range(PROJECTS)
            ],
        )


def _into_force() -> None:
    with engine.writing() as session:
        plan = plan_drafting.new_version(session, 2026, at=SIGNED)
        rows.replace_lines(session, plan, [LINE])
        plans.adopt(session, plan, author=2, reviewer=3, approver=4, at=SIGNED)


def _gather() -> None:
    while outbox.gather(TURNED).people:
        pass


def _floor() -> None:
    own = table_of(Activity)
    with engine.reading() as session:
        known: list[dict[str, Any]] = [
            {**row, "code": f"F{row['code']}"} for row in session.execute(sa.select(own)).mappings()
        ]
    for row in known:
        del row["id"]
    with engine.writing() as session:
        session.execute(sa.insert(own), known)


def _count(model: Any) -> int:
    with engine.reading() as session:
        return int(session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one())


if __name__ == "__main__":
    main()
