"""What independence is judged by (独立性判定依据): read from rows once, handed on as values.

A unit's area comprises the units below it that are no areas themselves. A nonconformity lies in
a unit by its own unit, its project's, or its owner's; in a process by its clause. Where somebody
was before is known from what was imported about auditors and from the trail (`audit_past`). Who
manages an area is asked anew (`audit_owners`), beside whom the area still names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from sqlmodel import Session, col, select

from config.audit import AuditPolicy, audit_policy
from config.current import current
from models import people
from models.audit import Audit, AuditArea, Auditor, AuditorUnit, Work
from models.duty import Duty
from models.nonconformity import Nonconformity, Round
from models.organisation import Project, Unit
from processes.audit import past as audit_past
from processes.audit.owners import owners
from rules.audit import Asked, Candidate, Did, Scope, Stay, months_before
from rules.organisation import Organisation
from rules.words import DutyKind, DutyState


def policy() -> AuditPolicy:
    """Return the documented procedure of this home."""
    return audit_policy(current().settings.home)


def prepared_until(at: datetime) -> date:
    """Return the last day of which an audit is being prepared at this instant."""
    calendar = current().calendar
    return calendar.day(calendar.add(at, policy().periods.prepare_working_days + AHEAD))


AHEAD: Final = 5  # working days before it is prepared that an audit is judged by every reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A nonconformity as an area sees it: whose hands are in its action, who has to verify it."""

    code: str
    units: frozenset[int]
    clause: str | None
    hands: frozenset[int]
    last: date  # of the corrective action; of being raised while there is none
    is_open: bool
    severity: str
    source: str
    source_record: str | None
    recurs: bool
    raised: date
    verifiers: frozenset[int] = frozenset()


