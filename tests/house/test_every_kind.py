"""What is owed to each kind of duty, policy and import: asked of all, so none is forgotten."""

import re
import tomllib
from pathlib import Path

import pytest

from config import labels
from config import scaffold as scaffolding
from config.audit import audit_policy
from config.check_sheets import load_check_sheets
from config.choices import FOLDER, PACKAGED
from config.kpi import load_kpi_policy
from config.language import LANGUAGES, catalogue, label
from config.schedule import load_schedule
from config.special import load_special_policy
from config.ticket_mapping import load_mapping
from notifications.render import content
from processes import plug
from processes.duty import kinds
from processes.imports.table import MAPPED as MAPPING
from rules.words import DutyKind, LetterKind
from tests.notifications.cast import item, letter

IMPORTS = plug.every("imports")
COLUMNS = {key: one.columns for key, one in IMPORTS.items() if one.columns}
KINDS = [key for key in IMPORTS if not key.endswith(MAPPING)]
FALLBACK = "The page says what is asked for."
SHEETS = "checks"  # have no empty template: `pdca sheet` writes one for each check
MAPPED = "tickets"  # have the columns that a mapping says
NOT_POLICIES = {"demo", "home", "locale"}  # folders of config/ with other things in them


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DutyKind)
def test_every_kind_of_duty_says_in_its_letters_what_to_do(kind, language):
    fallback = catalogue(language).get((None, FALLBACK), FALLBACK)
    for told in (LetterKind.ASSIGNMENT, LetterKind.REMINDER, LetterKind.OVERDUE):
        words = content(letter(language, "li", item(language, told, kind=kind.value)))
        assert fallback not in words.text
        assert fallback not in words.html


def test_every_kind_of_duty_has_an_instruction_of_its_own():
    said = {
        kind: content(
            letter("en", "li", item("en", LetterKind.ASSIGNMENT, kind=kind.value))
        ).text.replace(label("en", kind.value, "duty_kind"), "")
        for kind in DutyKind
    }
    assert len(set(said.values())) == len(said)


@pytest.mark.parametrize("kind", DutyKind)
def test_every_kind_of_duty_can_be_answered_and_has_a_name(kind):
    assert kinds.of(kind).kind is kind
    assert kind.value in labels.LABELS["duty_kind"]


def test_whoever_writes_ladders_finds_every_kind_of_duty_named(tmp_path):
    scaffold(tmp_path)
    text = (tmp_path / FOLDER / "escalation.toml").read_text("utf-8")
    named = re.findall(r"(?m)^#   (\w+) +(\S+) · (.+)$", text)
    assert [kind for kind, _, _ in named] == [kind.value for kind in DutyKind]
    for kind, chinese, english in named:
        assert (chinese, english) == (
            label("zh", kind, "duty_kind"),
            label("en", kind, "duty_kind"),
        )


def scaffold(home):
    return scaffolding.scaffold(home, COLUMNS)


def policies():
    """Return every file of choices that ships with the product."""
    return {
        path.relative_to(PACKAGED)
        for path in PACKAGED.rglob("*.toml")
        if path.relative_to(PACKAGED).parts[0] not in NOT_POLICIES
    }


def test_a_new_home_has_every_policy(tmp_path):
    scaffold(tmp_path)
    folder = tmp_path / FOLDER
    assert {path.relative_to(folder) for path in folder.rglob("*.toml")} == policies()
    assert Path("audit.toml") in policies()


def test_a_new_home_chooses_nothing_else_than_the_product(tmp_path):
    new, bare = tmp_path / "new", tmp_path / "bare"
    scaffold(new)
    for load in (audit_policy, load_schedule, load_kpi_policy, load_special_policy):
        assert load(new) == load(bare)
    assert [one.sheet for one in load_check_sheets(new)] == [
        one.sheet for one in load_check_sheets(bare)
    ]
    assert load_mapping("uci", new)[0] == load_mapping("uci", bare)[0]


def test_every_import_has_a_template():
    assert set(COLUMNS) == set(KINDS) - {SHEETS}


def test_the_template_of_a_ticket_log_has_the_columns_of_the_mapping_that_is_supplied():
    mapping = tomllib.loads((PACKAGED / "tickets" / "uci.toml").read_text("utf-8"))
    assert list(COLUMNS[MAPPED]) == list(mapping["columns"].values())
