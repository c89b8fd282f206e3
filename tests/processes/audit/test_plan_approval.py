"""Where the procedure wants it, nobody hears of an audit before its plan is approved."""

import pytest

from processes.audit import opening as audit_opening
from processes.audit import plan as audit_plan
from processes.audit import view as audit_view
from rules.approval import OwnDocument
from rules.audit_findings import ShortNotice
from tests.support.audit_cast import company, team, the_audit
from tests.support.audit_life import HELD, OPENING, PLANNED, answer, checklist, lead, opened, sheet
from tests.support.cast import absent, at, change, duties_of, duty_of, lines


@pytest.fixture
def cast(home):
    (home / "config").mkdir(exist_ok=True)
    text = "[procedure]\nplan_approved = true\n"
    (home / "config" / "audit.toml").write_text(text, "utf-8")
    return company()


def drawn(cast, day=OPENING):
    code = opened()
    answer(cast, lead(code), "plan_audit", code, opening_on=day, place="302")
    return code


def who(cast, duty):
    return next(one for one, number in cast.items() if number == duty.owner_id)


def judged(cast, code, kind, when=PLANNED, **said):
    return answer(cast, who(cast, duty_of(code, kind)), kind, code, when, **said)


def test_nobody_is_invited_before_the_approval(cast):
    code = drawn(cast)
    assert the_audit(code).state == "opened"
    assert checklist(code)  # it is drawn: the reviewer sees all of it
    assert lines(letter="meeting") == []
    assert duties_of(code, "receive_audit") == []
    judged(cast, code, "review", decision="pass")
    assert lines(letter="meeting") == []
    judged(cast, code, "approve", decision="pass")
    assert the_audit(code).state == "announced"
    assert duty_of(code, "receive_audit").owner_id == cast["wang"]
    assert len(lines(letter="meeting")) == 2 * 3
    answer(cast, lead(code), "conduct_audit", code, HELD, lines=sheet(code), attendance="全体")
    assert the_audit(code).state == "conducted"


def test_three_people_and_none_of_the_team_nor_the_auditee(cast):
    code = drawn(cast)
    reviewer = who(cast, duty_of(code, "review"))
    judged(cast, code, "review", decision="pass")
    approver = who(cast, duty_of(code, "approve"))
    assert len({reviewer, approver, lead(code)}) == 3
    assert {reviewer, approver}.isdisjoint({*team(code), "wang"})
    change(approver, **absent(delegate=lead(code)))
    with pytest.raises(OwnDocument):
        answer(cast, lead(code), "approve", code, PLANNED, decision="pass")


def test_an_approval_too_late_for_the_notice_is_refused(cast):
    code = drawn(cast)
    judged(cast, code, "review", decision="pass")
    with pytest.raises(ShortNotice):
        judged(cast, code, "approve", at("2026-09-09"), decision="pass")
    assert the_audit(code).state == "opened"


def test_what_was_sent_back_is_drawn_anew_and_handed_in_again(cast):
    code = drawn(cast)
    by = cast[lead(code)]
    wanted = audit_plan.Wanted(
        opening_on=at("2026-09-14").date(), opening_at=at("2026-09-14", "09:00").time()
    )
    with pytest.raises(audit_plan.NotAnnounced):  # while it is being judged nobody changes it
        audit_plan.move(code, wanted, person_id=by, at=PLANNED, via="test")
    judged(cast, code, "review", decision="return", note="当天客户割接")
    assert audit_view.audit_of(code, at=PLANNED).plan_came_back
    audit_plan.move(code, wanted, person_id=by, at=PLANNED, via="test")
    assert the_audit(code).opens_at == at("2026-09-14", "09:00")
    assert lines(letter="meeting") == []
    answer(cast, lead(code), "revise", code, note="已改期")
    judged(cast, code, "review", decision="pass")
    judged(cast, code, "approve", decision="pass")
    assert the_audit(code).state == "announced"


def test_a_cancelled_audit_leaves_no_plan_to_be_judged(cast):
    code = drawn(cast)
    audit_opening.cancel(code, reason="停机", at=PLANNED, actor="person:1")
    assert duties_of(code) == []


def test_without_the_switch_the_lead_auditor_announces(home):
    cast = company()
    code = drawn(cast)
    assert the_audit(code).state == "announced"
