"""How the sample company's people behave (示例人员的行为): mostly in time, sometimes not.

Every chance is drawn from one seeded source, so the same seed is the same year. What they do
goes through the one door that pages and the command line use; signature codes are read from
the mail, as a person would.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from random import Random
from typing import Any, Final

from config.current import current
from processes.attachment import attached as evidence
from processes.duty import answers
from processes.duty.answers import CodeNeeded
from processes.register.rows import DutyRow
from rules.refusal import Refused
from rules.words import DutyKind
from service.demo import audits as demo_audit
from service.demo import checks as demo_checks
from service.demo import company as demo_company
from service.demo import contracts as demo_contracts
from service.demo import indicators as demo_kpi
from service.demo import plan as demo_plan
from service.demo import review as demo_review
from service.demo import special as demo_special
from service.demo.company import Finding

LATE: Final = 0.15  # of answers come after the due date
VERY_LATE: Final = 0.06  # and these weeks later
DISPUTED: Final = 0.07
PLAN_REFUSED: Final = 0.10
EXTENDED: Final = 0.14
INEFFECTIVE: Final = 0.12
UPHELD: Final = 0.45
GRANTED: Final = 0.8
ATTACHED: Final = 0.4
WAITING: Final = 4  # working days until somebody looks again whether it was measured
PATIENCE: Final = 8  # working days that an owner waits for the decision on his dispute
VIA: Final = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """One duty about to be acted on: by whom, when, and what is known about it."""

    duty: DutyRow
    person_id: int
    at: datetime
    finding: Finding
    due_on: date  # the nonconformity's own due day, the last day for a plan
    state: str
    rounds: int


class People:
    """Everybody's temper in one place: when somebody answers, and what."""

    def __init__(self, chance: Random, words: dict[str, str], mailbox: "Mailbox") -> None:
        self.chance, self.words, self.mailbox = chance, words, mailbox
        self.extended: set[int] = set()
        self.refused_plans: set[str] = set()

    def when(self, duty: DutyRow) -> datetime:
        """Return when the owner means to act: mostly in time, by chance late or very late."""
        fixed = demo_contracts.when(duty)
        if fixed is not None:
            return fixed
        calendar = current().calendar
        draw = self.chance.random()
        if duty.kind == DutyKind.VERIFY_EFFECT:  # nobody can confirm it earlier
            return duty.due_at
        if draw < VERY_LATE:
            return calendar.add(duty.due_at, self.chance.randint(9, 24))
        if draw < VERY_LATE + LATE:
            return calendar.add(duty.due_at, self.chance.randint(1, 7))
        left = max((duty.due_at - duty.issued_at).total_seconds(), 0)
        return duty.issued_at + timedelta(seconds=left * self.chance.uniform(0.15, 0.9))

    def act(self, doing: Doing) -> datetime | None:
        """Do what the duty asks; return when to come back to it, None if it is done."""
        later = current().calendar.add
        if demo_kpi.waits(doing.duty):
            return later(doing.at, WAITING)
        if demo_review.waits(doing.duty, current().settings.language):
            return later(doing.at, WAITING)
        try:
            if self._asks_for_time(doing):
                return later(doing.at, self.chance.randint(6, 12))
            data = self._data(doing)
            if doing.duty.kind == DutyKind.ACT and self.chance.random() < ATTACHED:
                self._attach(doing)
            self.sign(doing, data)
        except Refused:
            return later(doing.at, 1)
        return later(doing.at, PATIENCE) if data.get("decision") == "dispute" else None

    def sign(self, doing: Doing, data: dict[str, Any]) -> None:
        """Answer; where a code is asked for, read it from the mail and answer again."""
        number, person = doing.duty.id, doing.person_id
        try:
            answers.answer(number, person_id=person, data=data, at=doing.at, via=VIA)
        except CodeNeeded:
            code = self.mailbox.code(person, doing.at)
            later = doing.at + timedelta(minutes=3)
            answers.answer(number, person_id=person, data=data, at=later, via=VIA, code=code)

    def _asks_for_time(self, doing: Doing) -> bool:
        duty = doing.duty
        if duty.kind != DutyKind.ACT or duty.id in self.extended or doing.at > duty.due_at:
            return False
        if self.chance.random() >= EXTENDED:
            return False
        self.extended.add(duty.id)
        until = current().calendar.day(duty.due_at) + timedelta(days=self.chance.randint(5, 14))
        answers.ask_extension(
            duty.id,
            person_id=doing.person_id,
            until=until,
            reason=self.words["extension"],
            at=doing.at,
            via=VIA,
        )
        return True

    def _attach(self, doing: Doing) -> None:
        content = f"{doing.duty.subject}\n{doing.finding.text['corrective_action']}\n"
        evidence.attach(
            doing.duty.id,
            person_id=doing.person_id,
            name=self.words["evidence_file"],
            content=content.encode(),
            at=doing.at,
        )

    def _data(self, doing: Doing) -> dict[str, Any]:
        language = current().settings.language
        findings = demo_company.findings(language)
        audit = demo_audit.answer(doing.duty, doing.at, self.chance, language, findings)
        if audit is not None:
            return audit
        explained = demo_special.answered(doing.duty, self.chance, language)
        if explained is not None:
            return explained
        reviewed = demo_review.answered(doing.duty, doing.at, language)
        if reviewed is not None:
            return reviewed
        promised = demo_contracts.answered(doing.duty, language)
        if promised is not None:
            return promised
        planned = demo_plan.answered(doing.duty, self.chance, language)
        if planned is not None:
            return planned
        measured = demo_kpi.answered(doing.duty, self.chance, language)
        return measured if measured is not None else self._other(doing)

    def _other(self, doing: Doing) -> dict[str, Any]:
        match doing.duty.kind:
            case DutyKind.RESPOND:
                return self._response(doing)
            case DutyKind.AGREE:
                return self._agreement(doing)
            case DutyKind.ACT:
                text = doing.finding.text
                return {
                    "done": text["corrective_action"],
                    "evidence_note": self.words["evidence"],
                }
            case DutyKind.VERIFY | DutyKind.VERIFY_EFFECT:
                return self._verification(doing)
            case DutyKind.QUALITY_CHECK:
                return demo_checks.answer(doing.duty, self.chance, current().settings.language)
            case kind:
                return self._decision(kind)

    def _decision(self, kind: str) -> dict[str, Any]:
        if kind == DutyKind.DECIDE_DISPUTE:
            upheld = self.chance.random() < UPHELD
            return {
                "decision": "uphold" if upheld else "overrule",
                "reason": self.words["upheld" if upheld else "overruled"],
            }
        if kind == DutyKind.DECIDE_EXTENSION:
            granted = self.chance.random() < GRANTED
            return {
                "decision": "grant" if granted else "refuse",
                "note": self.words["granted" if granted else "not_granted"],
            }
        decision = self.chance.choice(["resource", "measure", "measure", "accept_risk"])
        return {"decision": decision, "text": self.words[decision]}

    def _response(self, doing: Doing) -> dict[str, Any]:
        first = doing.rounds == 1 and doing.state == "raised"
        if first and self.chance.random() < DISPUTED:
            return {"decision": "dispute", "reason": self.words["dispute"]}
        text = doing.finding.text
        today = current().calendar.day(doing.at)
        planned = today + timedelta(days=self.chance.randint(4, 20))
        return {
            "decision": "accept",
            "method": self.chance.choice(["5why", "5why", "fishbone", "other"]),
            "cause": text["cause"] if doing.rounds == 1 else self.words["cause_again"],
            "correction": text["correction"],
            "corrective_action": text["corrective_action"],
            "preventive_action": text["preventive_action"],
            "look_elsewhere": text["look_elsewhere"],
            "planned_on": max(today, min(planned, doing.due_on)),
            "indicator_change": text.get("indicator_change", ""),
        }

    def _agreement(self, doing: Doing) -> dict[str, Any]:
        again = doing.duty.subject in self.refused_plans
        if not again and self.chance.random() < PLAN_REFUSED:
            self.refused_plans.add(doing.duty.subject)
            return {"decision": "refuse", "note": self.words["plan_refused"]}
        return {"decision": "agree"}

    def _verification(self, doing: Doing) -> dict[str, Any]:
        measured = demo_kpi.verification(doing.duty, current().settings.language)
        if measured is not None:
            return measured
        if self.chance.random() < INEFFECTIVE / doing.rounds:
            return {"result": "ineffective", "note": self.words["ineffective"]}
        return {"result": "effective", "note": self.words["effective"]}


class Mailbox:
    """The letters of the sample company, sent as they are written and read as people would."""

    refuses = False  # whether the mail server takes nothing at the moment

    def send(self, at: datetime) -> None:
        """Put letters together and send them; nobody reads them but the local sink."""
        raise NotImplementedError

    def code(self, person_id: int, at: datetime) -> str:
        """Return the code that was just mailed to somebody."""
        raise NotImplementedError


def code_in(mime: bytes) -> str | None:
    """Return the eight digits in a letter, from its plain text; None if there are none."""
    body = message_from_bytes(mime, policy=policy.default).get_body(("plain",))
    assert body is not None
    found = re.search(r"(?<!\d)\d{8}(?!\d)", body.get_content())
    return found.group() if found else None


def newest_code(letters: Sequence[bytes]) -> str:
    """Return the code in the newest of these letters that has one."""
    found = next(filter(None, map(code_in, reversed(letters))), None)
    assert found is not None
    return found
