"""Raising: one row, one duty, at the right instant, with a code nobody else has."""

import threading
from datetime import date

import pytest

from config.current import current
from models.alarms import open_alarms
from models.engine import reading, transaction
from models.trail import verify
from processes.duty import answers
from processes.nonconformity import raising as nc
from processes.nonconformity.entry import New
from processes.nonconformity.missing import issue_missing
from processes.nonconformity.taken_over import raise_many
from rules.calendar import YearOutOfRange
from rules.refusal import NotFound
from rules.words import Risk, Severity
from tests.support.cast import (
    absent,
    at,
    change,
    duties_of,
    duty_of,
    hire,
    lines,
    nonconformity,
    rounds,
    told,
)


@pytest.fixture
def cast(home):
    return hire()


def raised(**facts):
    usual = {"title": "备份未校验", "owner_code": "li", "at": at("2026-09-28")}
    return nc.raise_(**{**usual, **facts})


def test_raising_owes_a_response_within_three_working_days(cast):
    code = raised()
    assert code == "NC-2026-0001"
    duty = duty_of(code, "respond")
    assert duty.owner_id == cast["li"]
    assert duty.title == "备份未校验"
    # Monday 28 September: Tuesday, Wednesday, then National Day until the 7th.
    assert duty.due_at == at("2026-10-08", "18:00")
    assert told("assignment") == ["li"]
    assert nonconformity(code).state == "raised"
    assert [r.number for r in rounds(code)] == [1]


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        (Severity.MAJOR, "2026-10-13"),  # 15 calendar days
        (Severity.MINOR, "2026-10-28"),
        (None, "2026-10-28"),
        (Severity.OBSERVATION, "2026-12-28"),  # the 90th is Sunday the 27th
    ],
)
def test_the_deadline_is_the_policy_by_severity(cast, severity, due):
    row = nonconformity(raised(severity=severity))
    assert row.due_at == row.first_due_at == at(due, "18:00")


def test_a_given_date_means_six_in_the_evening(cast):
    row = nonconformity(raised(due=date(2026, 10, 31)))
    assert row.due_at == at("2026-10-31", "18:00")


def test_codes_count_by_the_sites_year(cast):
    new_year = at("2027-01-01", "00:30")  # still 2026 in UTC
    assert raised() == "NC-2026-0001"
    assert raised() == "NC-2026-0002"
    assert raised(at=new_year) == "NC-2027-0001"


def test_a_code_that_an_import_brought_is_skipped(cast):
    raised(code="NC-2026-0001")
    raised(code="NC-2026-0002")
    assert raised() == "NC-2026-0003"


def at_once(*works):
    """Run these in threads that start together; return what each returned or raised."""
    gate, found = threading.Barrier(len(works)), [None] * len(works)

    def run(number, work):
        gate.wait()
        try:
            found[number] = work()
        except Exception as raised:  # noqa: BLE001 - the promise is about what is raised
            found[number] = raised

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_four_who_raise_at_once_get_codes_of_their_own(home, database):
    hire()
    codes = at_once(*[lambda: [raised() for _ in range(5)]] * 4)
    assert sorted(code for some in codes for code in some) == [
        f"NC-2026-{n:04d}" for n in range(1, 21)
    ]
    with reading() as session:
        assert verify(session) is None


def test_two_who_answer_at_once_answer_once(home, database):
    cast = hire()
    code = raised()
    duty = duty_of(code, "respond")

    def work():
        plan = {
            "method": "other",
            "cause": "a",
            "corrective_action": "b",
            "planned_on": "2026-10-09",
        }
        when = at("2026-09-29")
        return answers.answer(duty.id, person_id=cast["li"], data=plan, at=when, via="link")

    found = at_once(work, work, work)
    assert sorted(type(one).__name__ for one in found) == [
        "AlreadyAnswered",
        "AlreadyAnswered",
        "Answered",
    ]
    assert [d.kind for d in duties_of(code)] == ["agree"]
    with reading() as session:
        assert verify(session) is None


def test_the_same_code_and_content_again_changes_nothing(cast):
    assert raised(code="A-1") == raised(code="A-1") == "A-1"
    assert len(duties_of("A-1")) == 1


