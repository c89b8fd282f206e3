"""Homes of earlier releases, each on both databases, at today's scripts and at one more."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from models import engine, migrate
from service.home.opened import upgrade
from tests.support import upgrades


@dataclass
class Old:
    """A home as a release left it: where it lies, and what was in its database."""

    release: str
    home: Path
    before: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def rows(self, table: str, **which: Any) -> list[dict[str, Any]]:
        found = self.before[table]
        return [row for row in found if all(row[name] == value for name, value in which.items())]


@pytest.fixture(params=upgrades.RELEASES)
def release(request):
    return request.param


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request):
    """The URL of an empty database on a server; nothing for a file."""
    if request.param == "sqlite":
        return ""
    return request.getfixturevalue("postgres_cluster").fresh(migrated=False)


@pytest.fixture(params=["today's scripts", "one more script"])
def scripts(request, monkeypatch, tmp_path):
    """What the program knows: today's scripts, or those and one that is thrown away."""
    if request.param == "one more script":
        monkeypatch.setattr(
            migrate, "SCRIPTS", upgrades.with_one_more_script(tmp_path / "migrations")
        )
    return request.param


@pytest.fixture
def old(release, server, tmp_path):
    """A home of a release, its database bound and as it was."""
    home = tmp_path / "home"
    upgrades.put_back(release, home, server)
    yield Old(release, home, upgrades.everything())
    engine.database().dispose()


@pytest.fixture
def upgraded(old, scripts):
    """The same home after the first thing that this program does with it."""
    upgrade(old.home)
    return old
