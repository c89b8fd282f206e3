"""What a finding of a check needs, what may be handed over, and who grants more time."""

import pytest

from rules import check, gates, handing_over
from rules.organisation import Post, of
from rules.words import Role
from tests.rules.test_worksheet import ONE

KEY, OTHER = (line.key for line in ONE.lines)
FINE = {"result": "conforming", "evidence": "5 records"}


@pytest.mark.parametrize(
    ("values", "files", "lacks"),
    [
        ({"result": "conforming"}, set(), []),
        ({"result": "not_applicable"}, set(), []),
        ({"result": "nonconforming"}, set(), ["problem", "evidence"]),
        ({"result": "nonconforming", "problem": "no record"}, set(), ["evidence"]),
        ({"result": "nonconforming", "problem": "no record"}, {KEY}, []),
        ({"result": "nonconforming", "problem": "no record"}, {OTHER}, ["evidence"]),
        ({"result": "nonconforming", "problem": "no record", "evidence": "seen"}, set(), []),
        ({"result": "nonconforming", "evidence": "seen"}, set(), ["problem"]),
        ({"result": "observation"}, set(), ["problem"]),
        ({"result": "observation", "problem": "late"}, set(), []),
    ],
)
def test_what_a_finding_of_a_check_needs(values, files, lacks):
    filled = {KEY: values, OTHER: FINE}
    found = check.incomplete(ONE, filled, with_files=frozenset(files))
    assert [(one.key, one.column) for one in found] == [(KEY, column) for column in lacks]


@pytest.mark.parametrize("role", Role)
def test_of_those_beside_the_owner_only_quality_hands_over(role):
    known = of([
        Post(id=1, code="li", name="Li"),
        Post(id=2, code="zhao", name="Zhao", roles=frozenset({role.value})),
    ])  # fmt: skip
    may = bool(handing_over.leads(known, owner=1, hands=frozenset({2})))
    assert may is (role in {Role.QUALITY, Role.QUALITY_HEAD})


@pytest.mark.parametrize(("decider", "refused"), [(1, True), (2, True), (3, False)])
def test_neither_the_asker_nor_the_owner_grants_more_time(decider, refused):
    def ask():
        gates.grantor(deciders=frozenset({decider}), asker=1, owner=2, person="Li")

    if refused:
        with pytest.raises(gates.OwnRequest, match="Li"):
            ask()
    else:
        ask()


def test_a_reason_is_kept_without_the_blanks_around_it():
    assert gates.reason("  no spare part \n") == "no spare part"
