"""What people do in these worlds, and how the oracle hears of it: from the rows of answers."""

import json
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from config.current import current
from models.engine import transaction
from processes.duty import answers, handing_over
from processes.duty import issued as duties
from processes.duty.answers import CodeNeeded
from processes.nonconformity import raising as nonconformities
from rules.refusal import Refused
from rules.words import Risk, Severity
from tests.faults import cast
from tests.faults.days import CLOSES, instant, local
from tests.faults.oracle import Owed

QUALITY = ("quality", "quality_head", "top_management")
JUDGES = {
    "agree": QUALITY,
    "verify": QUALITY,
    "verify_effect": QUALITY,
    "decide_dispute": ("quality_head", "top_management"),
    "decide": ("vp_operations", "top_management", "quality_head"),
}
LOOSE_KIND = "patrol"  # a duty that belongs to no nonconformity
LETTERS = {
    "verify": "verification_asked",
    "verify_effect": "verification_asked",
    "decide": "straight_up",
    "decide_extension": "extension_asked",
}
# Working days to a deadline, by kind; an effect is confirmed after 90 calendar days.
PERIODS = {"respond": 3, "agree": 3, "verify": 5, "decide_dispute": 3, "decide": 3}
PERIODS["decide_extension"] = 3
# What is owed next, by kind and answer: only for these does a duty of that kind begin.
NEXT = {
    ("respond", "accept"): {"agree"},
    ("respond", "dispute"): {"decide_dispute"},
    ("agree", "agree"): {"act"},
    ("agree", "refuse"): {"respond"},
    ("act", None): {"verify"},
    ("verify", "effective"): {"verify_effect"},  # of a major one; any other is closed
    ("verify", "ineffective"): {"respond"},
    ("verify_effect", "ineffective"): {"respond"},
}


@dataclass
class Matter:
    """A nonconformity as far as the oracle must know it."""

    owner: int
    severity: str
    planned: set = field(default_factory=set)
    planned_on: date | None = None
    did: set = field(default_factory=set)
    ineffective: int = 0


@transaction
def owe(session, *, owner, days, severity, subject, at):
    """Issue a duty that belongs to no nonconformity."""
    duties.issue(
        session,
        kind=LOOSE_KIND,
        subject_kind="demo",
        subject=subject,
        title="月度巡检",
        owner_id=owner,
        due_at=current().calendar.working_days(at, days),
        at=at,
        severity=severity,
    )


@transaction
def finish(session, *, duty, by, at):
    """End such a duty, answered or not owed any more."""
    found = duties.open_for_update(session, duty)
    if by is None:
        duties.withdraw(session, found, at=at, why="not owed any more")
    else:
        duties.discharge(session, found, by_id=by, at=at)


@transaction
def change(session, person):
    """Somebody leaves, comes back, or gets another manager."""
    cast.update(session, person)


