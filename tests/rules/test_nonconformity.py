"""What a nonconformity may become, and what stands in its way."""

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import gates
from rules.nonconformity import (
    ENDED,
    ONE_UP,
    TRANSITIONS,
    Event,
    State,
    Trait,
    TransitionRefused,
    after,
    cause_key,
    needs_straight_up,
    priority,
    recurs,
    verdict,
)
from rules.words import Risk, Severity

# Read from the procedure, not from the code: one line a state, what may happen in it.
PROCEDURE = {
    State.RAISED: {Event.ACCEPT: "accepted", Event.DISPUTE: "disputed", Event.VOID: "void"},
    State.DISPUTED: {
        Event.ACCEPT: "accepted",
        Event.UPHOLD: "void",
        Event.OVERRULE: "accepted",
        Event.VOID: "void",
    },
    State.ACCEPTED: {Event.PLAN: "planned", Event.VOID: "void"},
    State.PLANNED: {
        Event.AGREE: "planned",
        Event.REFUSE_PLAN: "accepted",
        Event.IMPLEMENT: "implemented",
        Event.VOID: "void",
    },
    State.IMPLEMENTED: {
        Event.FIND_EFFECTIVE: "closed",
        Event.FIND_EFFECTIVE_SO_FAR: "implemented",
        Event.FIND_INEFFECTIVE: "accepted",
        Event.VOID: "void",
    },
    State.CLOSED: {},
    State.VOID: {},
}


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_pair_of_state_and_event_is_decided(state, event):
    follows = PROCEDURE[state].get(event)
    if follows is None:
        with pytest.raises(TransitionRefused) as no:
            after(state, event)
        assert (no.value.state, no.value.event) == (state, event)
    else:
        assert after(state, event) == State(follows)


def test_an_end_is_an_end():
    assert {state for state, _ in TRANSITIONS} == set(State) - ENDED


@pytest.mark.parametrize(
    ("severity", "effective", "confirmed", "event"),
    [
        (Severity.MINOR, True, False, Event.FIND_EFFECTIVE),
        (Severity.OBSERVATION, True, False, Event.FIND_EFFECTIVE),
        (Severity.MAJOR, True, False, Event.FIND_EFFECTIVE_SO_FAR),  # waits for 90 days
        (Severity.MAJOR, True, True, Event.FIND_EFFECTIVE),
        (Severity.MINOR, False, False, Event.FIND_INEFFECTIVE),
        (Severity.MAJOR, False, False, Event.FIND_INEFFECTIVE),
        (Severity.MAJOR, False, True, Event.FIND_INEFFECTIVE),  # it came back after all
        (Severity.MINOR, True, True, Event.FIND_EFFECTIVE),  # was major, or checked all the same
    ],
)
def test_what_a_verification_means(severity, effective, confirmed, event):
    assert verdict(severity, effective=effective, confirmed=confirmed) is event


OWNER, DOER, OTHER = 1, 2, 3


@given(
    severity=st.sampled_from(Severity),
    acts=st.lists(st.tuples(st.sampled_from(Event), st.sampled_from([OWNER, DOER, OTHER]))),
)
def test_nothing_closes_without_being_found_effective_by_somebody_else(severity, acts):
    state, found = State.RAISED, []
    for event, person in acts:
        try:
            if event in {Event.FIND_EFFECTIVE, Event.FIND_EFFECTIVE_SO_FAR, Event.FIND_INEFFECTIVE}:
                gates.independent(
                    judges=frozenset({person}), owner=OWNER, doers=frozenset({DOER}), person="x"
                )
                confirmed = Event.FIND_EFFECTIVE_SO_FAR in [e for e, _ in found]
                effective = event is not Event.FIND_INEFFECTIVE
                event = verdict(severity, effective=effective, confirmed=confirmed)  # noqa: PLW2901
            state = after(state, event)
        except (TransitionRefused, gates.OwnWork):
            continue
        if event is Event.FIND_INEFFECTIVE:
            found = []
        elif event in {Event.FIND_EFFECTIVE, Event.FIND_EFFECTIVE_SO_FAR}:
            found.append((event, person))
    if state is State.CLOSED:
        assert found
        assert all(person == OTHER for _, person in found)
        assert len(found) == (2 if severity is Severity.MAJOR else 1)


def test_a_state_is_left_only_by_what_the_table_says():
    ways_to_close = [pair for pair, follows in TRANSITIONS.items() if follows is State.CLOSED]
    assert ways_to_close == [(State.IMPLEMENTED, Event.FIND_EFFECTIVE)]


