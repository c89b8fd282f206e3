"""Every letter of the cast against its file: a change of wording shows as a change of wording.

`PDCA_GOLDEN=write pytest tests/notifications/test_golden.py` writes the files anew.
"""

import os
import re
from pathlib import Path

import pytest

from config.language import LANGUAGES
from notifications.letters import Letter
from notifications.render import content
from rules.words import LetterKind
from tests.notifications.cast import letters

GOLDEN = Path(__file__).parents[1] / "golden"
WRITE = os.environ.get("PDCA_GOLDEN") == "write"  # before the fixtures clear such variables

GIVEN = (  # words of the cast and of the system that stay as they are
    "Bob Lee",
    "pdca doctor",
    "the management chain above P0123 ends in a circle: quality_head is told",
)
CASES = [
    pytest.param(language, name, letter, id=f"{language}-{name}")
    for language in LANGUAGES
    for name, letter in letters(language).items()
]


@pytest.mark.parametrize(("language", "name", "letter"), CASES)
def test_a_letter_reads_as_its_golden_file(language: str, name: str, letter: Letter) -> None:
    words = content(letter)
    found = {"subject": words.subject + "\n", "txt": words.text, "html": words.html}
    for ending, text in found.items():
        path = GOLDEN / language / f"{name}.{ending}"
        if WRITE:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.read_bytes() == text.encode(), f"{path} differs: see the module's first lines"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_letter_has_a_golden_file(language: str) -> None:
    assert {one.letter for one in letters(language).values()} == set(LetterKind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_golden_file_is_left_behind(language: str) -> None:
    known = {f"{name}.{end}" for name in letters(language) for end in ("subject", "txt", "html")}
    assert {path.name for path in (GOLDEN / language).iterdir()} == known


@pytest.mark.parametrize("letter", [pytest.param(*c.values[2:], id=c.id) for c in CASES])
def test_a_letter_asks_nothing_of_the_network(letter: Letter) -> None:
    """No image but its own, style sheet, script or font: no connection is opened for it."""
    words = content(letter)
    html = words.html
    for picture in words.pictures:
        html = html.replace(f'<img src="cid:{picture.cid}"', "")
    for reaching_out in ("<img", "<script", "<link", "src=", "@import", "url(", "@font-face"):
        assert reaching_out not in html


@pytest.mark.parametrize("name", letters("zh"))
def test_the_chinese_letter_has_no_english_left(name: str) -> None:
    """Every sentence of every template has its Chinese; only names and codes are in letters."""
    text = content(letters("zh")[name]).text
    for given in GIVEN:
        text = text.replace(given, "")
    words = re.findall(r"[A-Za-z]{3,}", re.sub(r"https://\S+", "", text))
    assert words == []
