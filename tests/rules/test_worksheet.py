"""A sheet takes what can be read, and says by line what cannot."""

from string import ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import worksheet
from rules.worksheet import Column, Line, Sheet

COLUMNS = (
    Column(name="result", kind="choice", title="Result", choices=(("yes", "Yes"), ("no", "No"))),
    Column(name="evidence", kind="paragraph", title="Evidence", most=20),
)


def sheet(*points, **changes):
    lines = tuple(
        Line(key=f"p{n}", number=str(n), point=point) for n, point in enumerate(points, 1)
    )
    facts = {"kind": "k", "subject": "S-1", "version": 1, "title": "t", "lines": lines}
    return Sheet(**{**facts, "columns": COLUMNS, **changes})


ONE = sheet("first", "second")


@pytest.mark.parametrize(
    ("given_", "column", "sentence"),
    [
        ({"p9": {"result": "yes"}}, "", worksheet.UNKNOWN_LINE),
        ({"p1": {"colour": "red"}}, "", worksheet.UNKNOWN_COLUMN),
        ({"p1": {"result": "maybe"}}, "result", worksheet.UNKNOWN_CHOICE),
        ({"p1": {"evidence": "x" * 21}}, "evidence", worksheet.TOO_LONG),
    ],
)
def test_what_cannot_be_read_is_named(given_, column, sentence):
    kept, (trouble,) = worksheet.cleaned(ONE, given_)
    assert (trouble.column, trouble.sentence) == (column, sentence)
    assert kept == {}


def test_the_rest_of_a_line_is_kept_beside_what_cannot_be_read():
    kept, troubles = worksheet.cleaned(ONE, {"p1": {"result": "maybe", "evidence": " seen \x00"}})
    assert kept == {"p1": {"evidence": "seen"}}
    assert len(troubles) == 1


def test_every_line_needs_its_first_column():
    assert [t.key for t in worksheet.unfilled(ONE, {"p1": {"result": "yes"}})] == ["p2"]
    assert worksheet.filled_lines(ONE, {"p1": {"result": "yes"}, "p2": {"evidence": "x"}}) == 1


@given(
    st.dictionaries(
        st.text(ascii_lowercase + digits + "_", min_size=1, max_size=10),
        st.dictionaries(st.text(ascii_lowercase, min_size=1, max_size=8), st.text(), min_size=1),
    )
)
def test_names_of_fields_lead_back_to_their_lines(lines):
    flat = {
        worksheet.name_of(key, column): value
        for key, values in lines.items()
        for column, value in values.items()
    }
    assert worksheet.gathered({**flat, "act": "draft"}) == lines


@pytest.mark.parametrize(
    "other",
    [
        sheet("first", "other"),  # renamed
        sheet("second", "first"),  # moved
        sheet("first", "second", "third"),  # added
        sheet("first"),  # taken out
        sheet("first", "second", version=2),
        sheet("first", "second", subject="S-2"),
        sheet("first", "second", columns=COLUMNS[:1]),
    ],
)
def test_the_structure_of_a_sheet_shows_every_alteration(other):
    assert other.structure != ONE.structure
    assert sheet("first", "second").structure == ONE.structure
