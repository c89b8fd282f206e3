"""The locks: what is installed is exactly what was looked at, from wherever it is fetched.

What can be told without a network stands here. Known vulnerabilities are in a database that
grows: CONTRIBUTING.md says how a maintainer asks it.
"""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-test.lock")
# Versions with a letter in them that were chosen with open eyes, and why.
UNFINISHED: dict[str, str] = {}


def entries(lock: str) -> list[str]:
    """Return each requirement of a lock on one line, with its hashes."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


def requirement(entry: str) -> Requirement:
    return Requirement(entry.partition(" --hash")[0].strip())


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_one_version_with_hashes_and_no_address(lock):
    found = entries(lock)
    assert len(found) > 100
    for entry in found:
        pin = requirement(entry)
        assert [one.operator for one in pin.specifier] == ["=="], entry
        assert "*" not in str(pin.specifier)
        assert pin.url is None
        hashes = re.findall(r"--hash=(\S+)", entry)
        assert hashes, f"{pin.name} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes)
        rest = re.sub(r"--hash=\S+", "", entry.partition(" --hash")[2])
        assert "--" not in rest, f"an option of its own: {entry}"


@pytest.mark.parametrize("lock", LOCKS)
def test_no_line_of_a_lock_is_an_option_or_another_file(lock):
    for entry in entries(lock):
        assert re.match(r"[A-Za-z0-9]", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_unfinished_is_pinned(lock):
    for entry in entries(lock):
        pin = requirement(entry)
        version = Version(next(iter(pin.specifier)).version)
        finished = not (version.is_prerelease or version.local)
        assert finished or UNFINISHED.get(canonicalize_name(pin.name)), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_a_name_is_pinned_once_on_one_machine(lock):
    here = [requirement(entry) for entry in entries(lock)]
    names = [canonicalize_name(pin.name) for pin in here if _applies(pin.marker)]
    assert len(names) == len(set(names))


def test_what_is_installed_is_what_the_lock_names():
    pinned = {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in map(requirement, entries("requirements-test.lock"))
        if _applies(pin.marker)
    }
    installed = {canonicalize_name(d.metadata["Name"]): d.version for d in metadata.distributions()}
    others = {
        name: version
        for name, version in installed.items()
        if name in pinned and Version(pinned[name]) != Version(version)
    }
    assert others == {}


def _applies(marker: Marker | None) -> bool:
    return marker is None or marker.evaluate()
