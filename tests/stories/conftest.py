"""Every story ends with empty mailboxes: a letter that nobody expected fails it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.office import Office
from tests.support.cast import hire


@pytest.fixture
def office(home: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """The cast at work at ten o'clock, on the Monday that the file's stories begin with."""
    assert home
    hire()
    told = Office(getattr(request.module, "BEGINS", "2026-09-07"))
    yield told
    told.expect_no_other_letter()
