"""Who audits what (审核员分配): an exact solver's proposal, values in and values out.

In this order, each as good as it can be before the next is looked at: staff as many audits as
possible; change as little as possible of the teams there are; load the auditors evenly (the
most loaded one's half-days less the least loaded one's); send people to another site as seldom
as possible. Whoever has a conflict is no choice at all: he is not even in the problem.

The spread is proven smallest, or the proposal carries the bound that was proven, so that
everybody can see how far from the best it may be.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, gcd
from typing import Any, Final

SECONDS: Final = 6.0  # for the spread; each other aim has as much and needs next to nothing
ENOUGH: Final = 0.05  # of the journeys, which matter least
FEASIBLE: Final = 2  # what the solver calls a solution that can be used
WHOLE: Final = 1e-6  # how far from a whole number the solver's floats may be

NO_SUCH: Final = "no_team"  # no team of these people covers it
NO_ONE: Final = "too_few"
NO_LEAD: Final = "no_lead"
NO_COMPETENCE: Final = "no_competence"
NO_CAPACITY: Final = "no_capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One audit to be staffed. `can` are the independent and qualified, `leads` those who may lead.

    Each of `groups` are the people competent for some clauses: the team needs one of each.
    """

    code: str
    needs: int
    weight: int
    can: frozenset[int]
    leads: frozenset[int]
    groups: tuple[frozenset[int], ...] = ()
    far: frozenset[int] = frozenset()  # who works at another site
    present: frozenset[int] = frozenset()
    present_lead: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Puzzle:
    """Every audit of a programme that has not been conducted, and who there is."""

    jobs: tuple[Job, ...]
    auditors: tuple[int, ...]
    carried: Mapping[int, int] = field(default_factory=dict)  # half-days already worked
    most: Mapping[int, int] = field(default_factory=dict)  # audits that somebody may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The team proposed for one audit."""

    lead: int
    members: frozenset[int]  # the lead among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the solver found. `bound` is the spread that no assignment can be below."""

    crews: Mapping[str, Crew]
    unstaffed: Mapping[str, str]
    loads: Mapping[int, int]
    spread: int
    bound: int
    changes: int
    seconds: float

    @property
    def optimal(self) -> bool:
        return self.spread <= self.bound

    @property
    def gap(self) -> int:
        """Return how many half-days the spread may lie above the best possible one."""
        return max(0, self.spread - self.bound)


def impossible(job: Job) -> str | None:
    """Why an audit cannot be staffed whatever the others need; None if it can."""
    if not job.can & job.leads:
        return NO_LEAD if job.can else NO_ONE
    if len(job.can) < job.needs:
        return NO_ONE
    if any(not group & job.can for group in job.groups):
        return NO_COMPETENCE
    return None


def propose(puzzle: Puzzle, *, seconds: float = SECONDS) -> Proposal:
    """Return the best teams; audits that cannot be staffed are named with the reason."""
    begun = time.perf_counter()
    hopeless = {job.code: why for job in puzzle.jobs if (why := impossible(job))}
    jobs = [job for job in puzzle.jobs if job.code not in hopeless]
    model = _Model(jobs, puzzle)
    bound = model.solve(seconds) if jobs else 0
    crews = model.crews()
    left = {job.code: NO_CAPACITY for job in jobs if job.code not in crews}
    loads = _loads(puzzle, crews)
    usable = [loads[person] for person in model.usable]
    spread = max(usable) - min(usable) if usable else 0
    return Proposal(
        crews=crews,
        unstaffed={**hopeless, **left},
        loads=loads,
        spread=spread,
        bound=min(bound, spread),
        changes=changes(puzzle.jobs, crews),
        seconds=time.perf_counter() - begun,
    )


def changes(jobs: Iterable[Job], crews: Mapping[str, Crew]) -> int:
    """Return how many seats of the teams there are were given to somebody else."""
    found = 0
    for job in jobs:
        crew = crews.get(job.code)
        found += len(job.present - (crew.members if crew else frozenset()))
        found += job.present_lead is not None and (crew is None or crew.lead != job.present_lead)
    return found