def test_the_same_code_for_something_else_is_refused(cast):
    raised(code="A-1")
    with pytest.raises(nc.CodeTaken):
        raised(code="A-1", title="别的问题")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"owner_code": "nobody"}, "there is no person nobody"),
        ({"owner_code": " "}, "owner is empty"),
        ({"owner_code": "gone"}, "离职员工 is not active"),
        ({"raised_by": "nobody"}, "there is no person nobody"),
        ({"project": "P9"}, "there is no project P9"),
        ({"unit": "U9"}, "there is no unit U9"),
        ({"title": " \n "}, "title is empty"),
        ({"title": "x" * 301}, "title is too long: 301 characters, at most 300"),
        ({"description": "x" * 20_001}, "description is too long"),
        ({"due": date(2026, 9, 27)}, "the due date 2026-09-27 is over"),
        ({"due": date(9999, 12, 31)}, "the year 9999"),
        ({"due": date(26, 10, 31)}, "the year 26"),
        ({"at": at("9998-01-01")}, "the year 9998"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(cast, wrong, says):
    from rules.refusal import Refused

    with pytest.raises(Refused, match=says):
        raised(**wrong)
    assert lines() == []
    assert raised() == "NC-2026-0001"


def test_a_title_is_one_line_of_text(cast):
    code = raised(title="x\r\nBcc: evil@x\u2028y\x00<script>")
    assert nonconformity(code).title == "x Bcc: evil@x y<script>"


def test_an_owner_who_cannot_be_reached_is_no_error(cast):
    change("li", email=None)
    code = raised()
    assert duty_of(code, "respond").owner_id == cast["li"]
    with reading() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["owner_unreachable"]


# --- straight up -----------------------------------------------------------------------


def test_a_high_risk_goes_straight_to_management(cast):
    code = raised(risk=Risk.HIGH, severity=Severity.MAJOR)
    duty = duty_of(code, "decide")
    assert duty.owner_id == cast["gao"]
    assert duty.due_at == at("2026-10-08", "18:00")
    assert told("straight_up") == ["gao"]
    row = nonconformity(code)
    assert row.straight_up_at == at("2026-09-28")
    assert (row.priority, row.priority_reason) == (9, "severity major (3) × risk high (3) = 9")
    assert [d.kind for d in duties_of(code)] == ["respond", "decide"]


def test_without_a_vice_president_top_management_decides(cast):
    change("gao", roles=[])
    assert duty_of(raised(risk=Risk.HIGH), "decide").owner_id == cast["zong"]


def test_an_absent_one_without_delegate_is_passed_by(cast):
    change("gao", **absent())
    assert duty_of(raised(risk=Risk.HIGH), "decide").owner_id == cast["zong"]


def test_where_nobody_may_decide_an_alarm_stands_until_somebody_may(cast):
    for code in ("gao", "zong", "qin"):
        change(code, roles=[])
    code = raised(risk=Risk.HIGH)
    assert duties_of(code, "decide") == []
    assert told("alarm") == [None]
    with reading() as session:
        (alarm,) = open_alarms(session)
    assert (alarm.kind, alarm.ref) == ("nobody_for_decide", f"nonconformity:{code}")
    assert issue_missing(at=at("2026-09-29")) == 0
    change("gao", roles=["vp_operations"])
    assert issue_missing(at=at("2026-09-30")) == 1
    assert duty_of(code, "decide").owner_id == cast["gao"]
    assert issue_missing(at=at("2026-09-30")) == 0
    with reading() as session:
        assert open_alarms(session) == []


# --- imports ---------------------------------------------------------------------------


@transaction
def take(session, news, when):
    return raise_many(session, news, at=when, actor="operator:root")


def row(**facts):
    usual = {
        "title": "工单超时",
        "owner_code": "li",
        "raised_at": at("2026-03-02", "09:00"),
        "code": "INC1",
        "source": "ticket",
    }
    return New(**{**usual, **facts})


def test_an_import_raises_what_is_new_at_its_own_date(cast):
    done = take([row(), row(code="INC2"), row(code=None)], at("2026-09-28"))
    assert [(r.code, r.what) for r in done] == [
        ("INC1", "new"),
        ("INC2", "new"),
        ("NC-2026-0001", "new"),
    ]
    assert duty_of("INC1", "respond").due_at == at("2026-03-05", "18:00")


def test_the_same_file_twice_changes_nothing(cast):
    take([row()], at("2026-09-28"))
    (again,) = take([row()], at("2026-09-28"))
    assert (again.what, again.kept) == ("unchanged", ())
    assert len(duties_of("INC1")) == 1


def test_what_describes_it_may_change_and_is_recorded(cast):
    take([row()], at("2026-09-28"))
    (again,) = take([row(title="工单严重超时", clause="8.3")], at("2026-09-29"))
    assert again.what == "changed"
    assert nonconformity("INC1").title == "工单严重超时"
    with reading() as session:
        assert verify(session) is None


def test_owner_severity_and_dates_keep_their_own_history(cast):
    take([row()], at("2026-09-28"))
    (again,) = take(
        [row(owner_code="chen", severity=Severity.MAJOR, due=date(2026, 5, 1))], at("2026-09-29")
    )
    assert (again.what, again.kept) == ("unchanged", ("owner", "severity", "due"))
    assert nonconformity("INC1").owner_id == cast["li"]


def test_a_column_that_is_missing_leaves_the_row_as_it_is(cast):
    take([row(description="详细", clause="8.3")], at("2026-09-28"))
    (again,) = take([row(given=frozenset({"source"}))], at("2026-09-29"))
    assert again.what == "unchanged"
    assert nonconformity("INC1").description == "详细"


def test_one_wrong_row_and_nothing_is_taken(cast):
    with pytest.raises(NotFound):
        take([row(), row(code="INC2", owner_code="nobody")], at("2026-09-28"))
    with pytest.raises(YearOutOfRange):
        take([row(), row(code="INC2", due=date(9999, 1, 1))], at("2026-09-28"))
    assert lines() == []


def test_the_trail_holds(cast):
    raised(risk=Risk.HIGH)
    take([row()], at("2026-09-28"))
    with reading() as session:
        assert verify(session) is None
    assert current().calendar.name
