"""How a finding weighs as a nonconformity, and when several minors are one major."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import audit_findings as rule
from rules.audit_findings import Grade
from rules.words import Severity

MINOR, OTHER = Grade.MINOR, Grade.OBSERVATION


@pytest.mark.parametrize(
    ("grade", "severity", "in_three_parts", "is_finding"),
    [
        ("conformity", None, False, False),
        ("major", Severity.MAJOR, True, True),
        ("minor", Severity.MINOR, True, True),
        ("observation", Severity.OBSERVATION, True, True),
        ("opportunity", None, False, True),
        ("not_applicable", None, False, False),
    ],
)
def test_what_each_grade_means(grade, severity, in_three_parts, is_finding):
    assert rule.SEVERITY.get(grade) == severity
    assert (grade in rule.NEEDS_GAP) is in_three_parts
    assert (grade in rule.ANSWERED) is in_three_parts  # who is told of a gap may dispute it
    assert (grade in rule.FINDINGS) is is_finding


def test_findings_are_told_worst_first():
    assert rule.FINDINGS == ("major", "minor", "observation", "opportunity")


@pytest.mark.parametrize(
    ("grades", "one", "reason", "is_one"),
    [
        ([], None, "", False),
        ([MINOR] * 2, None, "", False),
        ([MINOR] * 2, False, "", False),
        ([MINOR] * 2 + [OTHER] * 5, None, "", False),  # only minors count
        ([MINOR] * 3, True, "", True),
        ([MINOR] * 4, True, "", True),
        ([MINOR] * 3, True, "because", True),
        ([MINOR] * 3, False, "no common cause", False),
    ],
)
def test_several_minors_in_one_area_are_one_major_if_the_lead_says_so(grades, one, reason, is_one):
    assert rule.combined(grades, one=one, reason=reason, least=3) is is_one


@pytest.mark.parametrize(("one", "reason"), [(None, ""), (None, "why"), (False, ""), (False, " ")])
def test_so_many_are_not_left_open_nor_kept_apart_without_a_reason(one, reason):
    with pytest.raises(rule.SayWhetherOne, match="3 minor nonconformities"):
        rule.combined([MINOR] * 3 + [OTHER], one=one, reason=reason, least=3)


def test_too_few_are_not_one_major():
    with pytest.raises(rule.NothingToCombine, match=r"2 minor .* not one major: 3 in one area"):
        rule.combined([MINOR] * 2 + [OTHER], one=True, reason="all of one cause", least=3)


@given(st.lists(st.sampled_from(["no", "partly", "yes"]), min_size=1, max_size=3))
def test_an_audit_concludes_with_the_worst_of_its_answers(answers):
    found = rule.conclusion(*answers)
    assert found in answers
    assert (found == "no") is ("no" in answers)
    assert (found == "yes") is (set(answers) == {"yes"})
