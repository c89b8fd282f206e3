"""Waits double, end at the cap, and are spread without chance."""

from datetime import timedelta

import pytest

from rules.backoff import wait

CAP = timedelta(hours=6)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (1000, 360)],  # 512 minutes would pass the cap
)
def test_waits_double_up_to_the_cap(failures, minutes):
    waited = wait(failures, cap=CAP, key="mail:1")
    assert timedelta(minutes=minutes * 0.9) < waited <= timedelta(minutes=minutes)


def test_the_same_failure_waits_the_same_and_another_one_otherwise():
    assert wait(3, cap=CAP, key="a") == wait(3, cap=CAP, key="a")
    assert len({wait(3, cap=CAP, key=f"mail:{n}") for n in range(50)}) == 50
