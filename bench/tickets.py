"""The clocks of 100,000 tickets with three pauses each, in rules/ alone."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bench import ground
from rules.service_time import ServiceTime, week_of
from rules.ticket import ANY, MEASURES, Asked, Basis, Measure, Terms, Ticket
from rules.ticket_clock import Clock

TICKETS, PAUSES = 100_000, 3
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)


def made() -> list[Ticket]:
    """A year of tickets, each open for up to ten days, whose pauses may overlap."""
    draw = random.Random(28827)
    return [_one(draw) for _ in range(TICKETS)]


def _one(draw: random.Random) -> Ticket:
    opened = BEGINS + timedelta(minutes=draw.randrange(350 * 1440))
    length = draw.randrange(30, 10 * 1440)
    waits = [opened + timedelta(minutes=draw.randrange(length)) for _ in range(PAUSES)]
    return Ticket(
        opened_at=opened,
        resolved_at=opened + timedelta(minutes=length),
        priority=f"P{draw.randint(1, 4)}",
        pauses=tuple((at, at + timedelta(minutes=draw.randrange(1, 600))) for at in waits),
    )


def judge(tickets: list[Ticket], terms: Terms, figure: Measure) -> tuple[Decimal, Decimal]:
    """Return how many were done within their hours, and of how many."""
    asked = Asked(terms=terms, basis=Basis.RESOLVED, at=BEGINS + timedelta(days=400))
    met = cases = Decimal(0)
    for ticket in tickets:
        hit, case = figure.part(ticket, asked)
        met, cases = met + hit, cases + case
    return met, cases


def floor(tickets: list[Ticket]) -> float:
    """What it costs to read every instant once: nothing is taken out."""
    spent = timedelta()
    for ticket in tickets:
        for begins, ends in ticket.pauses:
            if ends is not None:
                spent += ends - begins
    return spent.total_seconds()


def terms() -> Terms:
    """Return a service time with a break at noon, and hours by priority."""
    week = week_of("Mon-Fri 08:00-12:00; Mon-Fri 14:00-18:00")
    hours = {"P1": Decimal(4), "P2": Decimal(8), ANY: Decimal(24)}
    return Terms(clock=Clock(ServiceTime(zone=ZoneInfo("Asia/Shanghai"), week=week)), targets=hours)


def main() -> None:
    tickets, by, figure = made(), terms(), MEASURES["on_time"]
    met, cases = judge(tickets, by, figure)
    seconds = ground.typical(lambda: judge(tickets, by, figure), 3)
    beside = ground.typical(lambda: floor(tickets), 3)
    ground.say("clocks of 100,000 tickets with three pauses", f"{seconds:.2f} s", "under 3 s")
    ground.say("  floor: read every instant and add up the pauses", f"{beside:.2f} s")
    ground.say("  within their hours", f"{met} of {cases}")


if __name__ == "__main__":
    main()
