"""What ought to have been told, from the text of the specification and from nothing else.

It imports no rule of the product. It is given what people did and when sweeps were taken, in
the order in which these were committed, and says who hears what. Keys are those of a line.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.faults.days import local

# Working days after due; the first is the owner's.
STEPS = {"minor": (0, 2, 5, 10, 15), "major": (0, 1, 3, 5, 8), "observation": (0, 5, 10)}
EVERY = {"minor": 5, "major": 3, "observation": 10}
REMINDER = 3
OPERATOR = None
BEGINS_WITH = {
    "verify": "verification_asked",
    "verify_effect": "verification_asked",
    "decide": "straight_up",
    "decide_extension": "extension_asked",
}
BEGINNINGS = {"assignment", "ineffective", *BEGINS_WITH.values()}


@dataclass
class Person:
    """Somebody as the oracle knows him."""

    id: int
    code: str
    manager: int | None = None
    active: bool = True
    address: str | None = None
    away: tuple[date, date] | None = None
    delegate: int | None = None
    roles: frozenset = frozenset()

    def absent(self, day):
        return self.away is not None and self.away[0] <= day <= self.away[1]


@dataclass(frozen=True)
class Tell:
    """One line: who receives it, for whom, at which level, and who was passed over."""

    duty: int
    episode: int
    nth: int
    letter: str
    person: int | None
    stands_for: int | None = None
    level: int | None = None
    again: int = 0  # how often he was told before, if he is the top
    passed: tuple = ()
    occasion: int | None = None

    @property
    def key(self):
        person = "operator" if self.person is OPERATOR else self.person
        once = f"duty:{self.duty}:{self.episode}:{self.nth}:{self.letter}:{person}"
        return once if self.occasion is None else f"{once}:{self.occasion}"


@dataclass
class Owed:
    """A duty as the oracle follows it."""

    id: int
    kind: str
    subject: str
    owner: int
    issued_at: datetime
    due: datetime
    severity: str
    episode: int = 1
    nth: int = 0
    level: int = 0
    reminder: int = 0
    acknowledged: int = -1
    open: bool = True
    overdue_told: bool = False
    next_at: datetime | None = None
    told: list = field(default_factory=list)  # (level, receiver, represented), this episode


class Oracle:
    """Follows every duty; `lines` are what must have been promised, `wrong` what surprised it."""

    def __init__(self, days, people):
        self.days, self.people = days, people
        self.duties: dict[int, Owed] = {}
        self.lines: dict[str, Tell] = {}
        self.optional: set[str] = set()
        self.refused: set[str] = set()  # addresses that a server refused for good
        self.steps: list[tuple[int, int, int, datetime]] = []  # duty, episode, nth, at

    # --- who can be reached -----------------------------------------------------------------

    def reachable_at(self, person):
        address = self.people[person].address
        return bool(address) and address not in self.refused

    def reach(self, person, day, taken):
        """Return (receiver, represented), or the reason why nobody hears in this place."""
        who = self.people[person]
        if not who.active:
            return "inactive"
        if not who.absent(day):
            return (person, None) if self.reachable_at(person) else "no_address"
        other = self.people.get(who.delegate)
        if other is None or other.id == person or other.id in taken:
            return "absent"
        if not other.active or other.absent(day) or not self.reachable_at(other.id):
            return "absent"
        return other.id, person

    def above(self, owner):
        """Return the chain above, nearest first, and whether it runs into a circle."""
        chain, at = [], self.people[owner].manager
        while at is not None and at != owner and at not in chain:
            chain.append(at)
            at = self.people[at].manager
        return chain, at is not None

    def holders(self, *roles):
        found = []
        for role in roles:
            those = [p for p in self.people.values() if p.active and role in p.roles]
            found += [p.id for p in sorted(those, key=lambda p: p.code)]
        return found

    def whom(self, duty, day):
        """Return (receiver, represented, how often before, passed)."""
        heard = {p for _, *pair in duty.told for p in pair if p is not None}
        operator = sum(receiver is OPERATOR for _, receiver, _ in duty.told)
        chain, circle = self.above(duty.owner)
        passed = []
        for person in chain:
            if person in heard:
                continue
            found = self.reach(person, day, heard | {duty.owner})
            if isinstance(found, tuple):
                return *found, 0, tuple(passed)
            passed.append((person, found))
        top = [] if circle else [p for p in reversed(chain) if p in heard]
        last = [p for p in self.holders("quality_head", "top_management") if p != duty.owner]
        for person in (*top, *last):
            mine = {receiver for _, receiver, absent in duty.told if absent == person}
            found = self.reach(person, day, (heard - mine) | {duty.owner})
            if isinstance(found, tuple):
                return *found, sum(person in told[1:] for told in duty.told), tuple(passed)
        return OPERATOR, None, operator, tuple(passed)

    # --- the ladder -------------------------------------------------------------------------

    def plan(self, duty, nth):
        """Return the stage (None: the reminder) and the instant of the step after nth others."""
        if duty.reminder and nth == 0:
            return None, self.days.opening(self.days.add(duty.due, -duty.reminder))
        stage = nth - 1 if duty.reminder else nth
        steps = STEPS[duty.severity]
        after = (
            steps[stage]
            if stage < len(steps)
            else steps[-1] + (stage - len(steps) + 1) * EVERY[duty.severity]
        )
        return stage, self.days.opening(self.days.add(duty.due, after))

    def begin(self, duty, at):
        """Set the first step of an episode that begins at `at`."""
        today = local(at).date()
        duty.nth = duty.level = 0
        duty.acknowledged, duty.overdue_told, duty.told = -1, False, []
        period = self.days.between(today, local(duty.due).date())
        duty.reminder = max(0, min(REMINDER, period // 2))
        while duty.reminder:
            when = self.days.opening(self.days.add(duty.due, -duty.reminder))
            if local(when).date() > today:  # never before the day after issue
                break
            duty.reminder -= 1
        duty.next_at = self.plan(duty, 0)[1]

    def step(self, duty, at):
        day = local(at).date()
        stage, _ = self.plan(duty, duty.nth)
        if stage is None or stage == 0:
            letter = "reminder" if stage is None else "overdue"
            found = self.reach(duty.owner, day, {duty.owner})
            if isinstance(found, tuple):
                duty.overdue_told |= stage == 0
                self.tell(duty, letter, *found)
        else:
            self.climb(duty, "escalation", day)
        self.steps.append((duty.id, duty.episode, duty.nth, at))
        duty.nth += 1
        duty.next_at = max(self.plan(duty, duty.nth)[1], self.days.morning_after(day))

    def climb(self, duty, letter, day):
        receiver, represented, again, passed = self.whom(duty, day)
        owner = self.reach(duty.owner, day, {duty.owner})
        if isinstance(owner, str) and letter == "escalation":
            passed = ((duty.owner, owner), *passed)
        duty.level += not again
        self.tell(duty, letter, receiver, represented, duty.level, again=again, passed=passed)
        duty.told.append((duty.level, receiver, represented))

    def tell(self, duty, letter, person, stands_for=None, level=None, **more):
        tell = Tell(duty.id, duty.episode, duty.nth, letter, person, stands_for, level, **more)
        self.lines.setdefault(tell.key, tell)

    # --- what happened ----------------------------------------------------------------------

    def issued(self, duty, letter, *, entry=False):
        self.duties[duty.id] = duty
        self.begin(duty, duty.issued_at)
        day = local(duty.issued_at).date()
        found = self.reach(duty.owner, day, {duty.owner})
        if isinstance(found, tuple):
            self.tell(duty, letter, *found)
        if entry:
            self.climb(duty, letter, day)

    def due(self, at):
        return {d.id for d in self.duties.values() if d.open and d.next_at <= at}

    def climbed(self, seen, at):
        """A sweep that saw these as due has committed its steps."""
        for number in sorted(seen & self.due(at)):
            self.step(self.duties[number], at)

    def welcomed(self, at):
        """Whoever is back on a working day hears what was said on his behalf."""
        day = local(at).date()
        if not self.days.working(day):
            return
        for said in [tell for tell in self.lines.values() if tell.stands_for is not None]:
            duty, back = self.duties[said.duty], self.people[said.stands_for]
            here = back.active and not back.absent(day) and self.reachable_at(back.id)
            if here and duty.open and duty.episode == said.episode:
                tell = Tell(
                    said.duty, said.episode, said.nth, "stood_in", back.id, None, said.level
                )
                self.lines.setdefault(tell.key, tell)

    def acknowledged(self, number, person):
        duty = self.duties[number]
        at_level = {
            p for level, *pair in duty.told if level == duty.level for p in pair if p is not None
        }
        told = person in at_level
        if duty.level == 0:
            told = person == duty.owner and duty.overdue_told
        if told and duty.acknowledged < duty.level:
            duty.acknowledged = duty.level
            duty.next_at = self.days.opening(self.days.add(duty.next_at, 1))

    def may_decide(self, number, asker, day):
        """Return who may be asked to decide: the highest told, else level 1, never the asker."""
        duty = self.duties[number]
        barred = {duty.owner, asker}
        barred |= {self.people[p].delegate for p in (duty.owner, asker)}
        told = [p for _, p, _ in sorted(duty.told, key=lambda told: -told[0]) if p is not None]
        told = [p for p in told if self.stands_above(number, asker, p)]
        chain, _ = self.above(duty.owner)
        for person in (*told, *chain, *self.holders("quality_head", "top_management")):
            if person not in barred and isinstance(self.reach(person, day, barred), tuple):
                return person
        return None

    def stands_above(self, number, asker, person):
        """Say whether somebody still leads who owes or asked, or stood in for one who does."""
        duty = self.duties[number]
        above = {*self.above(duty.owner)[0], *self.above(asker)[0]}
        above |= {*self.holders("quality_head", "top_management")}
        stood_in = {absent for _, receiver, absent in duty.told if receiver == person}
        return self.people[person].active and bool(above & {person, *stood_in})

    def begun_with(self, duty):
        """Return the letter with which a duty was announced, or would have been."""
        return next(
            (
                tell.letter
                for tell in self.lines.values()
                if tell.duty == duty.id and tell.level is None and tell.letter in BEGINNINGS
            ),
            BEGINS_WITH.get(duty.kind, "assignment"),
        )

    def missed(self, at, announced):
        """Whoever could not be told in turn hears now, in working hours.

        `announced` are (duty, person) told of an open duty once more, for news about its matter.
        """
        if self.days.opening(at) != at:
            return
        day = local(at).date()
        for duty in [d for d in self.duties.values() if d.open and d.issued_at <= at]:
            self._owner_missed(duty, day, announced)
        for tell in [*self.lines.values()]:
            duty = self.duties[tell.duty]
            now = duty.open and duty.episode == tell.episode
            if now and tell.level is not None and tell.letter != "stood_in":
                self._passed_missed(duty, tell, day)

    def _owner_missed(self, duty, day, announced):
        mine = [t for t in self.lines.values() if t.duty == duty.id]
        heard = {t.person for t in mine if duty.owner in {t.person, t.stands_for}}
        heard |= {p for number, p in announced if number == duty.id and p == duty.owner}
        found = self.reach(duty.owner, day, {duty.owner})
        if not isinstance(found, tuple):
            return
        stand_in = found[1] is not None and found[0] not in heard
        if not heard or stand_in:
            self.tell(duty, self.begun_with(duty), *found)

    def _passed_missed(self, duty, tell, day):
        for person, _ in tell.passed:
            heard = {p for _, *pair in duty.told for p in pair if p is not None}
            if person == duty.owner or person in heard or person not in self.above(duty.owner)[0]:
                continue
            found = self.reach(person, day, heard | {duty.owner})
            if isinstance(found, tuple):
                late = Tell(duty.id, duty.episode, tell.nth, tell.letter, *found, tell.level)
                self.lines.setdefault(late.key, late)
                duty.told.append((tell.level, *found))

    def succeeded(self, number, receiver, *, occasion, at):
        """A decision is another's now: both hear it, if they can."""
        duty = self.duties[number]
        before, letter = duty.owner, self.begun_with(duty)
        duty.owner = receiver
        found = self.reach(receiver, local(at).date(), {receiver})
        if isinstance(found, tuple):
            self.tell(duty, letter, *found, occasion=occasion)
        if self.people[before].active:
            self.tell(duty, "over", before, occasion=occasion)

    def decided(self, number, *, granted, until, asker, occasion, at):
        duty = self.duties[number]
        hear = [asker]
        if granted:
            quality = self.holders("quality_head") or self.holders("quality")
            hear += [duty.owner, *quality, *self.told_at_a_level(duty, duty.episode)]
        for person in dict.fromkeys(hear):
            self.tell(duty, "extension_decided", person, occasion=occasion)
        if granted:
            duty.due = until
            duty.episode += 1
            self.begin(duty, at)
            # At most one step a day, even if the new day is over when it is granted, and even
            # if the clock was set back and a day comes again.
            soon = at + timedelta(days=7)
            taken = [when for one, *_, when in self.steps if one == number and when <= soon]
            last = local(max([at, *taken])).date()
            duty.next_at = max(duty.next_at, self.days.morning_after(last))

    def told_at_a_level(self, duty, episode=None):
        return [
            tell.person
            for tell in self.lines.values()
            if tell.duty == duty.id and tell.level is not None and episode in {None, tell.episode}
        ]

    def handed_over(self, number, receiver, *, occasion):
        """Nothing but the owner changes: whoever was told was told."""
        duty = self.duties[number]
        self.tell(duty, "over", duty.owner, occasion=occasion)
        self.tell(duty, "assignment", receiver, occasion=occasion)
        duty.owner = receiver

    def ended(self, number, by):
        duty = self.duties[number]
        duty.open = False
        hear = self.told_at_a_level(duty)
        if by != duty.owner:
            hear.append(duty.owner)
        for person in dict.fromkeys(hear):
            self.tell(duty, "over", person)
        # What was decided about the whole matter may be told to its owner on this thread.
        news = Tell(duty.id, duty.episode, duty.nth, "over", duty.owner)
        self.optional.add(news.key)

    def judges(self, roles, barred, day):
        """Return who may be given a duty of judgement, or an empty set."""
        held = [[p for p in self.holders(role) if p not in barred] for role in roles]
        for those in held:
            reached = {p for p in those if isinstance(self.reach(p, day, barred), tuple)}
            if reached:
                return reached
        return next((set(those) for those in held if those), set())
