"""A decision of a review says what, by whom and until when, or it is for the next plan."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import review as rule
from rules.review import Decided
from rules.worksheet import Column, Line, Sheet

TODAY = date(2026, 12, 14)
KNOWN = {"wang", "quality"}
WHOLE = {"kind": "resource", "what": "买工具", "who": "wang", "until": "2027-01-31"}
COLUMNS = tuple(Column(name=name, kind="line", title=name) for name in WHOLE)
LINES = tuple(Line(key=f"d{n:02}", number=str(n), point="") for n in (1, 2))
SHEET = Sheet(kind="k", subject="R", version=1, title="t", lines=LINES, columns=COLUMNS)


def wrong(**changes):
    found = rule.troubles(SHEET, {"d01": {**WHOLE, **changes}}, known=KNOWN, today=TODAY)
    return [(one.column, one.sentence) for one in found]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"who": "quality"}, []),
        ({"kind": ""}, [("kind", rule.NO_KIND)]),
        ({"what": " "}, [("what", rule.NO_WHAT)]),
        ({"who": "nobody"}, [("who", rule.STRANGER)]),
        ({"who": ""}, [("who", rule.HALF)]),
        ({"until": ""}, [("until", rule.HALF)]),
        ({"who": "", "until": ""}, [("who", rule.NO_OWNER)]),
        ({"who": "", "until": "", "kind": "change"}, [("who", rule.NO_OWNER)]),
        ({"who": "", "until": "", "kind": "improvement"}, []),
        ({"until": "2026-12-14"}, [("until", rule.OVER)]),
        ({"until": "soon"}, [("until", rule.NO_DATE)]),
    ],
)
def test_what_a_line_lacks(changes, expected):
    assert wrong(**changes) == expected


def test_a_line_without_a_word_is_no_decision():
    blank = {"d01": {"kind": "", "what": "  "}, "d02": WHOLE}
    assert rule.troubles(SHEET, blank, known=KNOWN, today=TODAY) == []
    (one,) = rule.decisions(blank)
    assert (one.kind, one.who, one.until) == (Decided.RESOURCE, "wang", date(2027, 1, 31))
    assert one.owed


WORDS = st.sampled_from(["", " ", "improvement", "resource", "wang", "nobody", "2027-02-30"])
FILLED = st.dictionaries(
    st.sampled_from(["d01", "d02"]), st.dictionaries(st.sampled_from(list(WHOLE)), WORDS)
)


@given(FILLED)
def test_what_passes_has_an_owner_and_a_day_or_is_an_improvement(filled):
    filled = {
        key: {**values, "kind": "resource"} if values.get("kind") in {"wang", "nobody"} else values
        for key, values in filled.items()
    }
    kinds = {values.get("kind", "").strip() for values in filled.values()}
    if kinds - {"", *Decided} or rule.troubles(SHEET, filled, known=KNOWN, today=TODAY):
        return
    for one in rule.decisions(filled):
        assert one.what
        assert bool(one.who) == (one.until is not None)
        assert one.owed or one.kind is Decided.IMPROVEMENT


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.none() | st.integers(0, 800))
def test_a_period_follows_the_one_before_and_never_ends_before_it_begins(today, ago):
    before = None if ago is None else today - timedelta(days=ago)
    since, until = rule.period(before=before, year=today.year, today=today)
    assert since <= until
    assert since == (date(today.year, 1, 1) if before is None else before + timedelta(days=1))
