"""The traits of letters are one table: every kind has its row, and the marks agree."""

import pytest

from rules.letters import TRAITS, Tone, letters_that, traits_of
from rules.words import LetterKind


def test_every_kind_of_letter_has_its_row() -> None:
    assert set(TRAITS) == set(LetterKind)


def test_an_unknown_kind_is_an_error_and_not_a_plain_letter() -> None:
    with pytest.raises(ValueError, match="postcard"):
        traits_of("postcard")


@pytest.mark.parametrize("kind", LetterKind)
def test_the_marks_of_a_kind_agree_with_one_another(kind: LetterKind) -> None:
    traits = traits_of(kind)
    assert not (traits.private and traits.owed), "what is owed is gathered, what is private never"
    assert not traits.secret or traits.by_system, "only the system says secrets"
    assert not traits.owners_only or traits.for_owing, "who heard it because of owing it"
    assert not (traits.owners_only and traits.tells_above)
    assert traits.by_system == (traits.rank == 0), "codes, links and alarms wait for nobody"


def test_what_somebody_owes_and_what_speaks_after_the_end_are_told_by_the_table() -> None:
    assert letters_that(lambda traits: traits.secret) == {LetterKind.CODE, LetterKind.SIGN_IN}
    assert letters_that(lambda traits: traits.owners_only) == {
        LetterKind.REMINDER,
        LetterKind.OVERDUE,
    }
    assert letters_that(lambda traits: traits.tone is Tone.GOOD) == {LetterKind.OVER}
    assert LetterKind.ASSIGNMENT not in letters_that(lambda traits: traits.true_after_end)
