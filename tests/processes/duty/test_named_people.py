"""A person is given by code or by name; two of one name are told apart by their codes."""

import pytest

from models import people as known
from models.engine import reading, writing
from models.organisation import Person
from models.people import SeveralOfThatName
from processes.duty import handing_over
from rules.refusal import NotFound
from tests.web.conftest import _kept, hour, people  # noqa: F401 - fixtures
from tests.web.matters import Matter

ON_SQLITE_ALONE = "lives in the home of the pages, which is a copied file"


def hand_over(people, hour, to):  # noqa: F811
    duty = Matter(people, hour.at).duty("respond")
    facts = {"person_id": people["wang"], "reason": "调离", "at": hour.at, "via": "test"}
    handing_over.hand_over(duty.id, to=to, **facts)
    with reading() as session:
        return session.get(type(duty), duty.id).owner_id


@pytest.mark.parametrize("word", ["sun", "孙丽", "  孙丽 "])
def test_a_duty_is_handed_to_a_code_or_a_name(word, people, hour):  # noqa: F811
    assert hand_over(people, hour, word) == people["sun"]


def test_two_people_of_one_name_are_named_by_their_codes(people, hour):  # noqa: F811
    with writing() as session:
        session.add(Person(code="sun2", name="孙丽", email="sun2@company.example"))
    with pytest.raises(SeveralOfThatName) as no:
        hand_over(people, hour, "孙丽")
    assert no.value.facts["codes"] == "sun, sun2"
    with reading() as session:
        assert known.named(session, "sun").id == people["sun"]


def test_a_code_goes_before_a_name_and_nobody_is_refused_by_word(people):  # noqa: F811
    with writing() as session:
        session.add(Person(code="x", name="li"))
    with reading() as session:
        assert known.named(session, "li").id == people["li"]
        with pytest.raises(NotFound):
            known.named(session, "%")