@dataclass
class Ground:
    """Everything independence is judged by, read once a transaction."""

    session: Session
    at: datetime
    _scopes: dict[tuple[int, date, str], Scope] = field(default_factory=dict)
    _matters_in: dict[int, list[Matter]] = field(default_factory=dict)  # by area

    def asked(
        self,
        area: AuditArea,
        person: int,
        *,
        on: date,
        audit: str = "",
        clauses: Iterable[str] = (),
    ) -> Asked:
        """Return the question whether somebody may audit an area on a day."""
        on = max(on, current().calendar.day(self.at))
        since = months_before(on, self._cooling)
        assert area.id is not None
        key = (area.id, since, audit)
        scope = self._scopes.get(key)
        if scope is None:
            scope = self._scopes[key] = self.scope(area, since=since, audit=audit)
        wanted = tuple(clauses) or tuple(area.clauses)
        if wanted != scope.clauses:
            scope = replace(scope, clauses=wanted)
        return Asked(
            candidate=self.candidate(person),
            scope=scope,
            organisation=self.organisation,
            on=on,
            since=since,
        )

    def candidate(self, person: int) -> Candidate:
        """Return what is known of somebody as an auditor."""
        row = self.auditors.get(person)
        stays, did = self.stays.get(person, ()), self.works.get(person, ())
        if row is None:
            return Candidate(person=person, named=False, stays=tuple(stays), did=tuple(did))
        return Candidate(
            person=person,
            lead=row.lead,
            competence=tuple(row.competence),
            valid_until=row.valid_until,
            stays=tuple(stays),
            did=tuple(did),
        )

    def scope(self, area: AuditArea, *, since: date, audit: str = "") -> Scope:
        """Return what an area comprises, as independence sees it."""
        units = self.below(area.unit_id)
        gone = {one.project for one in self._left if one.unit in units and one.day >= since}
        projects = {
            p.code: p.manager_id for p in self.projects if p.unit_id in units or p.id in gone
        }
        heads = (area.owner_id, self._owners.get(area.code))
        matters = self.matters_of(area)
        return Scope(
            area=area.code,
            name=area.name,
            units=units,
            auditees=frozenset(head for head in heads if head is not None),
            codes=frozenset({area.code, *(self.units[u].code for u in units)}),
            projects=frozenset(projects),
            project_managers=frozenset((c, m) for c, m in projects.items() if m is not None),
            actions=frozenset(
                (m.code, hand) for m in matters if m.is_open or m.last >= since for hand in m.hands
            ),
            verifications=frozenset(
                (m.code, who) for m in matters if m.source_record != audit for who in m.verifiers
            ),
            clauses=tuple(area.clauses),
        )

    def matters_of(self, area: AuditArea) -> list[Matter]:
        """Return the nonconformities that lie in an area."""
        assert area.id is not None
        found = self._matters_in.get(area.id)
        if found is None:
            found = self._matters_in[area.id] = self._lying_in(area)
        return found

    def _lying_in(self, area: AuditArea) -> list[Matter]:
        if area.kind == "process":
            own = {number for c in area.clauses for number in (c, c.partition(":")[2])}
            return [m for m in self.matters if m.clause in own]
        units = self.below(area.unit_id)
        return [m for m in self.matters if m.units & units]

    def below(self, unit: int | None) -> frozenset[int]:
        """Return a unit with the units below it that are no areas of their own."""
        if unit is None:
            return frozenset()
        found, waiting = {unit}, [unit]
        while waiting:
            below = self._children[waiting.pop()]
            new = [u for u in below if u not in found and u not in self._own_areas]
            found.update(new)
            waiting += new
        return frozenset(found)

    @cached_property
    def prepared_until(self) -> date:
        return prepared_until(self.at)

    @cached_property
    def _cooling(self) -> int:
        return policy().periods.cooling_months

    @cached_property
    def areas(self) -> dict[int, AuditArea]:
        return {a.id: a for a in self.session.exec(select(AuditArea)).all() if a.id is not None}

    @cached_property
    def _own_areas(self) -> frozenset[int]:
        units = (a.unit_id for a in self.areas.values() if a.kind == "unit" and a.active)
        return frozenset(unit for unit in units if unit is not None)

    @property
    def organisation(self) -> Organisation:
        return people.organisation(self.session)

    @cached_property
    def units(self) -> dict[int, Unit]:
        return {u.id: u for u in self.session.exec(select(Unit)).all() if u.id is not None}

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for number, unit in self.units.items():
            if unit.parent_id is not None:
                found[unit.parent_id].append(number)
        return found

    @cached_property
    def projects(self) -> Sequence[Project]:
        return self.session.exec(select(Project)).all()

    @cached_property
    def auditors(self) -> dict[int, Auditor]:
        return {row.person_id: row for row in self.session.exec(select(Auditor)).all()}

    @cached_property
    def works(self) -> dict[int, list[Did]]:
        found: dict[int, list[Did]] = defaultdict(list)
        for row in self.session.exec(select(Work)).all():
            found[row.person_id].append(
                Did(
                    what=row.what,
                    area=row.area,
                    project=row.project,
                    begins=row.begins_on,
                    ends=row.ends_on,
                )
            )
        for person, did in self._done():
            found[person].append(did)
        return found

    def _done(self) -> Iterator[tuple[int, Did]]:
        codes = {p.id: p.code for p in self.projects if p.id is not None}
        yield from audit_past.projects(self.session, codes)
        yield from audit_past.managed(self.session)

    @cached_property
    def _owners(self) -> dict[str, int | None]:
        return owners(self.session)

    @cached_property
    def _left(self) -> list[audit_past.Left]:
        return list(audit_past.moved(self.session))

    @cached_property
    def stays(self) -> dict[int, list[Stay]]:
        found: dict[int, list[Stay]] = defaultdict(list)
        for row in self.session.exec(select(AuditorUnit)).all():
            stay = Stay(unit=row.unit_id, begins=row.begins_on, ends=row.ends_on)
            found[row.person_id].append(stay)
        for person, stay in audit_past.stays(self.session):
            found[person].append(stay)
        return found

    @cached_property
    def matters(self) -> list[Matter]:
        units = {unit.code: number for number, unit in self.units.items()}
        projects = {project.code: project.unit_id for project in self.projects}
        hands, verifiers = self._hands(), self._verifiers()
        posts, day = self.organisation.posts, current().calendar.day
        found = []
        for nc in self.session.exec(select(Nonconformity)).all():
            assert nc.id is not None
            where = {units.get(nc.unit or ""), projects.get(nc.project or "")}
            if nc.unit is None and nc.project is None:
                where.add(posts[nc.owner_id].unit_id)
            own, last = hands.get(nc.id, (frozenset[int](), None))
            found.append(
                Matter(
                    code=nc.code,
                    units=frozenset(unit for unit in where if unit is not None),
                    clause=nc.clause,
                    hands=own | {nc.owner_id},
                    last=day(last or nc.closed_at or nc.raised_at),
                    is_open=nc.closed_at is None,
                    severity=str(nc.severity),
                    source=nc.source,
                    source_record=nc.source_record,
                    recurs=nc.recurs_from is not None,
                    raised=day(nc.raised_at),
                    verifiers=verifiers.get(nc.code, frozenset()),
                )
            )
        return found

    def _hands(self) -> dict[int, tuple[frozenset[int], datetime | None]]:
        """Return, by nonconformity, whoever planned or did its actions, and when last."""
        found: dict[int, tuple[frozenset[int], datetime | None]] = {}
        for row in self.session.exec(select(Round).order_by(col(Round.number))).all():
            own, last = found.get(row.nonconformity_id, (frozenset[int](), None))
            own |= {*row.planned_hands, *row.done_hands}
            found[row.nonconformity_id] = (own, row.done_at or last)
        return found

    def _verifiers(self) -> dict[str, frozenset[int]]:
        """Return, by nonconformity, who still has to verify it."""
        found: dict[str, frozenset[int]] = defaultdict(frozenset)
        rows: Any = self.session.execute(
            select(col(Duty.subject), col(Duty.owner_id)).where(
                col(Duty.state) == DutyState.OPEN,
                col(Duty.kind).in_([DutyKind.VERIFY, DutyKind.VERIFY_EFFECT]),
            )
        )
        for subject, owner in rows:
            found[subject] |= {owner}
        return found


def day_of(audit: Audit) -> date:
    """Return the day on which an audit is or was planned."""
    return current().calendar.day(audit.opens_at) if audit.opens_at else audit.planned_on
