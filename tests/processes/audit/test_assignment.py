"""The proposal is the best there is: compared with every possible assignment on small cases."""

from dataclasses import replace
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from processes.audit.assignment import Crew, Job, Puzzle, changes, impossible, propose, smallest

PEOPLE = (1, 2, 3, 4)


def teams(job):
    """Return every crew that may audit a job."""
    return [
        Crew(lead=lead, members=frozenset(members))
        for members in combinations(sorted(job.can), job.needs)
        for lead in sorted(set(members) & job.leads)
        if all(set(members) & group for group in job.groups)
    ]


def usable_in(puzzle):
    """Return whoever can be in some team of an audit that is not hopeless by itself."""
    jobs = [job for job in puzzle.jobs if impossible(job) is None]
    return [p for p in puzzle.auditors if any(p in job.can for job in jobs)]


def spread_of(puzzle, crews):
    loads = {p: puzzle.carried.get(p, 0) for p in usable_in(puzzle)}
    for job in puzzle.jobs:
        for person in crews[job.code].members if job.code in crews else ():
            loads[person] += job.weight
    return max(loads.values()) - min(loads.values()) if loads else 0


def journeys(puzzle, crews):
    """Return how many go to another site."""
    return sum(len(job.far & crews[job.code].members) for job in puzzle.jobs if job.code in crews)


def measured(puzzle, crews):
    """Return the aims in their order: without a team, seats changed, spread, journeys."""
    unstaffed = len(puzzle.jobs) - len(crews)
    return (
        unstaffed,
        changes(puzzle.jobs, crews),
        spread_of(puzzle, crews),
        journeys(puzzle, crews),
    )


def best_of(puzzle):
    """Return the smallest measures over all assignments there are."""
    choices = [[None, *teams(job)] for job in puzzle.jobs]
    found = []
    for chosen in product(*choices):
        crews = {job.code: crew for job, crew in zip(puzzle.jobs, chosen, strict=True) if crew}
        seats = {p: sum(p in c.members for c in crews.values()) for p in puzzle.most}
        if all(seats[p] <= most for p, most in puzzle.most.items()):
            found.append(measured(puzzle, crews))
    return min(found)


@st.composite
def puzzles(draw, jobs=(1, 3), scarce=True):
    """Return a small case; one that is not scarce can always be staffed."""
    some = st.frozensets(st.sampled_from(PEOPLE), max_size=4)
    many = st.frozensets(st.sampled_from(PEOPLE), min_size=3, max_size=4)
    found = []
    for number in range(draw(st.integers(*jobs))):
        present = draw(st.frozensets(st.sampled_from(PEOPLE), max_size=2))
        found.append(
            Job(
                code=f"A{number}",
                needs=draw(st.integers(1, 3 if scarce else 2)),
                weight=draw(st.integers(1, 3)),
                can=draw(some if scarce else many),
                leads=draw(some) if scarce else frozenset(PEOPLE),
                groups=tuple(draw(st.lists(some, max_size=2))) if scarce else (),
                far=draw(some),
                present=present,
                present_lead=draw(st.sampled_from([None, *sorted(present)])),
            )
        )
    most = draw(st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 2), max_size=2))
    carried = draw(st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 4), max_size=4))
    return Puzzle(jobs=tuple(found), auditors=PEOPLE, most=most if scarce else {}, carried=carried)


def allowed(puzzle, found):
    """Every team is one that may audit, and nobody has more audits than he may have."""
    for job in puzzle.jobs:
        assert (job.code in found.unstaffed) != (job.code in found.crews)
        assert job.code in found.unstaffed or found.crews[job.code] in teams(job)
    for person, most in puzzle.most.items():
        assert sum(person in crew.members for crew in found.crews.values()) <= most


@settings(max_examples=100, deadline=None)
@given(puzzles())
def test_is_as_good_as_the_best_of_all_assignments(puzzle):
    """Each aim in its order, infeasible audits, carried loads, sites and limits among them."""
    found = propose(puzzle)
    allowed(puzzle, found)
    assert measured(puzzle, found.crews) == best_of(puzzle)
    assert (found.changes, found.spread) == measured(puzzle, found.crews)[1:3]


@settings(max_examples=30, deadline=None)
@given(puzzles(jobs=(2, 4), scarce=False))
def test_proves_the_smallest_spread_where_everything_can_be_staffed(puzzle):
    found = propose(puzzle)
    assert not found.unstaffed
    assert measured(puzzle, found.crews) == best_of(puzzle)
    assert found.optimal
    assert found.bound == found.spread


@settings(max_examples=30, deadline=None)
@given(puzzles())
def test_every_clause_of_an_audit_is_known_to_somebody_of_its_team(puzzle):
    """Coverage, asked of the proposal itself and not of a list of teams."""
    found = propose(puzzle)
    for job in puzzle.jobs:
        crew = found.crews.get(job.code)
        if crew is not None:
            assert crew.members <= job.can
            assert crew.lead in crew.members & job.leads
            assert len(crew.members) == job.needs
            assert all(crew.members & group for group in job.groups)


@settings(max_examples=30, deadline=None)
@given(puzzles(), st.sampled_from(PEOPLE))
def test_whoever_leaves_moves_as_few_as_can_be(puzzle, gone):
    """Seats of the first proposal are kept against every other way to go on without him."""
    first = propose(puzzle).crews
    jobs = tuple(
        replace(
            job,
            can=job.can - {gone},
            present=first[job.code].members if job.code in first else frozenset(),
            present_lead=first[job.code].lead if job.code in first else None,
        )
        for job in puzzle.jobs
    )
    after = replace(puzzle, jobs=jobs)
    assert measured(after, propose(after).crews)[:2] == best_of(after)[:2]


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
