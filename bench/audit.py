"""Teams for a programme of 60 areas x 40 clauses x 25 auditors: seconds, spread, proven gap.

The floor is the same problem without its whole numbers: what a solver has to do at the least to
know how even the load can be.
"""

import random
import time

from bench import ground
from processes.audit.assignment import Job, Puzzle, propose

AREAS, CLAUSES, AUDITORS = 60, 40, 25
PER_HALF_DAY = 6


def puzzle(seed: int) -> Puzzle:
    """Return a company of 12 units; two auditors in three lead, and know two clauses in three."""
    chance = random.Random(seed)
    people = tuple(range(1, AUDITORS + 1))
    unit = {person: chance.randrange(12) for person in people}
    knows = {p: {c for c in range(CLAUSES) if (c + p) % 3 or chance.random() < 0.3} for p in people}
    jobs = []
    for number in range(AREAS):
        own = chance.sample(range(CLAUSES), chance.randint(6, 16))
        tied = {p for p in people if unit[p] == number % 12 or chance.random() < 0.15}
        can = frozenset(people) - tied
        jobs.append(
            Job(
                code=f"A{number:02}",
                needs=2,
                weight=-(-len(own) // PER_HALF_DAY),
                can=can,
                leads=frozenset(p for p in can if p % 3),
                groups=tuple(frozenset(p for p in can if c in knows[p]) for c in own),
                far=frozenset(p for p in can if unit[p] % 2 != number % 2),
            )
        )
    return Puzzle(jobs=tuple(jobs), auditors=people)


def relaxed(given: Puzzle) -> float:
    """Return the seconds that the problem without whole numbers takes."""
    import highspy

    begun = time.perf_counter()
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    high, low = solver.addVariable(0, 1e6), solver.addVariable(0, 1e6)
    x = {(j.code, p): solver.addVariable(0, 1) for j in given.jobs for p in j.can}
    for job in given.jobs:
        solver.addConstr(sum(x[job.code, p] for p in job.can) == job.needs)
    for person in given.auditors:
        load = sum(j.weight * x[j.code, person] for j in given.jobs if person in j.can)
        solver.addConstr(load <= high)
        solver.addConstr(load >= low)
    solver.minimize(high - low)
    return time.perf_counter() - begun


def main() -> None:
    for seed in (1, 2, 3):
        given = puzzle(seed)
        found = propose(given)
        ground.say(
            f"teams of {AREAS} audits, {CLAUSES} clauses, {AUDITORS} auditors, company {seed}",
            f"{found.seconds:.2f} s",
            "must stay under 10 s",
        )
        proven = "proven smallest" if found.optimal else f"gap {found.gap}"
        ground.say("  spread of load in half-days", f"{found.spread}, {proven}")
        ground.say("  audits without a team", str(len(found.unstaffed)))
        ground.say("  floor: without whole numbers", f"{relaxed(given):.2f} s")


if __name__ == "__main__":
    main()
