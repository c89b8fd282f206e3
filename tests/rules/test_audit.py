"""Nobody audits his own work: each reason by itself, and no reason for a stranger."""

from datetime import date

import pytest

from rules.audit import (
    PASSING,
    Asked,
    Candidate,
    Conflict,
    Did,
    NotIndependent,
    Reasons,
    Scope,
    Stay,
    competent,
    conflicts,
    months_before,
    uncovered,
    unfit,
)
from rules.organisation import Post, of

DAY = date(2026, 9, 28)
SINCE = date(2025, 9, 28)
NET, SYS, QD = 1, 2, 3
TOP, VP, DIRECTOR, WANG, LI, FENG, ZHAO, QIN = range(1, 9)

POSTS = [
    # id, manager, unit, delegate
    (TOP, None, None, None),
    (VP, TOP, None, None),
    (DIRECTOR, VP, None, None),
    (WANG, DIRECTOR, NET, LI),  # manages the audited unit; Li is his deputy
    (LI, WANG, NET, None),
    (FENG, DIRECTOR, SYS, None),
    (ZHAO, QIN, QD, None),
    (QIN, TOP, QD, None),
]
OFFICE = of(
    Post(id=i, code=f"p{i}", name=f"P{i}", manager_id=m, unit_id=u, delegate_id=d)
    for i, m, u, d in POSTS
)
SCOPE = Scope(
    area="NET",
    name="Network",
    units=frozenset({NET}),
    auditees=frozenset({WANG}),
    codes=frozenset({"NET"}),
    projects=frozenset({"P1"}),
    project_managers=frozenset({("P1", FENG)}),
    actions=frozenset({("NC-7", QIN)}),
    verifications=frozenset({("NC-8", 99)}),
    clauses=("20000:8.6.1",),
)


def asked(person, scope=SCOPE, **candidate):
    who = Candidate(person=person, competence=("20000",), valid_until=DAY, **candidate)
    return Asked(candidate=who, scope=scope, organisation=OFFICE, on=DAY, since=SINCE)


def reasons(person, **candidate):
    return [one.reason for one in conflicts(asked(person, **candidate))]


@pytest.mark.parametrize(
    ("person", "candidate", "reason"),
    [
        (LI, {}, "own_unit"),
        (LI, {}, "led_by_auditee"),
        (LI, {}, "stands_in"),  # the auditee's deputy
        (WANG, {}, "manages_area"),
        (DIRECTOR, {}, "leads_auditee"),
        (VP, {}, "leads_auditee"),  # two levels up
        (TOP, {}, "leads_auditee"),  # three
        (FENG, {}, "own_project"),
        (QIN, {}, "own_action"),  # he fixed last year's finding
        (ZHAO, {"stays": (Stay(unit=NET, ends=date(2026, 9, 27)),)}, "moved"),  # out yesterday
        (ZHAO, {"stays": (Stay(unit=NET, begins=date(2026, 9, 27)),)}, "own_unit"),  # in yesterday
        (ZHAO, {"did": (Did(what="patch", area="NET", begins=date(2024, 1, 1)),)}, "own_work"),
        (ZHAO, {"did": (Did(what="move", project="P1", begins=date(2026, 9, 1)),)}, "own_work"),
    ],
)
def test_each_tie_is_a_reason(person, candidate, reason):
    assert reason in reasons(person, **candidate)


@pytest.mark.parametrize(
    "candidate",
    [
        {},
        {"stays": (Stay(unit=NET, ends=date(2025, 9, 27)),)},  # longer ago than the policy looks
        {"stays": (Stay(unit=NET, begins=date(2026, 9, 29)),)},  # moves in tomorrow
        {"stays": (Stay(unit=SYS),)},
        {"did": (Did(what="old", area="NET", begins=date(2024, 1, 1), ends=date(2025, 9, 27)),)},
        {"did": (Did(what="other", area="SYS", begins=date(2026, 1, 1)),)},
    ],
)
def test_a_stranger_is_independent(candidate):
    assert reasons(ZHAO, **candidate) == []


