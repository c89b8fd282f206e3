"""Nonconformities brought to where each kind of duty is owed, through the one door."""

from datetime import date, datetime, timedelta

from sqlmodel import col, select

from models.duty import Duty, Line
from models.engine import reading
from processes.duty import answers
from processes.nonconformity import raising as nonconformities
from rules.words import DutyKind, DutyState, LetterKind, Severity

PLAN = {
    "decision": "accept",
    "method": "5why",
    "cause": "巡检表模板未包含 UPS 项，且无人复核模板。",
    "correction": "当日补做巡检并补录记录。",
    "corrective_action": "修订巡检表模板，纳入 UPS 项，由部门经理每季度复核。",
    "planned_on": "2026-09-25",
}


class Matter:
    """One nonconformity, and what is owed about it."""

    def __init__(self, people: dict[str, int], at: datetime, **facts) -> None:
        self.people = people
        self.at = at
        given = {
            "title": "机房巡检记录缺失 UPS 项",
            "owner_code": "li",
            "description": "9 月 1 日至 10 日的巡检记录缺少 UPS 电池电压。\n见巡检表第 3 页。",
            "project": "P1",
            "clause": "8.2.1",
            "raised_by": "zhao",
            "source": "quality_check",
        }
        self.code = nonconformities.raise_(**{**given, **facts}, at=at)

    def duty(self, kind: str) -> Duty:
        with reading() as session:
            about = select(Duty).where(col(Duty.kind) == kind, col(Duty.state) == DutyState.OPEN)
            return session.exec(about.order_by(col(Duty.id).desc())).first()

    def do(self, kind: str, person: str, data: dict) -> str:
        duty = self.duty(kind)
        facts = {"person_id": self.people[person], "data": data, "at": self.at, "via": "test"}
        try:
            return answers.answer(duty.id, **facts).says
        except answers.CodeNeeded:
            return answers.answer(duty.id, **facts, code=code()).says

    def respond(self) -> "Matter":
        self.do("respond", "li", PLAN)
        return self

    def dispute(self) -> "Matter":
        self.do("respond", "li", {"decision": "dispute", "reason": "模板由总部下发，不属本项目。"})
        return self

    def agree(self) -> "Matter":
        self.respond().do("agree", self.owner("agree"), {"decision": "agree"})
        return self

    def act(self) -> "Matter":
        done = {"done": "模板已修订并发布 V2.1。", "evidence_note": "文件编号 ITSS-07-V2.1"}
        self.agree().do("act", "li", done)
        return self

    def verify(self) -> "Matter":
        self.act().do("verify", self.owner("verify"), {"result": "effective", "note": "抽查 10 份"})
        return self

    def straight_up(self) -> "Matter":
        answers.straight_up(
            self.code,
            person_id=self.people["li"],
            reason="需要采购新的采集装置",
            at=self.at,
            via="test",
        )
        return self

    def extension(self, until: date = date(2026, 9, 25)) -> "Matter":
        answers.ask_extension(
            self.duty("respond").id,
            person_id=self.people["li"],
            until=until,
            reason="等待总部确认模板归属",
            at=self.at,
            via="test",
        )
        return self

    def owner(self, kind: str) -> str:
        number = self.duty(kind).owner_id
        return next(code for code, known in self.people.items() if known == number)


def code() -> str:
    """Return the signature code mailed last."""
    with reading() as session:
        line = session.exec(
            select(Line).where(Line.letter == LetterKind.CODE).order_by(col(Line.id).desc())
        ).first()
        return line.facts["code"]


ABOUT_NONCONFORMITIES = (
    DutyKind.RESPOND,
    DutyKind.AGREE,
    DutyKind.ACT,
    DutyKind.VERIFY,
    DutyKind.VERIFY_EFFECT,
    DutyKind.DECIDE_DISPUTE,
    DutyKind.DECIDE,
    DutyKind.DECIDE_EXTENSION,
)


def bring_to(kind: str, people: dict[str, int], at: datetime) -> tuple[Duty, str]:
    """Return an open duty of a kind, and the code of its owner."""
    facts = {"severity": Severity.MAJOR} if kind == DutyKind.VERIFY_EFFECT else {}
    matter = Matter(people, at, **facts)
    {
        DutyKind.RESPOND: lambda: matter,
        DutyKind.AGREE: matter.respond,
        DutyKind.ACT: matter.agree,
        DutyKind.VERIFY: matter.act,
        DutyKind.VERIFY_EFFECT: matter.verify,
        DutyKind.DECIDE_DISPUTE: matter.dispute,
        DutyKind.DECIDE: matter.straight_up,
        DutyKind.DECIDE_EXTENSION: matter.extension,
    }[DutyKind(kind)]()
    duty = matter.duty(kind)
    assert duty is not None
    return duty, matter.owner(kind)


def later(at: datetime, **delta: float) -> datetime:
    return at + timedelta(**delta)
