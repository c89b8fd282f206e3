"""A home with the cast in it, and browsers at a fixed hour."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import select

from models import engine
from models.engine import reading, writing
from models.organisation import Person, Project, Unit
from notifications import links
from processes.identity import sign_in
from tests.web.cast import CAST, Hour, TestClient, secret
from web.frame.app import begin, create_app
from web.frame.session import COOKIE


@pytest.fixture(scope="session")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database with the cast in it is kept, once a test has made one."""
    return tmp_path_factory.mktemp("cast") / "pdca.sqlite"


@pytest.fixture
def people(home: Path, _kept: Path) -> dict[str, int]:
    """Every member of the cast by code, with their number."""
    if _kept.exists():
        shutil.copy(_kept, home / "pdca.sqlite")
    else:
        _hire()
        engine.database().dispose()  # the last to let go writes the log back into the file
        shutil.copy(home / "pdca.sqlite", _kept)
    with reading() as session:
        return dict(session.exec(select(Person.code, Person.id)).all())


def _hire() -> None:
    with writing() as session:
        unit = Unit(code="OPS", name="运维一部")
        session.add(unit)
        session.flush()
        rows = {
            code: Person(
                code=code,
                name=facts["name"],
                email=f"{code}@company.example",
                unit_id=unit.id,
                roles=facts["roles"],
                language=facts.get("language"),
                active=facts.get("active", True),
            )
            for code, facts in CAST.items()
        }
        session.add_all(rows.values())
        session.flush()
        for code, facts in CAST.items():
            if "manager" in facts:
                rows[code].manager_id = rows[facts["manager"]].id
                rows[code].manager_code = facts["manager"]
        session.add(Project(code="P1", name="政务云运维", manager_id=rows["wang"].id))


@pytest.fixture
def hour() -> Hour:
    return Hour()


@cache
def one_app() -> FastAPI:
    """The application of all tests: it learns its forms with each address's first request."""
    return create_app()


@pytest.fixture
def pages(people: dict[str, int], hour: Hour) -> Iterator[TestClient]:
    """A stranger's browser."""
    app = one_app()
    begin(app, hour)
    with TestClient(
        app, base_url="http://pages.test", headers={"accept-language": "zh-CN"}
    ) as client:
        yield client


@pytest.fixture
def signed_in(people: dict[str, int], hour: Hour, pages: TestClient) -> Callable[[str], TestClient]:
    """Sign a member of the cast in, in a browser of their own."""

    def sign(code: str) -> TestClient:
        client = TestClient(pages.app, base_url="http://pages.test")
        client.portal = pages.portal  # one loop for all browsers of a test
        nonce = f"n-{code}-{hour.at:%H%M%S}"
        sign_in.enter(people[code], nonce=nonce, via="test", at=hour.at)
        client.cookies.set(
            COOKIE, links.sign(secret(), links.Purpose.SESSION, (people[code], nonce), hour.at)
        )
        return client

    return sign


@pytest.fixture
def token(people: dict[str, int], hour: Hour) -> Callable[..., str]:
    """Sign a duty link as a letter would."""

    def sign(duty: int, person: str, episode: int = 1, *, at: datetime | None = None) -> str:
        payload = (duty, people[person], episode)
        return links.sign(secret(), links.Purpose.DUTY, payload, at or hour.at)

    return sign