# --- gates -----------------------------------------------------------------------------

PLAN = {
    "cause": "升级前未核对备份",
    "method": "five_whys",
    "corrective_action": "在变更单中加入备份核对",
    "planned_on": date(2026, 10, 9),
}


def test_a_plan_with_cause_method_action_and_date_passes():
    assert gates.plan(**PLAN) == date(2026, 10, 9)


@pytest.mark.parametrize(
    ("lacking", "no"),
    [
        ({"cause": "  "}, gates.NoCause),
        ({"method": None}, gates.NoMethod),
        ({"corrective_action": ""}, gates.NoCorrectiveAction),
        ({"planned_on": None}, gates.NoPlannedDate),
    ],
)
def test_no_plan_without_what_makes_it_one(lacking, no):
    with pytest.raises(no):
        gates.plan(**{**PLAN, **lacking})


@pytest.mark.parametrize(
    ("planned", "no"),
    [
        (date(2026, 9, 30), gates.PlannedInThePast),
        (date(2026, 10, 1), None),  # the day of the answer
        (date(2026, 10, 31), None),  # the last day allowed
        (date(2026, 11, 1), gates.PlannedTooLate),
    ],
)
def test_the_planned_date_lies_between_the_answer_and_the_last_day(planned, no):
    def judge():
        gates.planned_date(planned, first=date(2026, 10, 1), last=date(2026, 10, 31))

    if no is None:
        judge()
    else:
        with pytest.raises(no):
            judge()


@pytest.mark.parametrize(
    ("agreed", "done", "note", "files", "no"),
    [
        (True, "done", "see server log", 0, None),
        (True, "done", "", 1, None),  # a file alone is evidence
        (False, "done", "see log", 1, gates.NotAgreed),
        (True, " ", "see log", 1, gates.NoAccount),
        (True, "done", " ", 0, gates.NoEvidence),
    ],
)
def test_nothing_is_carried_out_without_agreement_account_and_evidence(
    agreed, done, note, files, no
):
    def judge():
        gates.implementation(agreed=agreed, done=done, note=note, files=files)

    if no is None:
        judge()
    else:
        with pytest.raises(no):
            judge()


@pytest.mark.parametrize(
    ("judges", "passes"),
    [
        ({OTHER}, True),
        ({OWNER}, False),
        ({DOER}, False),
        ({OTHER, OWNER}, False),  # the owner stands in for the verifier
        ({DOER, OTHER}, False),
    ],
)
def test_nobody_verifies_own_work_not_even_as_a_delegate(judges, passes):
    def judge():
        gates.independent(
            judges=frozenset(judges), owner=OWNER, doers=frozenset({DOER}), person="李工"
        )

    if passes:
        judge()
    else:
        with pytest.raises(gates.OwnWork):
            judge()


@pytest.mark.parametrize(
    ("roles", "judges", "owner_roles", "no"),
    [
        ({"quality_head"}, {OTHER}, set(), None),
        ({"quality"}, {OTHER}, set(), gates.NotQualityHead),
        ({"top_management"}, {OTHER}, set(), gates.NotQualityHead),
        ({"top_management"}, {OTHER}, {"quality_head"}, None),  # the head owns it himself
        ({"quality_head"}, {OWNER}, {"quality_head"}, gates.NotForOwner),
        ({"quality_head"}, {OTHER, OWNER}, set(), gates.NotForOwner),  # a delegate who owns it
    ],
)
def test_only_the_quality_head_makes_void_and_never_his_own(roles, judges, owner_roles, no):
    def judge():
        gates.voider(
            judges=frozenset(judges),
            roles=frozenset(roles),
            owner=OWNER,
            owner_roles=frozenset(owner_roles),
            person="x",
        )

    if no is None:
        judge()
    else:
        with pytest.raises(no):
            judge()


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_a_reason_is_more_than_blanks(text):
    with pytest.raises(gates.NoReason):
        gates.reason(text)


@pytest.mark.parametrize(
    ("today", "early"),
    [
        (date(2026, 12, 29), True),
        (date(2026, 12, 30), False),  # 90 days after 1 October
        (date(2027, 1, 4), False),
    ],
)
def test_an_effect_is_confirmed_only_when_it_had_time_to_come_back(today, early):
    def judge():
        gates.confirmable(done_on=date(2026, 10, 1), today=today, days=90)

    if early:
        with pytest.raises(gates.TooEarly) as no:
            judge()
        assert no.value.facts["first"] == date(2026, 12, 30)
    else:
        judge()