def smallest(groups: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Return the groups that do not follow from others: a larger one is met with the smaller."""
    kept: list[frozenset[int]] = []
    for group in sorted(set(groups), key=lambda one: (len(one), sorted(one))):
        if not any(small <= group for small in kept):
            kept.append(group)
    return kept


def _loads(puzzle: Puzzle, crews: Mapping[str, Crew]) -> dict[int, int]:
    loads = {person: puzzle.carried.get(person, 0) for person in puzzle.auditors}
    for job in puzzle.jobs:
        crew = crews.get(job.code)
        for person in crew.members if crew else ():
            loads[person] += job.weight
    return loads


class _Model:
    """The problem as whole numbers: x says who is in which team, y who leads it."""

    def __init__(self, jobs: Sequence[Job], puzzle: Puzzle) -> None:
        import highspy

        self.jobs, self.puzzle = jobs, puzzle
        solver: Any = highspy.Highs
        self.h = solver()
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
            self.h.setOptionValue(name, value)
        self.x: dict[tuple[str, int], Any] = {}
        self.y: dict[tuple[str, int], Any] = {}
        self.unstaffed: dict[str, Any] = {}
        self._load_of: dict[int, Any] = {}
        self.usable = [p for p in puzzle.auditors if any(p in job.can for job in jobs)]
        for job in jobs:
            self._team(job)
        self._capacity()
        self.high, self.low = self._spread()
        self.values: list[float] = []

    def solve(self, seconds: float) -> int:
        """Go through the aims in their order; return the proven bound of the spread."""
        self.h.setOptionValue("time_limit", seconds)
        self._hold(self._sum(self.unstaffed.values()))
        kept = self._kept()
        if kept:
            self._hold(self._sum(-one for one in kept))
        spread, floor = self.high - self.low, self._floor()
        bound = floor
        if not self._even(floor):
            self.h.addConstr(spread >= floor)
            bound = max(self._aim(spread), floor)
            self.h.addConstr(spread <= round(self._value(spread)))
        far = [self.x[j.code, p] for j in self.jobs for p in j.far & j.can]
        if far:
            self.h.setOptionValue("mip_rel_gap", ENOUGH)
            self.h.setOptionValue("time_limit", seconds / 3)
            self._aim(self._sum(far))
        return bound

    def crews(self) -> dict[str, Crew]:
        """Return the teams of the last solution."""
        found = {}
        for job in self.jobs:
            members = frozenset(p for p in job.can if self._set(self.x[job.code, p]))
            leads = [p for p in sorted(members & job.leads) if self._set(self.y[job.code, p])]
            if leads:
                found[job.code] = Crew(lead=leads[0], members=members)
        return found

    def _team(self, job: Job) -> None:
        h, gone = self.h, self.h.addBinary()
        self.unstaffed[job.code] = gone
        for person in sorted(job.can):
            self.x[job.code, person] = h.addBinary()
        for person in sorted(job.can & job.leads):
            self.y[job.code, person] = h.addBinary()
            h.addConstr(self.y[job.code, person] <= self.x[job.code, person])
        members = self._sum(self.x[job.code, p] for p in sorted(job.can))
        leads = self._sum(self.y[job.code, p] for p in sorted(job.can & job.leads))
        h.addConstr(members + job.needs * gone == job.needs)
        h.addConstr(leads + gone == 1)
        for group in smallest(group & job.can for group in job.groups):
            if group != job.can:
                h.addConstr(self._sum(self.x[job.code, p] for p in sorted(group)) + gone >= 1)

    def _capacity(self) -> None:
        for person, most in self.puzzle.most.items():
            his = [self.x[job.code, person] for job in self.jobs if person in job.can]
            if his:
                self.h.addConstr(self._sum(his) <= most)

    def _spread(self) -> tuple[Any, Any]:
        """Return the highest and the lowest load of whoever can be in some team."""
        carried = [self.puzzle.carried.get(p, 0) for p in self.usable]
        top = sum(job.weight for job in self.jobs) + max(carried, default=0)
        high, low = (self.h.addIntegral(lb=0, ub=max(top, 0)) for _ in range(2))
        self.h.addConstr(high >= low)
        for person in self.usable:
            terms = [j.weight * self.x[j.code, person] for j in self.jobs if person in j.can]
            load = self._sum(terms) + self.puzzle.carried.get(person, 0)
            self._load_of[person] = load
            self.h.addConstr(load <= high)
            self.h.addConstr(load >= low)
        return high, low

    def _even(self, floor: int) -> bool:
        """Whether everybody's load can be within the floor of the mean: then nothing is better.

        What lies outside that window is made as small as possible. That is far easier than the
        spread itself, of which a thousand assignments are equally good.
        """
        loads = self._load_of.values()
        total = sum(round(self._value(load)) for load in loads)
        least = total // len(self.usable) if self.usable else 0
        outside = []
        for load in loads:
            beyond = self.h.addVariable(lb=0)
            self.h.addConstr(load - (least + floor) <= beyond)
            self.h.addConstr(least - load <= beyond)
            outside.append(beyond)
        if not outside:
            return False
        aim = self._sum(outside)
        self._aim(aim)
        even: bool = self._value(aim) < 0.5  # noqa: PLR2004 - whole numbers
        if even:
            self.h.addConstr(aim <= 0)
        return even

    def _floor(self) -> int:
        """Return the spread that arithmetic alone forbids to go below."""
        staffed = [j for j in self.jobs if not self._set(self.unstaffed[j.code])]
        carried = [self.puzzle.carried.get(p, 0) for p in self.usable]
        unit = gcd(*(job.weight for job in self.jobs), *carried)
        total = sum(job.needs * job.weight for job in staffed) + sum(carried)
        if len(staffed) < len(self.jobs) or not unit or not self.usable:
            return 0
        return unit if (total // unit) % len(self.usable) else 0

    def _kept(self) -> list[Any]:
        """Return a term for each seat that could stay as it is."""
        found = []
        for job in self.jobs:
            found += [self.x[job.code, p] for p in sorted(job.present & job.can)]
            lead = job.present_lead
            if lead is not None and (job.code, lead) in self.y:
                found.append(self.y[job.code, lead])
        return found

    def _hold(self, aim: Any) -> None:
        """Make this as small as possible, and hold it there for what follows."""
        self._aim(aim)
        self.h.addConstr(aim <= round(self._value(aim)))

    def _aim(self, aim: Any) -> int:
        """Minimise; return the bound that was proven."""
        self.h.minimize(aim)
        info = self.h.getInfo()
        if info.primal_solution_status == FEASIBLE:  # else the last one still holds
            self.values = list(self.h.getSolution().col_value)
        bound: float = info.mip_dual_bound
        return ceil(bound - WHOLE) if abs(bound) < 1e15 else 0  # noqa: PLR2004 - none proven

    def _value(self, expression: Any) -> float:
        found = float(expression.constant or 0)
        for number, factor in zip(expression.idxs, expression.vals, strict=True):
            found += self.values[number] * factor
        return found

    def _set(self, variable: Any) -> bool:
        return bool(self.values) and self.values[variable.index] > 0.5  # noqa: PLR2004

    def _sum(self, terms: Iterable[Any]) -> Any:
        import highspy

        total = highspy.highs.highs_linear_expression(0)
        for term in terms:
            total += term
        return total
