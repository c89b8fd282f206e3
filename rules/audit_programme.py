"""How often and when an area is audited (审核频次与顺序): computed, with every reason shown.

Importance, status, changes and earlier results give points; points give the audits of a year;
the areas with most points come first. Months are filled evenly, because a programme that wants
all its auditors in one month is none. Somebody may decide otherwise, with a reason that stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from rules.refusal import Refused

MONTHS: Final = 12
MOST_IMPORTANT: Final = 5
STATUSES: Final = ("steady", "changed", "new")


class NotCovered(Refused):
    """Something would not be audited at all in the policy's period."""

    sentence = "the programme leaves out what must be audited within {months} months: {what}"


class WrongMonths(Refused):
    """Months that are none."""

    sentence = "months are numbers from 1 to 12, each once, not {months}"


class WrongWeight(Refused):
    """An importance or a status that is none."""

    sentence = "importance is 1 to 5, and status steady, changed or new, not {importance}, {status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an area. Counts are of the months that the policy looks back."""

    area: str
    importance: int  # 1 to 5
    status: str = "steady"  # steady, changed, new
    changes: int = 0  # projects begun, heads changed
    majors: int = 0  # open major nonconformities
    open: int = 0  # other open ones
    repeated: int = 0
    kpi_misses: int = 0
    complaints: int = 0
    months_since: int | None = None  # since its last audit; None: never audited


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Points of one importance, change, nonconformity …, as the policy says."""

    importance: int
    changed: int
    new: int
    changes: int
    majors: int
    open: int
    repeated: int
    kpi_misses: int
    complaints: int
    never_audited: int
    most_of_one: int  # points that one sort of reason gives at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An area with its points; reasons are (word, how many, points), the weightiest first."""

    area: str
    points: int
    reasons: tuple[tuple[str, int, int], ...]


COUNTED: Final = ("changes", "majors", "open", "repeated", "kpi_misses", "complaints")


def score(facts: Facts, weights: Weights) -> Scored:
    """Return the points of an area and where they come from."""
    found = [("importance", facts.importance, facts.importance * weights.importance)]
    if facts.status in {"changed", "new"}:
        found.append((facts.status, 1, getattr(weights, facts.status)))
    for word in COUNTED:
        count = getattr(facts, word)
        found.append((word, count, min(count * getattr(weights, word), weights.most_of_one)))
    if facts.months_since is None:
        found.append(("never_audited", 1, weights.never_audited))
    reasons = tuple(sorted((one for one in found if one[2]), key=lambda one: (-one[2], one[0])))
    return Scored(area=facts.area, points=sum(one[2] for one in reasons), reasons=reasons)


def a_year(points: int, bands: Mapping[int, int]) -> int:
    """Return the audits of a year: of the highest band reached; at least one.

    `bands` say from how many points on an area is audited so often a year.
    """
    reached = [times for times, least in bands.items() if points >= least]
    return max(reached, default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An area in the year: its rank (1 has most points) and its months."""

    area: str
    rank: int
    months: tuple[int, ...]


def place(
    scored: Sequence[Scored], times: Mapping[str, int], months: Sequence[int] = range(1, 13)
) -> tuple[Placed, ...]:
    """Return when each area is audited: most points first, no month much fuller than another.

    An area audited n times a year has its audits 12/n months apart.
    """
    load = dict.fromkeys(months, 0)
    found = []
    ordered = sorted(scored, key=lambda one: (-one.points, one.area))
    for rank, one in enumerate(ordered, start=1):
        chosen = _emptiest(load, min(times[one.area], len(load)))
        for month in chosen:
            load[month] += 1
        found.append(Placed(area=one.area, rank=rank, months=chosen))
    return tuple(found)


def _emptiest(load: Mapping[int, int], times: int) -> tuple[int, ...]:
    """Return the months of the emptiest rhythm; the earliest of equals."""
    open_ = sorted(load)
    step = len(open_) / times

    def rhythm(first: int) -> tuple[int, ...]:
        return tuple(open_[int(first + k * step)] for k in range(times))

    rhythms = [rhythm(first) for first in range(max(1, int(step)))]
    return min(rhythms, key=lambda r: (max(load[m] for m in r), sum(load[m] for m in r), r))


def edited(months: Iterable[int]) -> list[int]:
    """Return months as they are kept, or refuse what are none."""
    given = list(months)
    if len(set(given)) != len(given) or any(not 1 <= month <= MONTHS for month in given):
        raise WrongMonths(months=", ".join(str(month) for month in given) or "-")
    return sorted(given)


def weighed(importance: int, status: str) -> None:
    """Refuse what is no importance, or no status."""
    if importance not in range(1, MOST_IMPORTANT + 1) or status not in STATUSES:
        raise WrongWeight(importance=importance, status=status or "-")


def uncovered(
    must: Mapping[str, Iterable[str]], planned: Mapping[str, Iterable[str]], kept: Iterable[str]
) -> tuple[str, ...]:
    """Return the areas and clauses that nothing covers.

    `must` and `planned` are clauses by area; `kept` the areas whose last audit still counts.
    """
    known = {area: own for area, own in must.items() if area in set(kept)}
    clauses = {c for own in (*planned.values(), *known.values()) for c in own}
    wanted = {c for own in must.values() for c in own}
    missing = [area for area in must if area not in planned and area not in known]
    return (*sorted(missing), *sorted(wanted - clauses))


def cover(
    must: Mapping[str, Iterable[str]],
    planned: Mapping[str, Iterable[str]],
    kept: Iterable[str],
    *,
    months: int,
) -> None:
    """Refuse a programme that leaves something out, by name."""
    missing = uncovered(must, planned, kept)
    if missing:
        raise NotCovered(months=months, what=", ".join(missing))


def share(days: Sequence[date], planned: date) -> int:
    """Return which of a plan's days, in their order, stands for an audit of that day.

    Each stands for what is planned up to it; the last one for the rest of the year as well.
    """
    return next((n for n, day in enumerate(days) if planned <= day), len(days) - 1)


def as_json(scored: Scored) -> list[list[Any]]:
    """Return the reasons as a line keeps them."""
    return [list(one) for one in scored.reasons]
