"""An internal audit as people live it: from the year's programme to the last verification."""

import re
from pathlib import Path

import pytest
from sqlmodel import col, select

from models.audit import Audit, AuditArea, AuditProgramme
from models.duty import Duty
from models.engine import reading
from processes.audit import programme as audit_programme
from processes.duty.answers import answer
from rules.audit_findings import ShortNotice
from rules.audit_programme import NotCovered
from tests.stories.office import Office
from tests.support.audit_cast import company, team, the_audit
from tests.support.cast import change, nonconformity

# Asked early, so that the story has few mornings.
CONFIG = """
[frequency]
2 = 900
4 = 1000
[periods]
prepare_working_days = 40
"""


@pytest.fixture
def firm(home: Path) -> Office:
    assert home
    (home / "config").mkdir()
    (home / "config" / "audit.toml").write_text(CONFIG, "utf-8")
    company()
    return Office("2025-12-22")


def calendar_part(mail) -> str:
    """Return the invitation in a mail's bytes, unfolded."""
    return mail.calendar.replace("\r\n ", "")


def audits(**columns):
    with reading() as session:
        query = select(Audit).join(AuditArea, col(AuditArea.id) == Audit.area_id)
        for name, value in columns.items():
            query = query.where(col(getattr(AuditArea, name)) == value)
        return session.exec(query.order_by(col(Audit.planned_on))).all()


def receives(member, code):
    """Acknowledge a document that several readers were handed."""
    with reading() as session:
        owed = session.exec(
            select(Duty.id).where(
                col(Duty.kind) == "read",
                col(Duty.subject) == code,
                col(Duty.owner_id) == member.id,
                col(Duty.state) == "open",
            )
        ).one()
    answer(owed, person_id=member.id, data={}, at=member.office.at, via="story")


def forget(office):
    """Everything delivered so far is not what this story is about."""
    office.post_comes()
    for box in office._boxes.values():
        box.mails.clear()


