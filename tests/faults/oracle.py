"""What ought to have been told, from the text of the specification and from nothing else.

It imports no rule of the product. It is given what people did and when sweeps were taken, in
the order in which these were committed, and says who hears what. Keys are those of a line.
"""

from collections import Counter
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
    waited: bool = False  # the step was due when the doors were closed
    put_off: bool = False  # by an acknowledgement
    begun: datetime | None = None  # when this episode was granted
    handed_at: int = 0  # the level told when it changed hands
    entered: datetime | None = None  # when it was written down, if it was past due by then
    next_at: datetime | None = None
    told: list = field(default_factory=list)  # (level, receiver, represented), this episode


class Oracle:
    """Follows every duty; `lines` are what must have been promised, `wrong` what surprised it."""

    def __init__(self, days, people, rev=None):
        self.days, self.people = days, people
        self.rev = rev or (lambda _number: 0)  # how often the row was changed, for an occasion
        self.duties: dict[int, Owed] = {}
        self.lines: dict[str, Tell] = {}
        self.optional: set[str] = set()
        self.refused: set[str] = set()  # addresses that a server refused for good
        self.steps: list[tuple[int, int, int, datetime]] = []  # duty, episode, nth, at
        self.met = Counter()  # what became of the rules that seldom speak

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

    def ends_well(self, owner):
        """Whether the line of managers ends at a top who is there."""
        chain, circle = self.above(owner)
        last = self.people[chain[-1] if chain else owner]
        alone = last.manager in (None, last.id)  # a top is often entered as his own manager
        return alone and last.active and "top_management" in last.roles and (not circle or alone)

    def office(self, duty, role, day, heard):
        """Return the first holder who has heard or can be reached."""
        for person in self.holders(role):
            if person == duty.owner:
                continue
            if person in heard or isinstance(self.reach(person, day, heard | {duty.owner}), tuple):
                return person
        return None

    def way_up(self, duty, day, heard):
        """Return everybody whom the steps tell in turn, and how many of them are the chain's."""
        chain, _ = self.above(duty.owner)
        if self.ends_well(duty.owner) and any(
            person in heard and isinstance(self.once_more(duty, person, day, heard), tuple)
            for person in chain
        ):
            return chain
        way = list(chain)
        head = self.office(duty, "quality_head", day, heard)
        if head is not None:
            way += [p for p in (head, *self.above(head)[0]) if p not in {duty.owner, *way}]
        if head is None or not self.ends_well(head):
            top = self.office(duty, "top_management", day, heard)
            way += [top] if top is not None and top not in {duty.owner, *way} else []
        return way

    def once_more(self, duty, person, day, heard):
        mine = {receiver for _, receiver, absent in duty.told if absent == person}
        return self.reach(person, day, (heard - mine) | {duty.owner})

    def whom(self, duty, day):
        """Return (receiver, represented, how often before, passed)."""
        heard = {p for _, *pair in duty.told for p in pair if p is not None}
        operator = sum(receiver is OPERATOR for _, receiver, _ in duty.told)
        way, passed = self.way_up(duty, day, heard), []
        self.met["told: past the end of a chain"] += len(way) > len(self.above(duty.owner)[0])
        for place, person in enumerate(way):
            if person in heard or place < self.lowest(duty, way):
                continue
            found = self.reach(person, day, heard | {duty.owner})
            if isinstance(found, tuple):
                return *found, 0, tuple(passed)
            passed.append((person, found))
        for person in reversed(way):
            found = self.once_more(duty, person, day, heard)
            if person in heard and isinstance(found, tuple):
                return *found, sum(person in told[1:] for told in duty.told), tuple(passed)
        return OPERATOR, None, operator, tuple(passed)

    def lowest(self, duty, way):
        """Return how many on the way are below a level that was told before a hand-over."""
        if not duty.handed_at:
            return 0
        before = {
            p
            for level, *pair in duty.told
            if level <= duty.handed_at
            for p in pair
            if p is not None
        }
        above = [place + 1 for place, person in enumerate(way) if person in before]
        return max([min(duty.handed_at, len(way)) - 1, *above])

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
        duty.nth = duty.level = duty.handed_at = 0
        duty.waited = duty.put_off = False  # an extension ends what was waiting
        duty.acknowledged, duty.overdue_told, duty.told = -1, False, []
        period = self.days.between(today, local(duty.due).date())
        duty.reminder = max(0, min(REMINDER, period // 2))
        while duty.reminder:
            when = self.days.opening(self.days.add(duty.due, -duty.reminder))
            if local(when).date() > today:  # never before the day after issue
                break
            duty.reminder -= 1
        duty.next_at = self.plan(duty, 0)[1]
        if duty.due <= at:  # entered past due: three working days first
            duty.next_at = self.in_working_days(3, at)

    def in_working_days(self, n, at):
        """09:00 of the n-th working day after this one."""
        return self.days.morning_after(local(self.days.add(at, n - 1) if n > 1 else at).date())

    def step(self, duty, at):
        day = local(at).date()
        if duty.nth == 0 and at >= duty.due:
            duty.reminder = 0  # it is overdue: that is what the owner hears
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
        self.met["step: late by days"] += local(duty.next_at).date() < day
        self.met["step: after a hand-over"] += duty.handed_at > 0
        duty.nth += 1
        duty.waited = duty.put_off = False
        duty.next_at = self.after_a_step(duty, at)

    def after_a_step(self, duty, at):
        """The day of the table; or, if that is over, the table's distance from this step."""
        day, planned = local(at).date(), self.plan(duty, duty.nth)[1]
        if local(planned).date() >= day:
            return max(planned, self.days.morning_after(day))
        return self.in_working_days(self.distance(duty), at)

    def distance(self, duty):
        """Working days between the step that comes next and the one before it."""
        stage, steps = self.plan(duty, duty.nth)[0], STEPS[duty.severity]
        if not stage:
            return 1
        return steps[stage] - steps[stage - 1] if stage < len(steps) else EVERY[duty.severity]

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
        """A sweep that saw these as due has committed its steps, or let them wait for the day."""
        opens = self.days.opening(at)
        for number in sorted(seen & self.due(at)):
            duty = self.duties[number]
            first = self.first_of_old(duty, at)
            if max(opens, first) > at:
                duty.next_at = max(opens, first)
                old = duty.entered is not None and duty.nth == 0  # always counted from its entry
                duty.waited = duty.waited or (first <= at and not old)
                self.met["step: waits for an opening"] += 1
            else:
                self.step(duty, at)

    def first_of_old(self, duty, at):
        """What was written down past due is not told before three working days have gone."""
        old = duty.entered is not None and duty.nth == 0 and duty.episode == 1
        return self.in_working_days(3, duty.entered) if old and duty.entered <= at else at

    def days_changed(self, at):
        """Days off or make-up days are others now: open duties follow, each once."""
        for duty in [one for one in self.duties.values() if one.open]:
            was = duty.due
            if was > at and not self.days.working(local(was).date()):
                duty.due = self.days.add(was, 1)
            if duty.next_at > at and not duty.waited:
                duty.next_at = max(self.counted_anew(duty), self.days.opening(at))
            if duty.due != was:
                self.met["calendar: a due date that moved"] += 1
                found = self.reach(duty.owner, local(at).date(), {duty.owner})
                if isinstance(found, tuple):
                    self.tell(duty, "assignment", *found, occasion=self.rev(duty.id))

    def counted_anew(self, duty):
        """When the next step comes by the days of today."""
        taken = [at for one, episode, _, at in self.steps if one == duty.id]
        mine = [
            at for one, episode, _, at in self.steps if (one, episode) == (duty.id, duty.episode)
        ]
        if duty.nth == 0 and duty.episode == 1:
            entered = duty.entered or duty.issued_at
            return (
                self.in_working_days(3, entered) if duty.due <= entered else self.plan(duty, 0)[1]
            )
        if duty.nth == 0:
            last = max([duty.begun, *taken])
            return max(self.plan(duty, 0)[1], self.days.morning_after(local(last).date()))
        found = self.after_a_step(duty, mine[-1])
        return self.days.opening(self.days.add(found, 1)) if duty.put_off else found

    def welcomed(self, at):
        """Whoever is back on a working day hears what was said on his behalf."""
        day = local(at).date()
        if self.days.opening(at) != at:
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
            duty.put_off = True

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
        duty.owner, duty.handed_at = receiver, duty.level  # it changes hands as if given over
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
            first = self.plan(duty, 0)[1]
            duty.next_at = max(first, self.days.morning_after(last))
            duty.begun = at

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
        duty.owner, duty.handed_at = receiver, duty.level

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
