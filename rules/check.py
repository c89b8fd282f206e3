"""The project quality check (运维服务项目质量检查): its points, its score, what a finding weighs.

Clause 3.2.1 names eight points; a sheet (`config/checks/`) says for each against what, by which
sample and with what weight it is judged. A point that does not apply leaves the denominator;
nothing that applied gives no score, never 0 or 100.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final

from rules.nonconformity import ONE_UP, RECURRENCE_MONTHS
from rules.words import Severity
from rules.worksheet import Filled, Sheet, Trouble, unfilled


class Result(StrEnum):
    """What was found at one point (检查结果)."""

    CONFORMING = "conforming"  # 符合
    NONCONFORMING = "nonconforming"  # 不符合
    OBSERVATION = "observation"  # 观察项
    NOT_APPLICABLE = "not_applicable"  # 不适用


class CheckKind(StrEnum):
    """Why a project is checked (检查类型)."""

    ROUTINE = "routine"  # 例行检查
    SPECIAL = "special"  # 专项检查
    FOLLOW_UP = "follow_up"  # 复查


class CheckState(StrEnum):
    """Where a check stands. A planned one is opened on its day, an open one is owed."""

    PLANNED = "planned"  # 已计划
    OPEN = "open"  # 待检查
    DONE = "done"  # 已完成
    CANCELLED = "cancelled"  # 已取消


class Conclusion(StrEnum):
    """What a score means (检查结论): 90 and above, 80 to 90, below 80 on the default sheet."""

    QUALIFIED = "qualified"  # 合格
    ORDINARY = "ordinary"  # 基本合格
    FAILED = "failed"  # 不合格


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A point in one language."""

    point: str
    criterion: str
    method: str
    scoring: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of a sheet. `severity` is the least that a nonconformity about it has."""

    key: str
    weight: Decimal
    severity: Severity
    words: Mapping[str, Wording]  # by language
    clause: str = ""  # that a nonconformity about it names; the key where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSheet:
    """A sheet in one version; a check keeps the version that it was opened with."""

    code: str
    version: int
    titles: Mapping[str, str]
    points: tuple[Point, ...]
    observation: Decimal  # the share of its weight that a point with an observation gets
    qualified: Decimal  # the least score
    ordinary: Decimal

    def point(self, key: str) -> Point | None:
        """Return the point of a key."""
        return next((point for point in self.points if point.key == key), None)

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of it, decimals as text."""
        return {
            "titles": dict(self.titles),
            "observation": str(self.observation),
            "qualified": str(self.qualified),
            "ordinary": str(self.ordinary),
            "points": [
                {
                    "key": point.key,
                    "weight": str(point.weight),
                    "severity": point.severity.value,
                    "clause": point.clause,
                    **{language: _words(words) for language, words in point.words.items()},
                }
                for point in self.points
            ],
        }


def _words(words: Wording) -> dict[str, str]:
    return {
        "point": words.point,
        "criterion": words.criterion,
        "method": words.method,
        "scoring": words.scoring,
    }


LANGUAGES: Final = ("zh", "en")


def sheet_from_json(code: str, version: int, kept: Mapping[str, Any]) -> CheckSheet:
    """Return the sheet that was kept."""
    return CheckSheet(
        code=code,
        version=version,
        titles=kept["titles"],
        observation=Decimal(kept["observation"]),
        qualified=Decimal(kept["qualified"]),
        ordinary=Decimal(kept["ordinary"]),
        points=tuple(
            Point(
                key=point["key"],
                weight=Decimal(point["weight"]),
                severity=Severity(point["severity"]),
                clause=point["clause"],
                words={language: Wording(**point[language]) for language in LANGUAGES},
            )
            for point in kept["points"]
        ),
    )


# --- score and conclusion ----------------------------------------------------------------

TENTH: Final = Decimal("0.1")
NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found at one point; a question about an earlier observation weighs nothing."""

    key: str
    result: Result
    weight: Decimal
    severity: Severity | None = None  # of a nonconforming one


def score(judged: Iterable[Judged], *, observation: Decimal) -> Decimal | None:
    """Return 0 to 100, to a tenth; None if nothing applied."""
    share = {
        Result.CONFORMING: Decimal(1),
        Result.OBSERVATION: observation,
        Result.NONCONFORMING: Decimal(0),
    }
    counted = [one for one in judged if one.result in share]
    whole = sum((one.weight for one in counted), Decimal(0))
    if not whole:
        return None
    reached = sum((one.weight * share[one.result] for one in counted), Decimal(0))
    return (100 * reached / whole).quantize(TENTH, ROUND_HALF_UP)


def conclusion(
    score: Decimal | None, judged: Sequence[Judged], sheet: CheckSheet
) -> Conclusion | None:
    """Return what the score means; a major nonconformity is never qualified."""
    if score is None:
        return None
    if score < sheet.ordinary:
        return Conclusion.FAILED
    major = any(one.severity is Severity.MAJOR for one in judged)
    return Conclusion.ORDINARY if major or score < sheet.qualified else Conclusion.QUALIFIED


# --- what is judged before it is taken ---------------------------------------------------

NO_EVIDENCE: Final = "nonconforming: write the evidence, or attach a file to this line"
NO_PROBLEM: Final = "write what is wrong: the project manager has nothing else to go by"


def incomplete(sheet: Sheet, filled: Filled, *, with_files: frozenset[str]) -> list[Trouble]:
    """Return what the sheet lacks, by line: a result each, and what makes a finding one.

    Nonconforming needs evidence (text or a file of that line) and the problem; an observation
    needs the problem.
    """
    found = unfilled(sheet, filled)
    for line in sheet.lines:
        values = filled.get(line.key, {})
        result = values.get("result")
        amiss = result in {Result.NONCONFORMING, Result.OBSERVATION}
        if amiss and not values.get("problem"):
            found.append(Trouble(key=line.key, column="problem", sentence=NO_PROBLEM))
        shown = values.get("evidence") or line.key in with_files
        if result == Result.NONCONFORMING and not shown:
            found.append(Trouble(key=line.key, column="evidence", sentence=NO_EVIDENCE))
    return found


# --- severity ----------------------------------------------------------------------------

ORDER: Final = (Severity.OBSERVATION, Severity.MINOR, Severity.MAJOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The same point of the same project found nonconforming before, not void since."""

    nonconformity: str
    found_on: date


def severity(*, chosen: Severity | None, least: Severity) -> Severity:
    """Return the graver of what the checker chose and what the point has at least."""
    return max(chosen or least, least, key=ORDER.index)


def repeated(earlier: Iterable[Earlier], *, on: date) -> Earlier | None:
    """Return the latest finding of the same point in the twelve months before."""
    since = _months_before(on, RECURRENCE_MONTHS)
    recent = [one for one in earlier if since <= one.found_on <= on]
    return max(recent, key=lambda one: (one.found_on, one.nonconformity), default=None)


def raised(severity: Severity, earlier: Earlier | None) -> Severity:
    """Return the severity one up if it is a repeated finding."""
    return ONE_UP[severity] if earlier else severity


def _months_before(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 - months
    year, month = divmod(whole, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))