def test_a_dispute_is_not_decided_by_the_one_who_disputes():
    with pytest.raises(gates.NotForOwner):
        gates.decider(deciders=frozenset({OWNER}), owner=OWNER, person="x")
    gates.decider(deciders=frozenset({OTHER}), owner=OWNER, person="x")


# --- priority and straight up ----------------------------------------------------------


def test_priority_grows_with_severity_and_with_risk():
    table = {pair: priority(*pair)[0] for pair in product(Severity, Risk)}
    assert table == {
        (Severity.OBSERVATION, Risk.LOW): 1,
        (Severity.OBSERVATION, Risk.NORMAL): 2,
        (Severity.OBSERVATION, Risk.HIGH): 3,
        (Severity.MINOR, Risk.LOW): 2,
        (Severity.MINOR, Risk.NORMAL): 4,
        (Severity.MINOR, Risk.HIGH): 6,
        (Severity.MAJOR, Risk.LOW): 3,
        (Severity.MAJOR, Risk.NORMAL): 6,
        (Severity.MAJOR, Risk.HIGH): 9,
    }


def test_priority_says_why():
    assert priority(Severity.MAJOR, Risk.HIGH)[1] == "severity major (3) × risk high (3) = 9"


@pytest.mark.parametrize(
    ("risk", "declared", "straight"),
    [
        (Risk.HIGH, False, True),
        (Risk.NORMAL, True, True),
        (Risk.NORMAL, False, False),
        (Risk.LOW, False, False),
        (Risk.LOW, True, True),
    ],
)
def test_straight_up_when_risky_or_declared(risk, declared, straight):
    assert needs_straight_up(risk, declared=declared) is straight


# --- recurrence ------------------------------------------------------------------------

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def trait(**facts):
    usual = {
        "code": "NC-2026-0002",
        "project": "P1",
        "clause": "8.3",
        "cause_key": "nobackup",
        "raised_at": datetime(2026, 9, 1, tzinfo=UTC),
    }
    return Trait(**{**usual, **facts})


EARLIER = trait(code="NC-2026-0001", raised_at=MARCH)


@pytest.mark.parametrize(
    ("facts", "again"),
    [
        ({}, True),
        ({"project": "P2"}, False),
        ({"clause": "8.4"}, False),
        ({"cause_key": "other"}, False),
        ({"cause_key": None}, False),  # not given
        ({"project": None}, False),
        ({"clause": ""}, False),
        ({"raised_at": datetime(2027, 3, 1, tzinfo=UTC)}, True),  # twelve months to the day
        ({"raised_at": datetime(2027, 3, 2, tzinfo=UTC)}, False),
        ({"raised_at": datetime(2026, 2, 1, tzinfo=UTC)}, False),  # the other way round
        ({"code": "NC-2026-0001", "raised_at": MARCH}, False),  # itself
    ],
)
def test_recurrence_is_the_same_project_clause_and_cause_within_twelve_months(facts, again):
    assert recurs(trait(**facts), EARLIER) is again


def test_not_even_missing_facts_on_both_sides_make_a_recurrence():
    assert not recurs(trait(project=None), trait(code="NC-2026-0001", project=None))


def test_a_year_after_leap_day_is_the_28th():
    leap = trait(code="A", raised_at=datetime(2028, 2, 29, tzinfo=UTC))
    assert recurs(trait(raised_at=datetime(2029, 2, 28, tzinfo=UTC)), leap)
    assert not recurs(trait(raised_at=datetime(2029, 3, 1, tzinfo=UTC)), leap)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("未核对备份", "未核对 备份。", True),
        ("No Back-up!", "no backup", True),
        ("ＡＢＣ", "abc", True),  # full width
        ("未核对备份", "未核对权限", False),
        ("x" * 200, "X" * 200 + ".", True),  # longer than the column
    ],
)
def test_causes_are_compared_without_case_width_and_punctuation(one, other, same):
    assert (cause_key(one) == cause_key(other)) is same
    assert len(cause_key(one)) <= 64


def test_a_cause_of_punctuation_alone_is_no_key():
    assert cause_key("……!") is None


def test_severity_goes_one_up_and_stops_at_major():
    assert [ONE_UP[s] for s in (Severity.OBSERVATION, Severity.MINOR, Severity.MAJOR)] == [
        Severity.MINOR,
        Severity.MAJOR,
        Severity.MAJOR,
    ]
