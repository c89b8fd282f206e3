"""`pdca doctor`: names what is wrong, says what to do, and changes nothing."""

import json
import os
import re
from pathlib import Path

import pytest
from sqlmodel import select

from config.language import catalogue
from models.engine import writing
from models.organisation import Person
from service.home import doctor, examination
from tests.flows import office


@pytest.fixture
def looked(home, monkeypatch, capsys):
    """Run doctor on the test's home; return the exit code and what it said, by part."""
    monkeypatch.setenv("PDCA_HOME", str(home))
    monkeypatch.setenv("PDCA_LANGUAGE", "en")
    monkeypatch.setenv("PDCA_SECRET_KEY", "a-secret-for-tests-only-0123456789")

    def look():
        code = doctor.run(json=True)
        found = {}
        for one in json.loads(capsys.readouterr().out):
            found.setdefault(one["part"], []).append((one["state"], one["says"]))
        return code, found

    return look


def states(found, part):
    return {state for state, _ in found[part]}


def test_a_sound_home_whose_service_does_not_run_is_warned_of(looked):
    office.people()
    code, found = looked()
    assert code == 0
    assert (
        states(found, "database") == states(found, "people") == states(found, "secrets") == {"ok"}
    )
    assert "pdca up" in found["clock"][0][1]


def test_nobody_to_lead_quality_fails(looked):
    office.people()
    with writing() as session:
        zhao = session.exec(select(Person).where(Person.code == "zhao")).one()
        zhao.email = None
        session.add(zhao)
    code, found = looked()
    assert code == 1
    assert "no quality head can be reached" in found["people"][0][1]


def test_gaps_and_circles_are_named(looked):
    ids = office.people()
    with writing() as session:
        sun = session.get(Person, ids["sun"])
        sun.manager_id = ids["wang"]
        li = session.get(Person, ids["zhao"])
        li.manager_id, li.manager_code = None, "ghost"
        session.add_all([sun, li])
    said = [says for _, says in looked()[1]["people"]]
    assert "the manager ghost of zhao is nobody we know" in said
    assert "these people report to one another: sun → wang → sun" in said


def test_an_empty_home_is_told_apart_from_a_broken_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PDCA_HOME", str(tmp_path / "new"))
    monkeypatch.setenv("PDCA_LANGUAGE", "en")
    assert doctor.run(json=True) == 3
    assert "is not there yet" in capsys.readouterr().out
    assert not (tmp_path / "new").exists()


def test_a_damaged_database_fails_and_says_what_to_do(looked, home):
    from models import engine

    office.people()
    engine.database().dispose()
    path = home / "pdca.sqlite"
    raw = bytearray(path.read_bytes())
    raw[4096:12288] = os.urandom(8192)
    path.write_bytes(raw)
    for extra in home.glob("pdca.sqlite-*"):
        extra.unlink()
    code, found = looked()
    assert code == 3
    assert states(found, "database") == {"failure"}


def test_a_relay_that_does_not_answer_fails(looked, monkeypatch):
    office.people()
    monkeypatch.setenv("PDCA_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("PDCA_MAIL__PORT", "1")
    code, found = looked()
    assert code == 3
    assert states(found, "mail") == {"failure"}


def test_a_secret_that_others_can_read_is_warned_of(looked, home):
    office.people()
    key = home / "secret.key"
    key.write_text("x" * 40)
    key.chmod(0o644)
    assert any("chmod 600" in says for _, says in looked()[1]["secrets"])


def test_a_weak_secret_fails(looked, monkeypatch):
    office.people()
    monkeypatch.setenv("PDCA_SECRET_KEY", "password")
    code, found = looked()
    assert code == 3
    assert states(found, "secrets") == {"failure"}


def test_every_finding_has_its_chinese():
    source = Path(examination.__file__).read_text("utf-8")
    sentences = re.findall(r'_(?:well|warn|fail)\(\s*"\w+",\s*"((?:[^"\\]|\\.)+)"', source)
    known = {text for _, text in catalogue("zh")} | {"{why}", "{kind}: {message}"}
    assert len(sentences) > 15
    assert [s for s in [*sentences, *doctor.PARTS.values()] if s not in known] == []
