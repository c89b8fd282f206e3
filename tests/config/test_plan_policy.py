"""What the organisation chooses about plans: read whole, and refused by file and key."""

from datetime import date

import pytest

from config.plan import load_plan_policy
from config.settings import Misconfigured


def own(tmp_path, text):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "plan.toml").write_text(text, "utf-8")
    return tmp_path


def test_a_home_replaces_what_it_names_and_nothing_else(tmp_path):
    policy = load_plan_policy(own(tmp_path, '[plan]\ndraft_from = "11-15"\n'))
    assert policy.plan.drafted_from(2026) == date(2026, 11, 15)
    assert len(policy.plan.line) == 10


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[plan]\ndraft_from = "13-01"\n', "plan.draft_from"),
        ('[plan]\nimprovement_rule = "monthly"\n', "plan.improvement_rule"),
        ('[plan]\nauthors = ["boss"]\n', "plan.authors"),
        ("[plan]\nauthors = []\n", "plan.authors"),
        ("[plan]\nsummary_working_day = 0\n", "plan.summary_working_day"),
        ("[approval]\nread_working_days = 0\n", "approval.read_working_days"),
        ("[approval]\nsign_working_days = 3\n", "approval.sign_working_days"),
        ('[[plan.line]]\nnumber = "01"\n', "plan.line"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(tmp_path, text, named):
    with pytest.raises(Misconfigured, match=named):
        load_plan_policy(own(tmp_path, text))


def test_the_29th_of_february_may_be_named(tmp_path):
    policy = load_plan_policy(own(tmp_path, '[plan]\ndraft_from = "02-29"\n'))
    assert policy.plan.drafted_from(2026) == date(2026, 2, 28)
