"""What one person finds in the morning: one digest, and level notices or one table."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rules.digest import Told, gather
from rules.words import LetterKind, Severity


def told(line: int, letter: LetterKind, **facts) -> Told:
    return Told(line=line, letter=letter, subject=facts.pop("subject", line), **facts)


def shapes(lines: list[Told], above: int = 10) -> list[tuple[str, tuple[int, ...]]]:
    return [(mail.shape, mail.lines) for mail in gather(lines, digest_above=above)]


def test_one_duty_of_ones_own_is_a_letter_and_several_are_a_digest():
    one = told(1, LetterKind.REMINDER)
    assert shapes([one]) == [("single", (1,))]
    assert shapes([one, told(2, LetterKind.OVERDUE)]) == [("digest", (1, 2))]


def test_ten_level_notices_stand_alone_and_eleven_are_a_table():
    notices = [told(n, LetterKind.ESCALATION, level=1) for n in range(11)]
    assert [shape for shape, _ in shapes(notices[:10])] == ["single"] * 10
    assert [shape for shape, _ in shapes(notices)] == ["table"]


def test_a_table_begins_with_the_severest_and_then_the_longest_overdue():
    early, late = (datetime(2026, 9, day, tzinfo=UTC) for day in (1, 20))
    lines = [
        told(1, LetterKind.ESCALATION, severity=Severity.MINOR, due_at=late),
        told(2, LetterKind.ESCALATION, severity=Severity.OBSERVATION, due_at=early),
        told(3, LetterKind.ESCALATION, severity=Severity.MAJOR, due_at=late),
        told(4, LetterKind.ESCALATION, severity=Severity.MINOR, due_at=early),
    ]
    assert shapes(lines, above=3) == [("table", (3, 4, 1, 2))]


def test_a_straight_up_report_and_a_step_about_the_same_thing_are_one_mail():
    lines = [
        told(1, LetterKind.ESCALATION, subject="NC-1", level=3),
        told(2, LetterKind.STRAIGHT_UP, subject="NC-1"),
        told(3, LetterKind.ESCALATION, subject="NC-2", level=3),
    ]
    mails = gather(lines, digest_above=10)
    assert [(mail.lines, mail.merged) for mail in mails] == [((2, 1), {1: 2}), ((3,), {})]


def test_codes_and_alarms_are_never_gathered():
    lines = [told(n, LetterKind.CODE) for n in range(20)]
    assert [shape for shape, _ in shapes(lines)] == ["single"] * 20


def test_an_end_told_of_many_things_is_one_table():
    assert [s for s, _ in shapes([told(n, LetterKind.OVER) for n in range(11)])] == ["table"]


letters = st.lists(st.sampled_from(list(LetterKind)), max_size=40)


@given(letters, st.integers(1, 12))
def test_whatever_is_due_every_line_is_in_exactly_one_mail(kinds, above):
    lines = [told(n, kind, subject=n % 5) for n, kind in enumerate(kinds)]
    mails = gather(lines, digest_above=above)
    placed = [line for mail in mails for line in mail.lines]
    assert sorted(placed) == list(range(len(kinds)))
    assert sum(mail.shape == "digest" for mail in mails) <= 1
