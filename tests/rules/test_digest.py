"""What one person finds in the morning: one digest, and level notices or one table."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rules.digest import Told, gather, marks
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


def test_what_is_new_and_due_soon_at_once_is_one_matter_and_its_letter_reminds():
    lines = [
        told(4, LetterKind.ASSIGNMENT, subject="NC-7", duty=70),
        told(9, LetterKind.REMINDER, subject="NC-7", duty=70),
    ]
    (mail,) = gather(lines, digest_above=10)
    assert (mail.shape, mail.lines, mail.merged) == ("single", (9, 4), {4: 9})


def test_two_duties_about_one_nonconformity_are_two_matters():
    lines = [
        told(1, LetterKind.ASSIGNMENT, subject="NC-7", duty=70),
        told(2, LetterKind.ASSIGNMENT, subject="NC-7", duty=71),
    ]
    (mail,) = gather(lines, digest_above=10)
    assert (mail.shape, mail.lines, mail.merged) == ("digest", (1, 2), {})


def test_of_all_that_a_morning_says_of_one_duty_overdue_is_its_place_in_the_digest():
    kinds = (LetterKind.STOOD_IN, LetterKind.ASSIGNMENT, LetterKind.OVERDUE, LetterKind.REMINDER)
    lines = [told(n, kind, subject="NC-7", duty=70) for n, kind in enumerate(kinds)]
    (mail,) = gather([*lines, told(8, LetterKind.REMINDER, duty=71)], digest_above=10)
    assert mail.lines[:2] == (2, 8)
    assert mail.merged == {0: 2, 1: 2, 3: 2}


def test_two_steps_of_one_duty_gathered_late_are_one_row_that_says_the_higher_level():
    lines = [told(n, LetterKind.ESCALATION, level=1, duty=n) for n in range(10)]
    again = told(10, LetterKind.ESCALATION, subject=3, level=2, duty=3)
    mails = gather([*lines, again], digest_above=10)
    assert [mail.shape for mail in mails] == ["single"] * 10  # ten matters, though eleven lines
    assert mails[-1].lines == (10, 3)


@given(letters, st.integers(1, 12))
def test_marks_stand_on_items_and_no_duty_of_ones_own_is_listed_twice(kinds, above):
    lines = [told(n, kind, subject=n % 3, duty=n % 3) for n, kind in enumerate(kinds)]
    by_line = {one.line: one for one in lines}
    mails = gather(lines, digest_above=above)
    for mail in mails:
        items = [line for line in mail.lines if line not in mail.merged]
        assert set(mail.merged.values()) <= set(items)
        if mail.shape == "digest":
            duties = [by_line[line].duty for line in items]
            assert len(duties) == len(set(duties))
    assert marks(lines) == {line: on for mail in mails for line, on in mail.merged.items()}


def test_ten_times_as_many_lines_are_compared_about_ten_times_as_often():
    class Counted(int):
        seen = 0

        def __eq__(self, other):
            Counted.seen += 1
            return int(self) == int(other)

        __hash__ = int.__hash__

    def comparisons(n):
        Counted.seen = 0
        half = [told(i, LetterKind.ESCALATION, subject=Counted(i)) for i in range(n)]
        twice = [told(n + i, LetterKind.STRAIGHT_UP, subject=Counted(i)) for i in range(n)]
        own = [told(2 * n + i, LetterKind.OVERDUE, subject=Counted(i)) for i in range(n)]
        gather(
            [*half, *twice, *own, *(told(3 * n + i, LetterKind.OVER) for i in range(n))],
            digest_above=10,
        )
        return Counted.seen

    assert comparisons(3_000) <= 15 * comparisons(300)