def test_whoever_must_verify_something_of_the_area_may_not_audit_it():
    scope = Scope(area="NET", verifications=frozenset({("NC-8", ZHAO)}))
    assert conflicts(asked(ZHAO, scope)) == (Conflict(reason="must_verify", what="NC-8"),)


def test_below_the_top_only_direct_reports_are_barred_from_auditing_it():
    scope = Scope(area="HQ", auditees=frozenset({TOP}))
    assert [c.reason for c in conflicts(asked(QIN, scope))] == ["led_by_auditee"]
    assert conflicts(asked(ZHAO, scope)) == ()


def test_a_deputy_is_barred_in_both_directions():
    scope = Scope(area="NET", auditees=frozenset({LI}))
    assert "stood_in_for" in [c.reason for c in conflicts(asked(WANG, scope))]


def test_no_boss_is_forgotten_when_the_line_runs_in_a_circle():
    ring = of(
        Post(id=i, code=f"r{i}", name=f"R{i}", manager_id=m) for i, m in ((1, 2), (2, 3), (3, 1))
    )
    for auditor, auditee in ((1, 2), (2, 3), (3, 1)):
        one = Asked(
            candidate=Candidate(person=auditor),
            scope=Scope(area="X", auditees=frozenset({auditee})),
            organisation=ring,
            on=DAY,
            since=SINCE,
        )
        assert {c.reason for c in conflicts(one)} == {"leads_auditee", "led_by_auditee"}


@pytest.mark.parametrize(
    ("candidate", "lead", "reason"),
    [
        ({"named": False}, False, "no_auditor"),
        ({"valid_until": None}, False, "not_trained"),
        ({"valid_until": date(2026, 9, 27)}, False, "training_expired"),
        ({}, True, "not_lead"),
        ({"competence": ("28827",)}, False, "not_competent"),
    ],
)
def test_each_lack_of_qualification_is_named(candidate, lead, reason):
    who = Candidate(person=ZHAO, **{"competence": ("*",), "valid_until": DAY, **candidate})
    one = Asked(candidate=who, scope=SCOPE, organisation=OFFICE, on=DAY, since=SINCE)
    assert [c.reason for c in unfit(one, lead=lead)] == [reason]


def test_training_is_valid_on_its_last_day():
    assert unfit(asked(ZHAO), lead=False) == ()


@pytest.mark.parametrize(
    ("own", "clause", "covers"),
    [
        ("*", "20000:8.6.1", True),
        ("20000", "20000:8.6.1", True),
        ("20000:8", "20000:8.6.1", True),
        ("20000:8.6.1", "20000:8.6.1", True),
        ("20000:8.6", "20000:8.61", False),  # another clause, not one below
        ("2000", "20000:8", False),
    ],
)
def test_competence_is_by_clause_and_all_below(own, clause, covers):
    assert competent([own], clause) is covers


def test_names_the_clauses_that_no_one_in_the_team_knows():
    assert uncovered([["20000:8"], ["28827"]], ["20000:8.5", "own:1"]) == ("own:1",)


def test_a_refusal_names_every_reason():
    found = [Conflict(reason="manages_area"), Conflict(reason="own_unit", what="Network")]
    refused = NotIndependent(person="Wang", area="Network", found=found)
    assert str(refused) == (
        "Wang may not audit Network: manages the audited area; belongs to the audited unit Network"
    )


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 12, date(2025, 1, 15)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 7, 31), 1, date(2026, 6, 30)),
    ],
)
def test_looks_back_by_months(day, months, before):
    assert months_before(day, months) == before


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("own_unit", "belongs to the audited unit X"),
        ("manages_area", "manages the audited area"),
        ("leads_auditee", "stands above X, who manages the audited area"),
        ("led_by_auditee", "reports to X, who manages the audited area"),
        ("stands_in", "stands in for X, who manages the audited area"),
        ("stood_in_for", "is represented by X, who manages the audited area"),
        ("own_project", "manages the audited project X"),
        ("own_work", "did audited work himself: X"),
        ("own_action", "carried out or planned the corrective action of X"),
        ("must_verify", "still has to verify X of this area"),
        ("moved", "belonged to the audited unit until X"),
        ("no_auditor", "is not named as an auditor"),
        ("inactive", "is no longer active here"),
        ("not_trained", "has no training on record"),
        ("training_expired", "the training was valid until X"),
        ("not_lead", "is not qualified to lead an audit"),
        ("not_competent", "is not competent for clause X"),
    ],
)
def test_each_reason_is_said_in_its_own_words(reason, said):
    assert str(Reasons([Conflict(reason=reason, what="X")])) == said


