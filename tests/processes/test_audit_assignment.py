"""The proposal is the best there is: compared with every possible assignment on small cases."""

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from processes.audit_assignment import Crew, Job, Puzzle, changes, propose, smallest

PEOPLE = (1, 2, 3, 4)


def teams(job):
    """Return every crew that may audit a job."""
    return [
        Crew(lead=lead, members=frozenset(members))
        for members in combinations(sorted(job.can), job.needs)
        for lead in sorted(set(members) & job.leads)
        if all(set(members) & group for group in job.groups)
    ]


def spread_of(puzzle, crews):
    usable = [p for p in puzzle.auditors if any(p in job.can for job in puzzle.jobs)]
    loads = {p: puzzle.carried.get(p, 0) for p in usable}
    for job in puzzle.jobs:
        for person in crews[job.code].members if job.code in crews else ():
            loads[person] += job.weight
    return max(loads.values()) - min(loads.values())


def best_of(puzzle):
    """Return the smallest (unstaffed, changes, spread) over all assignments."""
    choices = [[None, *teams(job)] for job in puzzle.jobs]
    found = []
    for chosen in product(*choices):
        crews = {job.code: crew for job, crew in zip(puzzle.jobs, chosen, strict=True) if crew}
        seats = [sum(p in c.members for c in crews.values()) for p in puzzle.most]
        if any(s > most for s, most in zip(seats, puzzle.most.values(), strict=True)):
            continue
        unstaffed = len(puzzle.jobs) - len(crews)
        found.append((unstaffed, changes(puzzle.jobs, crews), spread_of(puzzle, crews)))
    return min(found)


@st.composite
def puzzles(draw):
    some = st.frozensets(st.sampled_from(PEOPLE), max_size=4)
    jobs = []
    for number in range(draw(st.integers(1, 3))):
        can = draw(some)
        present = draw(st.frozensets(st.sampled_from(PEOPLE), max_size=2))
        jobs.append(
            Job(
                code=f"A{number}",
                needs=draw(st.integers(1, 2)),
                weight=draw(st.integers(1, 3)),
                can=can,
                leads=draw(some),
                groups=tuple(draw(st.lists(some, max_size=2))),
                present=present,
                present_lead=draw(st.sampled_from([None, *sorted(present)])),
            )
        )
    most = draw(st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 2), max_size=2))
    return Puzzle(jobs=tuple(jobs), auditors=PEOPLE, most=most)


@settings(max_examples=120, deadline=None)
@given(puzzles())
def test_is_as_good_as_the_best_of_all_assignments(puzzle):
    found = propose(puzzle)
    for job in puzzle.jobs:
        assert job.code in found.unstaffed or found.crews[job.code] in teams(job)
    if any(job.can for job in puzzle.jobs):
        measured = (len(found.unstaffed), found.changes, spread_of(puzzle, found.crews))
        unstaffed, _, spread = best_of(puzzle)
        assert measured[0] == unstaffed
        if not found.unstaffed:
            assert measured == best_of(puzzle)
            assert found.optimal
            assert found.bound == spread
    else:
        assert set(found.unstaffed) == {job.code for job in puzzle.jobs}


def job(code, *, can, leads=(1, 2), needs=1, present=(), lead=None, **more):
    return Job(
        code=code,
        needs=needs,
        weight=1,
        can=frozenset(can),
        leads=frozenset(leads),
        present=frozenset(present),
        present_lead=lead,
        **more,
    )


def test_one_who_leaves_changes_only_his_own_audits():
    """Four audits, two each; 2 leaves: 1's stay, though moving them would be as even."""
    jobs = tuple(
        job(f"A{n}", can={1, 3}, leads={1, 3}, present={who}, lead=who)
        for n, who in enumerate([1, 1, 2, 2])
    )
    found = propose(Puzzle(jobs=jobs, auditors=(1, 3)))
    assert [found.crews[f"A{n}"].lead for n in range(4)] == [1, 1, 3, 3]
    assert found.changes == 4  # two seats, and with each the lead


def test_says_why_an_audit_cannot_be_staffed():
    jobs = (
        job("nobody", can=()),
        job("no lead", can={3}),
        job("alone", can={1}, needs=2),
        job("unskilled", can={1}, groups=(frozenset({3}),)),
        job("fine", can={1, 2}),
    )
    found = propose(Puzzle(jobs=jobs, auditors=(1, 2, 3)))
    assert found.unstaffed == {
        "nobody": "too_few",
        "no lead": "no_lead",
        "alone": "too_few",
        "unskilled": "no_competence",
    }
    assert set(found.crews) == {"fine"}


def test_nobody_audits_more_often_than_he_can():
    jobs = tuple(job(f"A{n}", can={1}) for n in range(3))
    found = propose(Puzzle(jobs=jobs, auditors=(1,), most={1: 2}))
    assert list(found.unstaffed.values()) == ["no_capacity"]


def test_sends_nobody_to_another_site_without_need():
    jobs = tuple(job(f"A{n}", can={1, 2}, far=frozenset({n % 2 + 1})) for n in range(4))
    found = propose(Puzzle(jobs=jobs, auditors=(1, 2)))
    assert found.spread == 0
    assert all(found.crews[j.code].members.isdisjoint(j.far) for j in jobs)


def test_a_larger_group_follows_from_a_smaller():
    small, large = frozenset({1}), frozenset({1, 2})
    assert smallest([large, small, large]) == [small]
