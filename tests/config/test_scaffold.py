"""What a new home begins with: it loads as it is, names every setting, and overwrites nothing."""

import re
import tomllib
from dataclasses import asdict

import pytest
from pydantic import BaseModel

from config.calendar import load_calendar
from config.plan import load_plan_policy
from config.policy import load_policy
from config.scaffold import COLUMNS, scaffold
from config.settings import Misconfigured, Settings, load
from processes.organisation import import_people as people
from processes.organisation import import_projects as projects
from processes.organisation import import_units as units
from processes.plan import import_plan as plan


def test_a_new_home_works_as_it_is(tmp_path):
    scaffold(tmp_path)
    settings = load(tmp_path)
    assert settings == Settings(home=tmp_path)
    assert load_policy(tmp_path) == load_policy(tmp_path / "nowhere")
    assert load_plan_policy(tmp_path) == load_plan_policy(tmp_path / "nowhere")
    own = load_calendar(tmp_path, settings.zone)
    assert asdict(own) == asdict(load_calendar(tmp_path / "nowhere", settings.zone))


def _names(model, prefix=""):
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _names(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def _named(text):
    """Read `#key = …` and `#   key = …`, within their tables."""
    table = ""
    for line in text.splitlines():
        if head := re.fullmatch(r"\[([\w.]+)\]", line):
            table = f"{head[1]}."
        elif key := re.match(r"#(?: {3})?(\w+) = ", line):
            yield table + key[1]


def test_every_setting_is_named_and_none_that_is_not_one(tmp_path):
    scaffold(tmp_path)
    named = list(_named((tmp_path / "pdca.toml").read_text("utf-8")))
    assert sorted(set(named)) == sorted(set(_names(Settings)) - {"home"})


def test_what_is_written_behind_the_mark_is_the_default(tmp_path):
    scaffold(tmp_path)
    path = tmp_path / "pdca.toml"
    defaults = Settings(home=tmp_path)
    path.write_text(re.sub(r"(?m)^#(\w+ = )", r"\1", path.read_text("utf-8")), "utf-8")
    chosen = tomllib.loads(path.read_text("utf-8"))
    assert chosen["mail"]["port"] == 25
    assert chosen["language"] == "zh"
    assert load(tmp_path) == defaults


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_a_template_is_one_header_that_excel_opens_right(tmp_path, kind):
    scaffold(tmp_path)
    raw = (tmp_path / "import" / f"{kind}.csv").read_bytes()
    assert raw == b"\xef\xbb\xbf" + COLUMNS[kind].encode("ascii") + b"\r\n"


def test_the_readme_names_every_column(tmp_path):
    scaffold(tmp_path)
    readme = (tmp_path / "README.md").read_text("utf-8")
    named = set(re.findall(r"`(\w+)`", readme))
    assert {column for columns in COLUMNS.values() for column in columns.split(",")} <= named


def test_leaves_what_is_there_and_says_so(tmp_path):
    own = tmp_path / "pdca.toml"
    own.write_text('language = "en"\n', "utf-8")
    done = scaffold(tmp_path)
    assert done.kept == (own,)
    assert own.read_text("utf-8") == 'language = "en"\n'
    assert tmp_path / "config" / "escalation.toml" in done.written
    again = scaffold(tmp_path)
    assert not again.written
    assert set(again.kept) == {own, *done.written}


def test_refuses_where_a_folder_cannot_be(tmp_path):
    (tmp_path / "config").write_text("a file")
    with pytest.raises(Misconfigured, match="config"):
        scaffold(tmp_path)


@pytest.mark.parametrize(("kind", "importer"), [
    ("units", units), ("people", people), ("projects", projects), ("plan", plan),
])  # fmt: skip
def test_a_template_names_the_columns_that_its_import_reads(kind, importer):
    assert COLUMNS[kind].split(",") == [column.name for column in importer.COLUMNS]
