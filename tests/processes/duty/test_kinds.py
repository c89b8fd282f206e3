"""Each kind of duty says everything that page, letter and record need of it."""

import pytest

from processes import plug
from processes.duty import kinds
from rules.words import DutyKind

STAND_APART = ("agree", "verify", "verify_effect", "decide", "decide_dispute", "decide_extension")


def test_every_word_is_declared_by_one_process_and_nothing_else_is():
    assert sorted(kinds.names()) == sorted(kind.value for kind in DutyKind)


@pytest.mark.parametrize("kind", [kind.value for kind in DutyKind])
def test_every_kind_has_a_form_and_its_words(kind):
    found = kinds.of(kind)
    assert found.kind == kind
    assert found.form.model_fields
    assert found.asks
    assert found.follows.endswith(".")
    assert found.advice.startswith("Please ")


@pytest.mark.parametrize("kind", STAND_APART)
def test_what_was_given_to_somebody_for_standing_apart_is_not_handed_over(kind):
    assert not kinds.of(kind).handed_over


def test_a_kind_that_nobody_declares_is_refused_by_name():
    with pytest.raises(plug.Unknown, match="patrol"):
        kinds.of("patrol")


def test_only_these_kinds_are_handed_over():
    assert {kind for kind in kinds.names() if kinds.of(kind).handed_over} == {
        DutyKind.RESPOND,
        DutyKind.ACT,
        DutyKind.CARRY_OUT,
        DutyKind.HOLD_REVIEW,
        DutyKind.REPORT_KPI,
        DutyKind.CONFIRM_VALUE,
        DutyKind.EXPLAIN_SPECIAL,
        DutyKind.MEET_REQUIREMENT,
        DutyKind.SOLVE_PROBLEM,
        DutyKind.MEND_CONTACT,
    }