def test_from_the_programme_to_the_last_verification(firm):
    office = firm
    office.on("2025-12-23")  # the wheel drafts next year's programme
    with reading() as session:
        programme = session.exec(select(AuditProgramme)).one()
        lines = audit_programme.lines_of(session, programme)
    assert programme.code == "AP-2026"
    assert all(line.months and line.reasons for line, _ in lines)
    author = office.duty("draw_up", "AP-2026").owner_id
    planner = office.zhao if office.zhao.id == author else office.zhou
    office.mailbox(planner.code).expect("年度内部审核方案", letter="assignment")

    # Nothing may be left out: handing it in is refused by name.
    net = next(line for line, area in lines if area.code == "NET")
    edit = {"person_id": planner.id, "at": office.at}
    audit_programme.edit("AP-2026", "NET", months=[], reason="去年审过", **edit)
    with pytest.raises(NotCovered, match="NET"):
        planner.answers("draw_up", about="AP-2026")
    audit_programme.edit("AP-2026", "NET", months=[1], reason="配合客户检查", **edit)
    planner.answers("draw_up", about="AP-2026")
    with reading() as session:
        kept = {a.code: ln for ln, a in audit_programme.lines_of(session, programme)}["NET"]
    assert (kept.computed_months, kept.months) == (net.computed_months, [1])

    office.qin.answers("review", about="AP-2026", decision="pass")
    office.zong.answers("approve", about="AP-2026", decision="pass")
    forget(office)

    office.on("2025-12-24")  # teams are seated
    (net_audit,) = audits(code="NET")
    members = team(net_audit.code)
    assert "sun" not in members  # he works there
    assert sorted(members.values()) == ["auditor", "lead"]
    (own_audit,) = audits(code="QD")
    assert set(team(own_audit.code)).isdisjoint({"zhao", "zhou", "qin"})

    code = net_audit.code
    forget(office)
    lead = getattr(office, next(who for who, role in members.items() if role == "lead"))
    office.duty("plan_audit", code)
    with pytest.raises(ShortNotice):
        lead.answers("plan_audit", about=code, opening_on="2025-12-26")
    lead.answers("plan_audit", about=code, opening_on="2026-01-06", place="三号会议室")
    invited = office.mailbox("wang").expect("首次会议", letter="meeting")
    assert "METHOD:REQUEST" in calendar_part(invited)
    assert "SEQUENCE:0" in calendar_part(invited)
    uid = re.search(r"UID:(\S+)", calendar_part(invited))[1]
    office.mailbox("wang").expect("末次会议", letter="meeting")
    office.wang.answers("receive_audit", about=code, note="欢迎")

    # The auditor who falls ill is replaced; the calendars hear it, by the same UID.
    other = next(who for who in members if who != lead.code)
    change(other, active=False)
    office.on("2025-12-25")
    now = team(code)
    assert other not in now
    assert now[lead.code] == "lead"
    changed = office.mailbox("wang").expect("首次会议", letter="meeting")
    assert f"UID:{uid}" in calendar_part(changed)
    assert "SEQUENCE:1" in calendar_part(changed)
    gone = office.mailbox(other).mails  # he has left: nobody writes to him about it any more
    forget(office)
    assert gone == []

    office.on("2026-01-06", "17:00")
    clauses = the_audit(code).clauses
    lines = {f"line.c{n}.verdict": "conformity" for n, _ in enumerate(clauses, start=1)} | {
        f"line.c{n}.evidence": "抽查 5 份，均有记录" for n, _ in enumerate(clauses, start=1)
    }
    found = {
        "line.c2.verdict": "minor",
        "line.c2.gap": "两名新员工没有岗位培训记录",
        "line.c3.verdict": "opportunity",
        "line.c3.gap": "可以做一张索引",
        "line.c4.verdict": "minor",
        "line.c4.gap": "岗位备份没有写明",
    }
    said = lead.answers(
        "conduct_audit", about=code, attendance="首末次会议：全体", **{**lines, **found}
    )
    assert said
    office.duty("report_audit", code)
    first, second = (f"{code}-F{n}" for n in (1, 3))
    office.wang.answers("confirm_finding", about=first, decision="confirm")
    office.wang.answers(
        "confirm_finding", about=second, decision="dispute", reason="已写在岗位说明书"
    )
    decider = office.duty("decide_finding", second).owner_id
    assert decider == office.qin.id
    office.qin.answers("decide_finding", about=second, decision="uphold", reason="见岗位说明书")

    lead.answers(
        "report_audit",
        about=code,
        service="yes",
        own="partly",
        effective="yes",
        summary="按计划完成",
        conclusion="总体符合，培训记录需改进",
        strengths="记录清楚",
    )
    office.qin.answers("review", about=code, decision="pass")
    office.zong.answers("approve", about=code, decision="pass")
    assert the_audit(code).state == "reported"
    receives(office.wang, code)

    nc = "NC-2026-0001"
    assert nonconformity(nc).source_record == code
    assert nonconformity(nc).owner_id == office.wang.id
    office.wang.answers(
        "respond",
        about=nc,
        method="5why",
        cause="没有入职清单",
        correction="补训",
        corrective_action="建立入职清单",
        planned_on="2026-01-20",
    )
    agree = office.duty("agree", nc).owner_id
    quality = next(m for m in (office.zhao, office.zhou) if m.id == agree)
    quality.answers("agree", about=nc, decision="agree")
    office.wang.answers("act", about=nc, done="清单已建立", evidence_note="见附件")
    verifier = office.duty("verify", nc).owner_id
    assert verifier in {getattr(office, who).id for who in team(code)}
    office.on("2026-01-07")
    assert the_audit(code).state == "reported"  # not before the verification
    forget(office)
    who = next(getattr(office, m) for m in team(code) if getattr(office, m).id == verifier)
    who.answers("verify", about=nc, result="effective", note="抽查三人均已培训")
    assert nonconformity(nc).state == "closed"
    office.on("2026-01-08")
    assert the_audit(code).state == "closed"
    ended = office.mailbox("wang").expect(code, "审核已关闭", letter="plan_report")
    assert nc in ended.text
    forget(office)
