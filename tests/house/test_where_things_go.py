"""The page that says where things go names places that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "where-things-go.md"


def test_it_names_twelve_changes_and_only_places_that_are_there():
    rows = [one for one in PAGE.read_text("utf-8").splitlines() if one.startswith("| ")][1:]
    assert len(rows) == 12
    for row in rows:
        places = [one for one in re.findall(r"`([\w./<>*-]+/[\w./<>*-]*)`", row) if "<" not in one]
        assert places or "process" in row, row
        assert [one for one in places if not (ROOT / one).exists()] == []
