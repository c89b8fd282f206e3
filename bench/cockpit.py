"""The home of the head of quality, and the search, over 100,000 duties: whole pages as served.

A tenth of the duties is open and past due at some level; the rest was answered this year.
"""

import warnings
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from bench import ground
from models.duty import Duty, Line
from models.engine import writing
from models.organisation import Person
from notifications import links
from processes.identity import sign_in
from rules.words import DutyState, LetterKind

DUTIES: Final = 100_000
OWNERS: Final = 500
OPEN_OF: Final = 10  # one in so many is open
TIMES: Final = 7


def year() -> None:
    """Put the duties into the database, and a level notice for each that is open."""
    ground.people(OWNERS)
    ground.duties(DUTIES, owners=OWNERS, first_owner=OWNERS + 1, due=0, nth=3)
    with writing() as session:
        session.execute(sa.update(Person).where(Person.id == 1).values(roles=["quality_head"]))
        session.execute(sa.update(Person).where(Person.id == 2).values(roles=["top_management"]))
        for number in range(1, DUTIES + 1, 20_000):
            rows = [_ended(n) for n in range(number, number + 20_000) if n % OPEN_OF]
            session.execute(sa.update(Duty), rows)
        numbers = range(OPEN_OF, DUTIES + 1, OPEN_OF)
        session.execute(sa.update(Duty), [{"id": n, "level": 1 + n % 4} for n in numbers])
        session.execute(sa.insert(Line), [_line(n) for n in numbers])


def _ended(number: int) -> dict[str, object]:
    at = ground.DUE - timedelta(hours=number % 6000 - 48)
    return {"id": number, "state": DutyState.DISCHARGED, "ended_at": min(at, ground.NOW)}


def _line(number: int) -> dict[str, object]:
    return {
        "key": f"bench:{number}",
        "duty_id": number,
        "episode": 1,
        "nth": 3,
        "letter": LetterKind.ESCALATION,
        "level": 1,
        "person_id": number % OWNERS + 1,
        "facts": {},
        "created_at": ground.DUE,
    }


def main() -> None:
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

    from web.frame.app import create_app
    from web.frame.keys import secrets
    from web.frame.session import COOKIE

    with ground.home():
        year()
        client = TestClient(create_app(lambda: ground.NOW))
        sign_in.enter(1, nonce="bench", via="bench", at=ground.NOW)
        token = links.sign(secrets()[0], links.Purpose.SESSION, (1, "bench"), ground.NOW)
        client.cookies.set(COOKIE, token)
        for what, path, goal in (
            ("cockpit, 100,000 duties", "/", "under 300 ms"),
            ("search, words that are there", "/search?find=NC", "under 200 ms"),
            ("search, words that are nowhere", "/search?find=无此事项", "under 200 ms"),
        ):
            assert client.get(path).status_code == 200
            taken = ground.typical(lambda path=path: client.get(path), TIMES)
            ground.say(what, f"{taken * 1000:.0f} ms", goal)


if __name__ == "__main__":
    main()
