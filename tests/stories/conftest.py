"""Every story ends with empty mailboxes: a letter that nobody expected fails it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.office import Office
from tests.support.cast import hire


@pytest.fixture
def office(home: Path) -> Iterator[Office]:
    """The cast at work on Monday the 7th of September 2026, ten o'clock."""
    assert home
    hire()
    told = Office("2026-09-07")
    yield told
    told.expect_no_other_letter()
