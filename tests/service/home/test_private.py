"""What a home keeps is read by its owner alone, from the first file on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import uvicorn

from config.settings import Pages, PrefectSettings, Settings
from models import engine
from models.engine import writing
from models.record import Beat
from service.commands import running
from service.home import private
from service.up import addresses
from tests.models.test_trail import AT

ROOT = Path(__file__).parents[3]


def modes(home):
    return {
        str(path.relative_to(home)): oct(path.lstat().st_mode & 0o777)
        for path in home.rglob("*")
        if path.lstat().st_mode & private.OTHERS
    }


@pytest.fixture
def typed(tmp_path):
    """Type a command in a home of its own, under the usual umask."""

    def run(*words):
        surroundings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PDCA_")},
            "PDCA_HOME": str(tmp_path / "home"),
            "PDCA_LANGUAGE": "en",
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.run(
            [sys.executable, "-m", "service.main", *words],
            env=surroundings,
            capture_output=True,
            text=True,
            check=False,
            umask=0o022,
        )

    return run


def test_everything_that_commands_write_is_the_owners_alone(typed, tmp_path):
    home = tmp_path / "home"
    people = tmp_path / "people.csv"
    people.write_text(
        "code,name,email,roles\nli,李工,li@company.example,top_management;quality_head\n"
    )
    words = [
        ("init", str(home)),
        ("import", "people", str(people)),
        ("raise", "--title", "no UPS check", "--owner", "li"),
        ("turn",),
        ("deliver",),
    ]
    for one in words:
        done = typed(*one)
        assert done.returncode == 0, done.stderr
    assert list((home / "inbox" / "new").iterdir())
    assert (home / "pdca.sqlite").exists()
    assert modes(home) == {}


def test_a_database_is_made_private_whatever_the_umask(home):
    engine.database().dispose()
    old = os.umask(0o022)
    try:
        path = home / "fresh.sqlite"
        bound = engine.bind(f"sqlite:///{path}")
        from models import migrate

        migrate.upgrade()
        with writing() as session:
            session.add(Beat(name="x", at=AT))
        found = {one.name: one.stat().st_mode & 0o777 for one in home.glob("fresh.sqlite*")}
        assert set(found.values()) == {0o600}
        assert {f"fresh.sqlite{ending}" for ending in ("", "-wal", "-shm")} <= set(found)
        bound.dispose()
    finally:
        os.umask(old)


@pytest.fixture
def open_home(tmp_path):
    """A home of an earlier release: everybody may read it."""
    for name in ("pdca.sqlite", "pdca.sqlite-wal", "pdca.toml", "inbox/new/1.pdca", "log/x.log"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        path.chmod(0o644)
    (tmp_path / "notes.txt").write_text("not ours")
    (tmp_path / "notes.txt").chmod(0o644)
    return tmp_path


def test_an_older_home_is_tightened_and_what_is_not_ours_is_left_alone(open_home):
    assert len(list(private.exposed(open_home, None))) == 8  # five files in three folders
    assert private.tighten(open_home, None) == 8
    assert list(private.exposed(open_home, None)) == []
    assert modes(open_home) == {"notes.txt": "0o644"}
    assert private.tighten(open_home, None) == 0


def test_a_database_elsewhere_is_looked_at_too(open_home, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("data") / "pdca.db"
    elsewhere.write_text("x")
    elsewhere.chmod(0o640)
    assert elsewhere in list(private.exposed(open_home, elsewhere))


def test_a_link_to_somebody_elses_file_is_not_followed(open_home, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "file"
    other.write_text("x")
    other.chmod(0o644)
    (open_home / "run").mkdir()
    (open_home / "run" / "link").symlink_to(other)
    private.tighten(open_home, None)
    assert other.stat().st_mode & 0o777 == 0o644


# --- what is printed and trusted -----------------------------------------------------------------


def test_a_password_is_not_printed_where_a_supervisor_keeps_the_log(tmp_path, capsys):
    own = Settings(home=tmp_path, prefect=PrefectSettings(port=4299))
    addresses.show(own)
    said = capsys.readouterr().out
    password = (tmp_path / "prefect" / "auth").read_text().strip()
    assert password not in said
    assert password.partition(":")[2] not in said
    assert str(tmp_path / "prefect" / "auth") in said.replace("\n", "")


@pytest.mark.parametrize(
    ("named", "trusts"), [([], (False, [])), (["10.0.0.7"], (True, ["10.0.0.7/32"]))]
)
def test_forwarded_addresses_count_from_named_proxies_alone(home, monkeypatch, named, trusts):
    monkeypatch.setenv("PDCA_HOME", str(home))
    monkeypatch.setenv("PDCA_PAGES__PORT", "18999")
    if named:
        monkeypatch.setenv("PDCA_PAGES__PROXIES", '["10.0.0.7"]')
    given = {}
    monkeypatch.setattr(uvicorn, "run", lambda _app, **options: given.update(options))
    monkeypatch.setattr("service.home.steady.Guard.start", lambda _self: None)
    running.pages()
    assert (given["proxy_headers"], given["forwarded_allow_ips"]) == trusts


def test_a_proxy_that_is_no_address_is_refused():
    with pytest.raises(ValueError, match="must be an address or a network"):
        Pages(proxies=["proxy.example"])
