"""A contact who cannot be reached is owed by the manager; data go when nothing needs them."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from models.contract import Contact
from models.engine import reading, writing
from models.notice import Suppression
from models.record import Trail
from processes.contract import contacts, upkeep
from processes.contract.contacts import NobodyLeft, NoName, NothingToMend
from processes.imports.problems import ImportRefused
from rules.contract import AlreadyErased, RetainedOpen
from rules.gates import NoReason
from tests.support.cast import at, duties_of, hire
from tests.support.hands import answer, ids
from tests.support.promises import Desk

TUESDAY = at("2026-09-15")


@pytest.fixture
def desk(home, tmp_path):
    hire()
    desk = Desk(tmp_path)
    desk.sign()
    return desk


def contact(code="K-1"):
    with reading() as session:
        return session.exec(select(Contact).where(col(Contact.code) == code)).one()


def bounce(address, since=TUESDAY):
    with writing() as session:
        session.add(Suppression(address=address, reason="550", since=since.astimezone(UTC)))


def test_a_contact_who_left_is_owed_once_by_the_manager_of_the_contract(desk):
    desk.take("contacts", "code,active\nK-1,no")
    assert upkeep.keep_up(TUESDAY).contacts == 1
    assert upkeep.keep_up(at("2026-09-16")).contacts == 0
    (duty,) = duties_of("K-1", "mend_contact")
    assert duty.owner_id == ids()["sun"]


def test_a_contact_whose_mail_bounces_is_owed_and_a_corrected_address_mends_it(desk):
    bounce("Guo@zwy.example")
    upkeep.keep_up(TUESDAY)
    with pytest.raises(NothingToMend):
        answer("sun", "K-1", "mend_contact", TUESDAY, decision="corrected")
    answer("sun", "K-1", "mend_contact", TUESDAY, decision="corrected", email="guo2@zwy.example")
    assert contact().email == "guo2@zwy.example"
    assert upkeep.keep_up(at("2026-09-16")).contacts == 0


def test_a_successor_speaks_for_the_same_contracts(desk):
    desk.take("contacts", "code,active\nK-1,no")
    upkeep.keep_up(TUESDAY)
    facts = {"decision": "replaced", "email": "xu@zwy.example"}
    with pytest.raises(NoName):
        answer("sun", "K-1", "mend_contact", TUESDAY, **facts)
    answer("sun", "K-1", "mend_contact", TUESDAY, **facts, name="许莹")
    assert contact("K-1~2").name == "许莹"
    assert contact().left_on == date(2026, 9, 15)
    assert upkeep.keep_up(at("2026-09-16")).contacts == 0


def test_the_last_contact_cannot_be_said_to_be_enough(desk):
    desk.take("contacts", "code,active\nK-1,no")
    upkeep.keep_up(TUESDAY)
    with pytest.raises(NobodyLeft):
        answer("sun", "K-1", "mend_contact", TUESDAY, decision="nobody")


def test_an_address_that_was_lifted_ends_what_is_owed(desk):
    bounce("guo@zwy.example")
    upkeep.keep_up(TUESDAY)
    with writing() as session:
        session.delete(session.get_one(Suppression, "guo@zwy.example"))
    upkeep.keep_up(at("2026-09-16"))
    assert duties_of("K-1") == []


def test_data_are_erased_on_the_day_on_which_no_contract_needs_them(desk):
    asked = at("2026-10-08")
    with pytest.raises(NoReason):
        contacts.erase("K-1", reason=" ", at=asked, actor="operator:root")
    day = contacts.erase("K-1", reason="本人来函", at=asked, actor="operator:root")
    assert day == date(2029, 12, 31)  # three years after the end of the contract
    assert (contact().name, contact().active) == ("郭涛", False)
    upkeep.keep_up(at("2029-12-30"))
    assert contact().name == "郭涛"
    upkeep.keep_up(at("2029-12-31"))
    gone = contact()
    assert (gone.name, gone.email, gone.phone, gone.title) == ("–", None, None, None)
    with pytest.raises(AlreadyErased):
        contacts.erase("K-1", reason="again", at=at("2030-01-02"), actor="operator:root")


def test_a_contract_that_is_prolonged_keeps_its_contact_longer(desk):
    contacts.erase("K-1", reason="本人来函", at=at("2026-10-08"), actor="operator:root")
    desk.take("contracts", "code,end\nHY-1,2028-06-30")
    upkeep.keep_up(at("2029-12-31"))
    assert (contact().name, contact().erase_on) == ("郭涛", date(2031, 6, 30))


def test_data_that_a_contract_without_an_end_needs_are_not_promised_to_go(desk):
    desk.take("contracts", "code,end\nHY-1,")
    with pytest.raises(RetainedOpen):
        contacts.erase("K-1", reason="本人来函", at=TUESDAY, actor="operator:root")


def test_what_was_erased_leaves_no_trace_and_does_not_come_back_with_an_old_file(desk):
    desk.take("contacts", "code,active\nK-1,no")
    upkeep.keep_up(TUESDAY)
    answer(
        "sun", "K-1", "mend_contact", TUESDAY,
        decision="replaced", email="xu@zwy.example", name="许莹",
    )  # fmt: skip
    desk.take("contacts", "code,contracts\nK-1~2,")  # speaks for nothing any more
    contacts.erase("K-1~2", reason="本人来函", at=TUESDAY, actor="operator:root")
    with reading() as session:
        kept = [str(row.after) for row in session.exec(select(Trail))]
        from models.duty import Answer

        kept += [str(row.data) for row in session.exec(select(Answer))]
    assert not [text for text in kept if "许莹" in text or "xu@" in text]
    with pytest.raises(ImportRefused):
        desk.take("contacts", "code,name\nK-1~2,许莹")


def test_everything_that_is_kept_is_handed_out_and_that_it_was_is_kept(desk):
    contacts.refuse("K-1", reason="不愿受访", at=TUESDAY, actor="operator:root")
    found = contacts.exported("K-1", at=TUESDAY, actor="operator:root")
    assert (found["name"], found["email"], found["contracts"]) == (
        "郭涛", "guo@zwy.example", ["HY-1"],
    )  # fmt: skip
    assert found["kept_until"] == date(2029, 12, 31)
    assert isinstance(found["refused_at"], datetime)
    assert [one["action"] for one in found["history"]][-2:] == [
        "contact.refused", "contact.exported",
    ]  # fmt: skip
