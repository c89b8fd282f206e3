"""Ten times as much due at once takes no more memory, and nobody is buried in mails."""

import pytest

from bench.memory import MOST, measured


@pytest.mark.slow
def test_memory_is_flat_and_nobody_gets_more_than_a_digest_and_ten():
    few, _ = measured(1_000)
    many, most = measured(10_000)
    assert 0.8 < many / few < 1.2
    assert 0 < most <= MOST