class Acts:
    """`something` is one visit of one person; `observe` tells the oracle what was committed."""

    def __init__(self, world):
        self.world, self.rng = world, world.rng
        self.matters: dict[str, Matter] = {}
        self.to_raise = self.rng.randint(1, 4)
        self.to_owe = self.rng.randint(0, 4) + (self.rng.random() < 0.1) * 12
        self.to_owe += (self.rng.random() < 0.01) * 110  # more than one batch climbs at once
        self.diligent = self.rng.random() < 0.15  # a company that gets to the end of things
        self.patience = 3 if self.diligent else self.rng.choice([0.1, 0.4, 0.8])
        self.last_duty = self.last_answer = 0

    # --- visits -----------------------------------------------------------------------------

    def something(self, actor):
        """Do one thing, as a person at a page does; a rule's no is no fault."""
        try:
            self._choose()(actor)
        except Refused as refused:
            self.world.happened[f"refused: {type(refused).__name__}"] += 1
            self.world.say(f"{actor.name} is refused: {type(refused).__name__}")
        except nonsense() as wrong:
            self.world.happened["refused: nonsense"] += 1
            self.world.say(f"{actor.name} wrote nonsense: {wrong}")

    def _choose(self):
        roll = self.rng.random()
        if self.to_raise and roll < 0.6:
            return self._raise
        if self.to_owe and roll < 0.9:
            return self._owe
        visits = [(self._answer, 4 * self.patience), (self._acknowledge, 1.5), (self._ask, 1)]
        visits += [(self._finish, 2 * self.patience), (self._change, 0.7), (self._up, 0.3)]
        visits += [(self._void, 0.1), (self._stand_in, 0.3), (self._hand_over, 0.7)]
        return self.rng.choices([v for v, _ in visits], [weight for _, weight in visits])[0]

    def _raise(self, actor):
        self.to_raise -= 1
        owner = self.rng.choice([p for p in self.world.people.values() if p.active] or [None])
        if owner is None:
            return
        severity = self.rng.choice(list(Severity))
        risk = Risk.HIGH if self.rng.random() < 0.25 else Risk.NORMAL
        self._says(actor, f"raises {severity} {risk} of {owner.code}")
        nonconformities.raise_(
            title="巡检记录缺失", owner_code=owner.code, at=actor.at, severity=severity, risk=risk
        )

    def _owe(self, actor):
        count = min(self.to_owe, self.rng.choice([1, 1, 12]))
        count = self.to_owe if self.to_owe > 100 else count
        self.to_owe -= count
        owner = self.rng.choice([*self.world.people])
        days, severity = self.rng.randint(0, 8), self.rng.choice(list(Severity))
        self._says(actor, f"gives {count} {severity} in {days} days to {owner}")
        for n in range(count):
            subject = f"X-{self.to_owe + n}"
            owe(owner=owner, days=days, severity=severity, subject=subject, at=actor.at)

    def _answer(self, actor):
        duty = self._one(f"kind <> '{LOOSE_KIND}'")
        if duty is None:
            return
        person, data = self._somebody(duty), self._form(duty, actor.at)
        self._says(actor, f"answers {duty.kind} {duty.id} as {person}: {data}")
        actor.act = (duty.id, "answer", person)
        code = None
        for _ in range(2):
            try:
                answers.answer(
                    duty.id, person_id=person, data=data, at=actor.at, via="session", code=code
                )
            except CodeNeeded:
                code = self._code(duty.id, person)

    def _form(self, duty, at):
        rng = self.rng
        likely = {"verify": 0.4 if self.diligent else 0.75, "decide_dispute": 0.4}
        well = rng.random() < likely.get(duty.kind, 0.75)
        words = {"note": "见附件", "reason": "见附件", "text": "增加人手"}
        if duty.kind == "respond":
            if not well:
                return {"decision": "dispute", "reason": "不是不符合"}
            planned = local(at).date() + timedelta(days=rng.randint(0, 12))
            plan = {"cause": "无人复核", "method": "5why", "corrective_action": "增加复核"}
            return {"decision": "accept", "planned_on": planned.isoformat(), **plan}
        return {
            "agree": {"decision": "agree" if well else "refuse", "note": words["note"]},
            "act": {"done": "已复核", "evidence_note": "共享盘"},
            "verify": {"result": "effective" if well else "ineffective", "note": "抽查三份"},
            "verify_effect": {"result": "effective" if well else "ineffective", "note": "抽查"},
            "decide_dispute": {"decision": "overrule" if well else "uphold", "reason": "见附件"},
            "decide": {"decision": "measure", "text": words["text"]},
            "decide_extension": {"decision": "grant" if well else "refuse", "note": "同意"},
        }[duty.kind]

    def _acknowledge(self, actor):
        duty = self._one("1")
        if duty is None:
            return
        told = [p for level, *pair in duty.told if level == duty.level for p in pair if p]
        person = self.rng.choice([*told, *told, duty.owner, self.rng.choice([*self.world.people])])
        self._says(actor, f"acknowledges {duty.id} as {person}")
        actor.act = (duty.id, "acknowledge", person)
        answers.acknowledge(duty.id, person_id=person, at=actor.at, via="session")

    def _ask(self, actor):
        duty = self._one("1")
        if duty is None:
            return
        person = self._somebody(duty)
        base = max(local(duty.due).date(), local(actor.at).date())
        until = base + timedelta(days=self.rng.randint(1, 20))
        self._says(actor, f"asks {duty.id} until {until} as {person}")
        actor.act = (duty.id, "ask_extension", person)
        answers.ask_extension(
            duty.id, person_id=person, until=until, reason="备件未到", at=actor.at, via="session"
        )

    def _finish(self, actor):
        duty = self._one(f"kind = '{LOOSE_KIND}'")
        if duty is None:
            return
        by = self.rng.choice([duty.owner, duty.owner, None])
        self._says(actor, f"ends {duty.id} by {by}")
        finish(duty=duty.id, by=by, at=actor.at)

    def _change(self, actor):
        person = copy(self.rng.choice([*self.world.people.values()]))
        cast.mend(self.rng, person, self.world.people, local(actor.at).date())
        self._says(actor, f"changes {person}")
        actor.act = person
        change(person)

    def _hand_over(self, actor):
        """Whoever leads the owner, or thinks that he does, gives the duty to another."""
        duty = self._one("kind IN ('respond', 'act')")
        if duty is None:
            return
        oracle, everybody = self.world.oracle, [*self.world.people]
        above = [*oracle.above(duty.owner)[0], *oracle.holders("quality", "quality_head")]
        person = self.rng.choice([*above, *above, self.rng.choice(everybody)])
        to = self.world.people[self.rng.choice(everybody)].code
        self._says(actor, f"hands {duty.id} over to {to} as {person}")
        actor.act = (duty.id, "hand_over", person)
        handing_over.hand_over(
            duty.id, person_id=person, to=to, reason="人手不足", at=actor.at, via="session"
        )

    def _stand_in(self, actor):
        """Somebody who owes something goes away, and another one stands in from today on."""
        duty = self._one("1")
        if duty is None:
            return
        person = copy(self.world.people[duty.owner])
        today = local(actor.at).date()
        person.away = (today, today + timedelta(days=self.rng.randint(0, 9)))
        person.delegate = self.rng.choice([p for p in self.world.people if p != person.id])
        self._says(actor, f"lets {person.delegate} stand in: {person}")
        actor.act = person
        change(person)

    def _up(self, actor):
        code = self.rng.choice([*self.matters] or [None])
        if code is None:
            return
        person = self.matters[code].owner
        self._says(actor, f"reports {code} straight up as {person}")
        answers.straight_up(code, person_id=person, reason="需采购", at=actor.at, via="session")

    def _void(self, actor):
        heads = self.world.oracle.holders("quality_head")
        code = self.rng.choice([*self.matters] or [None])
        if not heads or code is None:
            return
        self._says(actor, f"makes {code} void as {heads[0]}")
        signature = None
        for _ in range(2):
            try:
                answers.void(
                    code,
                    person_id=heads[0],
                    reason="误开",
                    at=actor.at,
                    via="session",
                    signature=signature,
                )
            except CodeNeeded:
                signature = self._code(None, heads[0])

    def _one(self, where):
        """Return an open duty, drawn among those that the table has."""
        rows = self.world.eye.execute(f"SELECT id FROM duty WHERE state='open' AND {where}")
        numbers = [row[0] for row in rows]
        return self.world.oracle.duties[self.rng.choice(numbers)] if numbers else None

    def _somebody(self, duty):
        """Mostly the owner, often whoever stands in for him, sometimes somebody else."""
        owner = self.world.people[duty.owner]
        delegate = owner.delegate
        if delegate and owner.absent(local(self.world.now).date()) and self.rng.random() < 0.7:
            return delegate
        others = [self.rng.choice([*self.world.people])]
        return self.rng.choice([duty.owner] * 7 + ([delegate] * 3 if delegate else []) + others)

    def _code(self, duty, person):
        """Read the newest code that this person was sent."""
        rows = self.world.eye.execute(
            "SELECT facts FROM line WHERE letter='code' AND person_id=?"
            " AND (duty_id=? OR ? IS NULL) ORDER BY id DESC LIMIT 1",
            (person, duty, duty),
        ).fetchone()
        return json.loads(rows[0]).get("code") if rows else None

    def _says(self, actor, sentence):
        self.world.say(f"{actor.name} {sentence}")

    # --- what was committed -----------------------------------------------------------------

    def observe(self, actor, name):
        """Tell the oracle, in the order in which it follows from one another."""
        if name.startswith("acts.change"):
            self._changed(actor.act)
            return
        given = self._answers()
        for answer in given:
            self._given(actor, answer)
        self._decided(given)
        self._ended()
        self._began(actor, given)

    def _changed(self, person):
        before = self.world.people[person.id]
        self.world.people[person.id] = person
        happened = self.world.happened
        happened["person: named a delegate"] += before.delegate != person.delegate is not None
        happened["person: left"] += before.active and not person.active
        happened["person: lost the address"] += bool(before.address) and not person.address
        happened["person: another manager"] += before.manager != person.manager

    def _answers(self):
        rows = self.world.eye.execute(
            "SELECT id, duty_id, act, person_id, on_behalf_of_id, data FROM answer WHERE id > ?"
            " ORDER BY id",
            (self.last_answer,),
        ).fetchall()
        self.last_answer = rows[-1][0] if rows else self.last_answer
        return [(*row[1:5], json.loads(row[5])) for row in rows]

    def _given(self, actor, answer):
        number, act, person, represented, data = answer
        self._counted(number, act, represented, data)
        if act in {"straight_up", "void"}:
            return
        if actor.act != (number, act, person):
            self.world.violated("no surprise", f"{answer} was recorded, {actor.act} was done")
        if act == "acknowledge":
            self.world.oracle.acknowledged(number, person)
        if act == "hand_over":
            self._handed_over(number, data["to"])
        duty = self.world.oracle.duties[number]
        matter = self.matters.get(duty.subject)
        hands = {hand for hand in (person, represented) if hand}
        if matter and act == "answer":
            if duty.kind == "respond" and data.get("cause"):
                matter.planned, matter.planned_on = hands, date.fromisoformat(data["planned_on"])
            elif duty.kind == "act":
                matter.did = hands
            elif data.get("result") == "ineffective":
                matter.ineffective += 1
                matter.did = set()

    def _handed_over(self, number, receiver):
        """The duty is another's from now on, and with it the whole matter."""
        duty = self.world.oracle.duties[number]
        (rev,) = self.world.eye.execute("SELECT rev FROM duty WHERE id=?", (number,)).fetchone()
        matter = self.matters.get(duty.subject)
        if matter and matter.owner == duty.owner:
            matter.owner = receiver
        self.world.oracle.handed_over(number, receiver, occasion=rev)

    def _counted(self, number, act, represented, data):
        duty = self.world.oracle.duties.get(number)
        what = act
        if act == "answer":
            said = data.get("decision") or data.get("result")
            what = f"{duty.kind}, {said}" if said else duty.kind
        self.world.happened[f"act: {what}"] += 1
        self.world.happened["act: as a delegate"] += represented is not None

    def _decided(self, given):
        for number, act, _, _, _ in given:
            if act != "answer" or self.world.oracle.duties[number].kind != "decide_extension":
                continue
            row = self.world.eye.execute(
                "SELECT id, duty_id, asked_by_id, until, granted, decided_at FROM extension"
                " WHERE decide_duty_id=?",
                (number,),
            ).fetchone()
            self.world.oracle.decided(
                row[1],
                granted=bool(row[4]),
                until=instant(date.fromisoformat(row[3]), CLOSES),
                asker=row[2],
                occasion=row[0],
                at=_utc(row[5]),
            )

    def _ended(self):
        rows = self.world.eye.execute("SELECT id, ended_by_id FROM duty WHERE state <> 'open'")
        for number, by in rows.fetchall():
            duty = self.world.oracle.duties.get(number)
            if duty is not None and duty.open:
                if duty.kind == LOOSE_KIND:
                    self.world.happened[f"act: {'finish' if by else 'withdraw'}"] += 1
                self.world.oracle.ended(number, by)

    def _began(self, actor, given):
        rows = self.world.eye.execute(
            "SELECT id, kind, subject, owner_id, issued_at, due_at, severity, subject_kind"
            " FROM duty WHERE id > ? ORDER BY id",
            (self.last_duty,),
        ).fetchall()
        began = [Owed(*row[:4], _utc(row[4]), _utc(row[5]), row[6]) for row in rows]
        for duty, row in zip(began, rows, strict=True):
            if row[7] == "nonconformity" and duty.subject not in self.matters:
                self.matters[duty.subject] = Matter(duty.owner, duty.severity)
            self._fits(duty, given)
            letter, entry = LETTERS.get(duty.kind, "assignment"), False
            if duty.kind == "respond" and _said(given) == "ineffective":
                letter, entry = "ineffective", self.matters[duty.subject].ineffective > 1
            self.world.happened[f"duty: {duty.kind}"] += 1
            self.world.happened["duty: enters one level higher"] += entry
            self.world.oracle.issued(duty, letter, entry=entry)
            self.last_duty = duty.id
        self._follows(given, {duty.kind for duty in began})
        self.world.say(f"    {actor.name} begins {[(d.id, d.kind, d.owner) for d in began]}")

    def _fits(self, duty, given):
        """Judge the deadline and the owner of a duty that begins."""
        days, at = self.world.days, duty.issued_at
        matter = self.matters.get(duty.subject)
        due = duty.due
        if duty.kind in PERIODS:
            due = days.deadline(at, PERIODS[duty.kind])
        elif duty.kind == "verify_effect":
            due = days.deadline_in_calendar_days(at, 90)
        elif duty.kind == "act":
            due = instant(matter.planned_on, CLOSES)
            due = due if due > at else days.deadline(at, 3)
        if due != duty.due:
            self.world.violated("deadlines are the policy's", f"{duty}, expected {due}")
        owners = {duty.owner}
        if duty.kind in JUDGES:
            barred = {matter.owner}
            barred |= matter.planned if duty.kind == "agree" else set()
            barred |= matter.did if duty.kind.startswith("verify") else set()
            owners = self.world.oracle.judges(JUDGES[duty.kind], barred, local(at).date())
        elif duty.kind == "decide_extension":
            (asked,) = [(a[0], a[2]) for a in given if a[1] == "ask_extension"]
            owners = {self.world.oracle.may_decide(*asked, local(at).date())}
        if duty.owner not in owners:
            self.world.violated("judged by whom it concerns", f"{duty}, expected {owners}")

    def _follows(self, given, began):
        """Judge what is owed next after an answer; a lack may be an alarm, never silence."""
        for number, act, _, _, data in given:
            duty = self.world.oracle.duties[number]
            if act != "answer" or duty.subject not in self.matters:
                continue
            said = data.get("decision") or data.get("result")
            next_ = NEXT.get((duty.kind, said), set())
            if duty.kind == "verify" and said == "effective":
                next_ = next_ if self.matters[duty.subject].severity == "major" else set()
            if began - next_ or (next_ - began and not self._alarmed(duty.subject)):
                self.world.violated("what is owed next", f"{duty} {data}: {began}, not {next_}")
            if duty.open == ((duty.kind, said) != ("respond", "dispute")):
                self.world.violated("an answer ends its duty", f"{duty} {data}")

    def _alarmed(self, subject):
        return self.world.eye.execute(
            "SELECT 1 FROM alarm WHERE cleared_at IS NULL AND ref=? AND kind LIKE 'nobody_for_%'",
            (f"nonconformity:{subject}",),
        ).fetchone()


def nonsense():
    """What a form that cannot be read raises."""
    from pydantic import ValidationError

    return ValidationError


def _said(given):
    return next((data.get("result") for _, _, _, _, data in given), None)


def _utc(text):
    from datetime import UTC

    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