def test_only_what_is_still_to_be_verified_passes_by_itself():
    assert {"must_verify"} == PASSING


@pytest.mark.parametrize(
    ("stay", "reason"),
    [
        (Stay(unit=NET, begins=DAY), "own_unit"),  # in on the very day
        (Stay(unit=NET, ends=DAY), "own_unit"),  # out on the very day
        (Stay(unit=NET, ends=SINCE), "moved"),  # on the first day that is looked at
    ],
)
def test_the_days_on_which_a_stay_begins_and_ends_belong_to_it(stay, reason):
    assert reasons(ZHAO, stays=(stay,)) == [reason]
    assert reasons(ZHAO, stays=(Stay(unit=SYS), stay)) == [reason]  # whatever came before


@pytest.mark.parametrize(
    "did",
    [
        Did(what="old", area="NET", begins=date(2024, 1, 1), ends=SINCE),
        Did(what="new", area="NET", begins=DAY),
    ],
)
def test_the_days_on_which_work_begins_and_ends_belong_to_it(did):
    assert reasons(ZHAO, did=(did,)) == ["own_work"]


def test_of_several_who_answer_for_an_area_each_is_looked_at():
    scope = Scope(area="X", auditees=frozenset({LI, WANG}))
    assert {(c.reason, c.what) for c in conflicts(asked(WANG, scope))} == {
        ("manages_area", ""),
        ("leads_auditee", "P5"),
        ("stood_in_for", "P5"),
    }
    both = Scope(area="X", auditees=frozenset({WANG, QIN}))
    assert [c.what for c in conflicts(asked(WANG, both)) if c.reason != "stood_in_for"] == [""]
    assert {c.reason for c in conflicts(asked(ZHAO, both))} == {"led_by_auditee"}


def test_only_the_top_itself_is_audited_by_those_far_below():
    """Whoever stands below a circle or a gap has nobody above, and is not the top."""
    lost = of([
        Post(id=1, code="a", name="A", manager_code="nobody"),
        Post(id=2, code="b", name="B", manager_id=1),
        Post(id=3, code="c", name="C", manager_id=2),
    ])  # fmt: skip
    one = Asked(
        candidate=Candidate(person=3),
        scope=Scope(area="X", auditees=frozenset({1})),
        organisation=lost,
        on=DAY,
        since=SINCE,
    )
    assert [c.reason for c in conflicts(one)] == ["led_by_auditee"]
    below = Scope(area="X", auditees=frozenset({DIRECTOR}))  # has a boss, and the line ends at top
    assert [c.reason for c in conflicts(asked(LI, below))] == ["led_by_auditee"]


@pytest.mark.parametrize("person", [77, LI])
def test_whoever_has_left_or_was_never_here_is_told_so(person):
    gone = of([Post(id=LI, code="li", name="Li", active=False)])
    who = Candidate(person=person, competence=("*",), valid_until=DAY)
    one = Asked(candidate=who, scope=SCOPE, organisation=gone, on=DAY, since=SINCE)
    assert [c.reason for c in unfit(one, lead=False)] == ["inactive"]


def test_one_clause_of_several_is_enough_to_take_part():
    scope = Scope(area="NET", clauses=("own:1", "20000:8.6"))
    assert unfit(asked(ZHAO, scope), lead=False) == ()
    assert competent(["28827", "20000"], "20000:8.6")


def test_a_reason_is_kept_with_what_it_is_about():
    assert Conflict(reason="moved", what="2026-01-01").to_json() == ["moved", "2026-01-01"]
