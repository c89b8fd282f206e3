"""What an audit finds (审核发现): how it is graded, and when several minors are one major.

A nonconformity is stated in three parts: the requirement, the evidence, and the gap between
them. A conformity needs evidence too: a line without any was not audited.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from rules.refusal import Refused
from rules.words import Severity


class Grade(StrEnum):
    """How a line of the checklist was judged."""

    CONFORMITY = "conformity"  # 符合
    MAJOR = "major"  # 严重不符合
    MINOR = "minor"  # 一般不符合
    OBSERVATION = "observation"  # 观察项
    OPPORTUNITY = "opportunity"  # 改进机会
    NOT_APPLICABLE = "not_applicable"  # 不适用


NEEDS_GAP: Final = frozenset({Grade.MAJOR, Grade.MINOR, Grade.OBSERVATION})
ANSWERED: Final = NEEDS_GAP  # the auditee confirms or disputes these
FINDINGS: Final = (Grade.MAJOR, Grade.MINOR, Grade.OBSERVATION, Grade.OPPORTUNITY)
SEVERITY: Final[Mapping[str, Severity]] = {
    Grade.MAJOR: Severity.MAJOR,
    Grade.MINOR: Severity.MINOR,
    Grade.OBSERVATION: Severity.OBSERVATION,
}


class SayWhetherOne(Refused):
    """So many minors in one area may be a system that fails."""

    sentence = (
        "{count} minor nonconformities in one area are proposed as one major: say whether they are"
        " reported as one, or separately with a reason"
    )


class NothingToCombine(Refused):
    """There are too few minors to be one major."""

    sentence = "{count} minor nonconformities are not one major: {least} in one area may be"


class TooEarly(Refused):
    """An audit was to be reported before it began."""

    sentence = "the audit begins on {day}: it cannot be conducted before"


class ShortNotice(Refused):
    """The auditee would hear too late."""

    sentence = "the auditee must hear {days} working days before: {first} is the first day possible"


class NotAWorkingDay(Refused):
    """Nobody is at work on that day."""

    sentence = "{day} is no working day: choose another"


def combined(grades: Iterable[str], *, one: bool | None, reason: str, least: int) -> bool:
    """Return whether the minors are reported as one major; refuse to leave it open."""
    count = sum(grade == Grade.MINOR for grade in grades)
    if count < least:
        if one:
            raise NothingToCombine(count=count, least=least)
        return False
    if one is None or (not one and not reason.strip()):
        raise SayWhetherOne(count=count)
    return one


def conclusion(*answers: str) -> str:
    """Return the audit's conclusion from its three questions: the worst of them."""
    order = ("no", "partly", "yes")
    return min(answers, key=order.index)
