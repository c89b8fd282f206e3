"""A year of the sample company's PDCA (示例公司的一年), day by day on a virtual clock.

Each morning the wheel is turned, unwitnessed and in this process, and the letters go to the
local sink; in working hours people raise nonconformities and act on what they owe.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from config.current import current
from flows.turning import turn
from models.engine import reading
from models.people import organisation
from processes.duty import answers
from processes.duty import history as duty_history
from processes.duty import registers as duty_registers
from processes.duty.answers import CodeNeeded
from processes.nonconformity import declarations
from processes.nonconformity import raising as nonconformities
from processes.nonconformity import registers as nonconformity_registers
from processes.organisation import registers as organisation_registers
from processes.register.query import Filters
from processes.register.rows import DutyRow, NonconformityRow
from rules.organisation import Organisation
from rules.refusal import Refused
from rules.words import Risk, Severity
from service.demo import audits as demo_audit
from service.demo import checks as demo_checks
from service.demo import company as demo_company
from service.demo import contracts as demo_contracts
from service.demo import indicators as demo_kpi
from service.demo.company import Absence, Finding
from service.demo.people import VIA, Doing, Mailbox, People
from service.demo.troubles import Troubles, When

DAYS: Final = 365
MORNING: Final = time(9)
EVENING: Final = time(17, 45)
A_DAY: Final = 0.27  # nonconformities raised on a working day, audits aside
HIGH_RISK: Final = 0.08
STRAIGHT_UP: Final = 0.04
SEEN: Final = 0.25  # of letters to a level are acknowledged
VOIDED: Final = frozenset({17, 44})  # the how-manieth nonconformity was raised by mistake

# Who is away: from which day of the year, for how long, and who stands in.
ABSENCES: Final = (
    (34, 12, "wang_lei", "feng_tao"),
    (112, 9, "zhou_min", "wu_jing"),
    (190, 15, "sun_lixin", "chen_jing"),
    (238, 10, "shen_lu", "lv_ying"),
    (300, 7, "li_na", "zhao_jianguo"),
    (355, 25, "chen_jing", "zhu_lin"),
)
GAP: Final = "hua_mei"  # her manager has left: nobody stands above her
SLOW: Final = {GAP: 0.6, "cao_yu": 0.4}  # who lets things lie, and how often
HEAD_OF_QUALITY: Final = "li_na"
FINDERS: Final = ("zhou_min", "wu_jing", "zheng_hao")

Deed = Callable[[datetime], Any]


class Year:
    """One virtual year that ends today, at `until`; the same seed is the same year."""

    def __init__(
        self,
        *,
        today: date,
        seed: int,
        language: str,
        home: Path,
        mailbox: Mailbox,
        length: int = DAYS,
        until: datetime | None = None,
        troubles: When | None = None,
    ) -> None:
        self.until = until or on(today, EVENING)
        self.begin, self.length = today - timedelta(days=length), length
        self.home, self.mailbox = home, mailbox
        self.chance = Random(seed)  # noqa: S311 - a sample year, not a secret
        self.words = demo_company.words(language)
        self.people = People(self.chance, self.words, mailbox)
        self.troubles = Troubles(self.begin, home, self.words["handed_over"], troubles)
        self.findings = demo_company.findings(language)
        self.found: dict[str, Finding] = {}  # by the code that was raised
        self.meant: dict[tuple[int, int], datetime] = {}  # by duty and episode
        self.looked: set[tuple[int, int, int]] = set()  # levels that were acknowledged, or not

    def days(self) -> Iterator[date]:
        """Live each day, and yield it when it is over."""
        for number in range(self.length + 1):
            day = self.begin + timedelta(days=number)
            self._live(number, day)
            yield day

    def _live(self, number: int, day: date) -> None:
        morning, evening = on(day, MORNING), min(on(day, EVENING), self.until)
        if morning > self.until:  # what has not happened yet is the clock's to do
            return
        self._take_leave(number, day, morning)
        if day.day == 1:
            demo_checks.plan_month(day, morning)
        demo_contracts.happen(
            self.begin, day, self.home / "run", current().settings.language, morning
        )
        demo_kpi.import_month(day, self.home / "run", self.chance, morning)
        self.troubles.happen(day, morning)
        turn(morning)
        self.troubles.send(self.mailbox, day, morning)
        if current().calendar.is_working(day):
            for at, deed in sorted(self._deeds(day), key=lambda planned: planned[0]):
                if at <= self.until:
                    deed(at)
            self.troubles.hand_over(day, evening)
            self.mailbox.send(evening)

    def _take_leave(self, number: int, day: date, at: datetime) -> None:
        begun = [
            Absence(person=who, first=day, last=day + timedelta(days=length), delegate=stand_in)
            for first, length, who, stand_in in ABSENCES
            if first == number
        ]
        demo_company.take_leave(begun, self.home / "run", at)

    def _deeds(self, day: date) -> Iterator[tuple[datetime, Deed]]:
        """Yield what happens on a working day, and when."""
        with reading() as session:
            known = organisation(session)
        evening = on(day, EVENING)
        if self.chance.random() < A_DAY:
            yield self._hour(day), self._raising(known)
        about = {
            row.code: row
            for row in nonconformity_registers.nonconformities(Filters(), at=evening).rows
        }
        for duty in duty_registers.duties(Filters(state="open"), at=evening).rows:
            matter = about.get(duty.subject)
            if self._means_to(duty) <= evening:
                yield self._hour(day), self._acting(known, duty, matter)
            elif duty.level and self._looks(duty):
                yield self._hour(day), self._seeing(duty)

    # --- raising ---------------------------------------------------------------------

    def _raising(self, known: Organisation) -> Deed:
        fitting = [f for f in self.findings if f.source != "internal_audit"]
        finding = self.chance.choice(fitting)
        project, owner = self._whose(known)
        severity = Severity(self.chance.choice(finding.severities))
        risk = Risk.HIGH if self.chance.random() < HIGH_RISK else Risk.NORMAL
        finder = self.chance.choice(FINDERS)
        aside = self.chance.random() < STRAIGHT_UP

        def raise_(at: datetime) -> None:
            code = nonconformities.raise_(
                title=finding.text["title"],
                description=finding.text["description"],
                owner_code=owner,
                raised_by=finder,
                at=at,
                source=finding.source,
                clause=finding.clause,
                project=project,
                potential=finding.potential,
                severity=severity,
                risk=risk,
                actor=f"person:{_id(known, finder)}",
            )
            self.found[code] = finding
            if len(self.found) in VOIDED:
                self._void(known, code, at + timedelta(hours=1))
            elif aside and risk is not Risk.HIGH:
                self._straight_up(known, owner, code, at + timedelta(hours=1))

        return raise_

    def _whose(self, known: Organisation) -> tuple[str | None, str]:
        """Return the project and who owns it there; the person above whom there is a gap too."""
        draw = self.chance.random()
        if draw < 0.05:  # noqa: PLR2004 - a few
            return None, GAP
        if draw < 0.12:  # noqa: PLR2004 - and some at the desk
            return None, self.chance.choice(["chu_yan", "jin_li", "tao_ran"])
        project = self.chance.choice(
            organisation_registers.projects(Filters(), at=on(self.begin, MORNING)).rows
        )
        assert project.manager is not None
        manager = _id(known, project.manager)
        team = [p.code for p in known.posts.values() if p.manager_id == manager and p.active]
        return project.code, self.chance.choice([project.manager, *team, *team])

    def _void(self, known: Organisation, code: str, at: datetime) -> None:
        head = _id(known, HEAD_OF_QUALITY)
        reason, later = self.words["void"], at + timedelta(minutes=3)
        try:
            declarations.void(code, person_id=head, reason=reason, at=at, via=VIA)
        except CodeNeeded:
            signed = self.mailbox.code(head, at)
            declarations.void(
                code, person_id=head, reason=reason, at=later, via=VIA, signature=signed
            )

    def _straight_up(self, known: Organisation, owner: str, code: str, at: datetime) -> None:
        reason = self.words["straight_up"]
        declarations.straight_up(code, person_id=_id(known, owner), reason=reason, at=at, via=VIA)

    # --- acting ----------------------------------------------------------------------

    def _means_to(self, duty: DutyRow) -> datetime:
        """Return when its owner means to act on it; drawn once an episode."""
        meant = self.meant.get((duty.id, duty.episode))
        if meant is None:
            meant = self.people.when(duty)
            if self.chance.random() < SLOW.get(duty.owner, 0):
                meant = current().calendar.add(duty.due_at, self.chance.randint(18, 60))
            self.meant[duty.id, duty.episode] = meant
        return meant

    def _acting(self, known: Organisation, duty: DutyRow, matter: NonconformityRow | None) -> Deed:
        def act(at: datetime) -> None:
            person = self._present(known, duty, at)
            if person is None:
                again: datetime | None = current().calendar.add(at, 1)
            else:
                again = self.people.act(self._doing(duty, person, matter, at))
            if again is not None:
                self.meant[duty.id, duty.episode] = again

        return act

    def _doing(
        self, duty: DutyRow, person: int, matter: NonconformityRow | None, at: datetime
    ) -> Doing:
        return Doing(
            duty=duty,
            person_id=person,
            at=max(at, duty.issued_at),
            finding=self._finding(duty, matter),
            due_on=current().calendar.day(matter.due_at if matter else duty.due_at),
            state=matter.state if matter else "",
            rounds=matter.rounds if matter else 1,
        )

    def _finding(self, duty: DutyRow, matter: NonconformityRow | None) -> Finding:
        """Return what is known about the matter; of a missed indicator its owner says himself."""
        if matter is not None and matter.source == "kpi_miss" and duty.subject not in self.found:
            language = current().settings.language
            self.found[duty.subject] = demo_kpi.finding(language, self.chance)
        return (
            self.found.get(duty.subject)
            or demo_audit.finding_of(duty.title, self.findings)
            or self.findings[0]
        )

    def _present(self, known: Organisation, duty: DutyRow, at: datetime) -> int | None:
        """Return who can act on it today: the owner, or who stands in while he is away."""
        owner, day = _id(known, duty.owner), current().calendar.day(at)
        if not known.posts[owner].active:
            return None
        if not known.posts[owner].absent(day):
            return owner
        return known.delegate(owner, day, barred=frozenset({owner}))

    def _looks(self, duty: DutyRow) -> bool:
        """Whether the one told last says 已知悉: drawn once a level."""
        key = (duty.id, duty.episode, duty.level)
        if key in self.looked:
            return False
        self.looked.add(key)
        return self.chance.random() < SEEN

    def _seeing(self, duty: DutyRow) -> Deed:
        def see(at: datetime) -> None:
            told = [
                one for one in duty_history.of_duty(duty.id, at=at).told if one.level and one.person
            ]
            person = told[-1].person if told else None
            if person is not None:
                try:
                    answers.acknowledge(duty.id, person_id=person.id, at=at, via=VIA)
                except Refused:
                    return  # it was answered an hour ago

        return see

    def _hour(self, day: date) -> datetime:
        minutes = self.chance.randint(10, 500)
        return on(day, MORNING) + timedelta(minutes=minutes)


def on(day: date, clock: time) -> datetime:
    """Return an instant of the site's day."""
    return datetime.combine(day, clock, current().settings.zone).astimezone(UTC)


def _id(known: Organisation, code: str) -> int:
    return next(post.id for post in known.posts.values() if post.code == code)
