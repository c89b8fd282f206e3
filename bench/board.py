"""The board page with 200 indicators over 24 periods, and with ten times less."""

import random
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from statistics import median

import sqlalchemy as sa

from bench import ground
from models.engine import writing
from models.kpi import Kpi, Measurement
from models.organisation import Person
from notifications import links
from processes.identity import sign_in
from processes.kpi import board as kpi_board
from processes.kpi import special
from processes.kpi.board import Wanted
from rules import kpi as rule
from rules import period as periods
from rules.kpi import Direction, Observation, Target
from rules.period import Frequency

PERIODS = 24


def indicators(count: int) -> None:
    """Put so many indicators with two years of counts into the database."""
    draw = random.Random(28827)
    months = list(periods.between(periods.parse("2024-09"), periods.parse("2026-08")))
    with writing() as session:
        session.execute(
            sa.insert(Kpi),
            [
                {"code": f"K{n:04}", "name": f"指标{n}", "owner_id": 1, "since": date(2024, 9, 1)}
                for n in range(1, count + 1)
            ],
        )
        rows = [_measured(n, month, draw) for n in range(1, count + 1) for month in months]
        session.execute(sa.insert(Measurement), [row for row in rows if row])


def _measured(kpi: int, period: periods.Period, draw: random.Random) -> dict[str, object] | None:
    if draw.random() < 0.02:
        return None
    cases = draw.randint(50, 900)
    hits = min(cases, round(cases * (0.965 + draw.gauss(0, 0.008))))
    numerator, denominator, target = Decimal(hits), Decimal(cases), Decimal(95)
    seen = Observation(period=period.code, numerator=numerator, denominator=denominator)
    return {
        "kpi_id": kpi,
        "period": period.code,
        "starts_on": period.first,
        "ends_on": period.last,
        "value": rule.value(numerator, denominator, per=rule.HUNDRED),
        "numerator": numerator,
        "denominator": denominator,
        "target": target,
        "target_version": 1,
        "judgement": rule.judge(
            seen, Target(value=target, direction=Direction.AT_LEAST, per=rule.HUNDRED)
        ),
        "source": "report",
        "at": ground.NOW,
        "actor": "bench",
    }


def processor(work: Callable[[], object]) -> float:
    """Return the median processor seconds: what a machine that is busy otherwise does not add."""
    found = []
    for _ in range(7):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return median(found)


def page(count: int) -> tuple[float, float, float, float, int]:
    """Return seconds of the page, on the processor, of its reading, of a register, and bytes."""
    from starlette.testclient import TestClient

    from web.frame.app import create_app
    from web.frame.keys import secrets
    from web.frame.session import COOKIE

    with ground.home():
        ground.people(1, managers=1)
        with writing() as session:
            session.execute(sa.update(Person).values(roles=["quality_head"]))
        indicators(count)
        special.look(at=ground.NOW)
        client = TestClient(create_app(lambda: ground.NOW))
        sign_in.enter(1, nonce="bench", via="bench", at=ground.NOW)
        token = links.sign(secrets()[0], links.Purpose.SESSION, (1, "bench"), ground.NOW)
        client.cookies.set(COOKIE, token)
        answer = client.get("/kpis/board")
        assert answer.status_code == 200, answer.text
        assert answer.text.count("<svg xmlns") == count
        wanted = Wanted(periods=PERIODS, frequency=Frequency.MONTH.value)
        return (
            ground.typical(lambda: client.get("/kpis/board"), 7),
            processor(lambda: client.get("/kpis/board")),
            ground.typical(lambda: kpi_board.read(wanted, at=ground.NOW, people=None), 7),
            ground.typical(lambda: client.get("/nonconformities"), 7),
            len(answer.content),
        )


def main() -> None:
    import warnings

    warnings.simplefilter("ignore")
    for count in (20, 200):
        shown, busy, read, register, size = page(count)
        goal = "under 300 ms" if count == 200 else ""
        ground.say(f"board page, {count} indicators x 24", f"{shown * 1000:.0f} ms", goal)
        ground.say("  of it on the processor", f"{busy * 1000:.0f} ms")
        ground.say("  of it reading and judging", f"{read * 1000:.0f} ms", f"{size / 1024:.0f} kB")
        ground.say("  floor: an empty register's page", f"{register * 1000:.0f} ms")


if __name__ == "__main__":
    main()
