"""An audit brought to where a test wants it, through the one door that people use."""

from models.audit import ChecklistLine
from models.engine import reading
from processes.audit import conduct as audit_conduct
from processes.audit import opening as audit_opening
from processes.audit import staffing as audit_staffing
from processes.audit import team as audit_team
from processes.duty import answers
from processes.duty.answers import CodeNeeded
from tests.support.audit_cast import audit, team
from tests.support.cast import at, duty_of, lines

PLANNED = at("2026-09-01")
OPENING = "2026-09-10"
HELD = at("2026-09-10", "17:00")


def answer(cast, who, kind, about, when=PLANNED, **data):
    """Answer the open duty of a kind; what is signed is signed with the mailed code."""
    duty = duty_of(about, kind)
    named = {"person_id": cast[who], "data": data, "at": when, "via": "test"}
    try:
        return answers.answer(duty.id, **named).says
    except CodeNeeded:
        code = lines(letter="code")[-1].facts["code"]
        return answers.answer(duty.id, code=code, **named).says


def opened(area="NET"):
    """Return the code of an audit whose lead auditor owes the plan."""
    code = audit(area, day=OPENING)
    audit_staffing.staff(at=PLANNED, actor="clock")
    audit_opening.open_due(at=PLANNED)
    return code


def lead(code):
    return next(who for who, role in team(code).items() if role == "lead")


def announced(cast, area="NET"):
    code = opened(area)
    answer(cast, lead(code), "plan_audit", code, opening_on=OPENING, place="302")
    return code


def checklist(code) -> list[ChecklistLine]:
    with reading() as session:
        return audit_conduct.lines_of(session, audit_team.by_code(session, code))


def sheet(code, **verdicts):
    """Return a filled checklist: c1="minor" … ; the rest conforms."""
    filled = {}
    for line in checklist(code):
        verdict = verdicts.get(f"c{line.number}", "conformity")
        filled[f"c{line.number}"] = {"verdict": verdict, "evidence": "查了 5 份记录"}
        if verdict not in {"conformity", "not_applicable"}:
            filled[f"c{line.number}"]["gap"] = f"第 {line.number} 项缺少记录"
    return filled


def conducted(cast, area="NET", *, more=None, **verdicts):
    """Return the code of an audit that was handed in with these judgements."""
    code = announced(cast, area)
    hand_in(cast, code, more=more, **verdicts)
    return code


def hand_in(cast, code, *, more=None, when=HELD, **verdicts):
    given = {"lines": sheet(code, **verdicts), "attendance": "全体到会", **(more or {})}
    return answer(cast, lead(code), "conduct_audit", code, when, **given)


def reported(cast, code, when=HELD):
    words = {"summary": "按计划", "conclusion": "总体符合", "strengths": "好", "improvements": "无"}
    return answer(
        cast,
        lead(code),
        "report_audit",
        code,
        when,
        **{"service": "yes", "own": "partly", "effective": "yes", **words},
    )
