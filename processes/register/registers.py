"""Registers (台账): what is owed, raised, written and alarming, filtered and page by page.

`pdca list` and the pages show the same rows. A row holds codes and instants; names stand
beside codes where a person reads them. One function a register; none of them writes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from models.base import table_of
from models.duty import Duty, Line
from models.nonconformity import Nonconformity
from models.notice import Notice, NoticeState
from models.organisation import Person, Project, Unit
from models.record import Alarm
from notifications.returned import Sort
from processes.audit import registers as registers_audit
from processes.check import registers as registers_check
from processes.kpi import registers as registers_kpi
from processes.mail import registers as registers_mail
from processes.plan import registers as registers_plan
from processes.register.query import Filters, Page, columns, named, page, same, since, whose
from processes.register.rows import (
    AlarmRow,
    DutyRow,
    NonconformityRow,
    NoticeRow,
    PersonRow,
    ProjectRow,
    UnitRow,
)
from rules.check import CheckKind, CheckState
from rules.nonconformity import ENDED, State
from rules.words import DutyKind, DutyState, LetterKind, Role, Severity


def duties(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[DutyRow]:
    """Return what is owed, the earliest due first."""
    duty, owner, by = table_of(Duty), table_of(Person), table_of(Person).alias("by")
    query = (
        sa.select(
            *columns(duty, DutyRow),
            owner.c.code.label("owner"),
            owner.c.name.label("owner_name"),
            by.c.code.label("ended_by"),
        )
        .join(owner, owner.c.id == duty.c.owner_id)
        .outerjoin(by, by.c.id == duty.c.ended_by_id)
        .order_by(duty.c.due_at, duty.c.id)
    )
    query = same(query, duty, filters, "state", "severity", "project", "kind", "subject")
    query = whose(query, owner, filters)
    query = named(query, filters, duty.c.subject, duty.c.title)
    if filters.ids is not None:
        query = query.where(duty.c.id.in_(filters.ids))
    if filters.overdue:
        query = query.where(duty.c.state == DutyState.OPEN, duty.c.due_at < at)
    query = since(query, duty.c.issued_at, filters)
    return page(query, _duty_row, limit, offset)


def _duty_row(row: dict[str, Any]) -> DutyRow:
    over = row["state"] != DutyState.OPEN
    return DutyRow(**{**row, "next_at": None if over else row["next_at"]})


def nonconformities(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[NonconformityRow]:
    """Return the register of nonconformities, the newest first."""
    found, owner = table_of(Nonconformity), table_of(Person)
    by = owner.alias("by")
    query = (
        sa.select(
            *columns(found, NonconformityRow),
            owner.c.code.label("owner"),
            owner.c.name.label("owner_name"),
            by.c.code.label("raised_by"),
            _over_its_duties(sa.func.max, "level", found),
            _over_its_duties(sa.func.sum, "extensions", found),
        )
        .join(owner, owner.c.id == found.c.owner_id)
        .outerjoin(by, by.c.id == found.c.raised_by_id)
        .order_by(found.c.raised_at.desc(), found.c.id.desc())
    )
    query = same(query, found, filters, "state", "severity", "project", "source", "unit")
    query = whose(query, owner, filters, found.c.raised_by_id)
    query = named(query, filters, found.c.code, found.c.title)
    if filters.subject:
        query = query.where(found.c.code == filters.subject)
    if filters.overdue:
        query = query.where(found.c.state.not_in(ENDED), found.c.due_at < at)
    query = since(query, found.c.raised_at, filters)
    return page(query, lambda row: NonconformityRow(**row), limit, offset)


def _over_its_duties(judged: Any, name: str, found: sa.FromClause) -> sa.ColumnElement[int]:
    """Return the highest level, or all extensions, of the duties about each nonconformity.

    Asked row by row through the index: a page of fifty does not read a million duties.
    """
    duty = table_of(Duty)
    about = (duty.c.subject_kind == "nonconformity") & (duty.c.subject == found.c.code)
    return sa.func.coalesce(
        sa.select(judged(duty.c[name])).where(about).correlate(found).scalar_subquery(), 0
    ).label(name)


def notices(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[NoticeRow]:
    """Return every line of the outbox, in the order in which they were written."""
    del at
    line, notice, duty = table_of(Line), table_of(Notice), table_of(Duty)
    person, absent = table_of(Person), table_of(Person).alias("absent")
    dropped = line.c.dropped_at.is_not(None)  # what ended before anything was sent is told no more
    state = sa.case(
        (dropped, NoticeState.CANCELLED.value),
        else_=sa.func.coalesce(notice.c.state, NoticeState.PENDING.value),
    )
    query = (
        sa.select(
            line.c.key,
            line.c.letter,
            line.c.level,
            line.c.duty_id.label("duty"),
            line.c.created_at,
            duty.c.subject,
            person.c.code.label("person"),
            person.c.name.label("person_name"),
            absent.c.code.label("on_behalf_of"),
            sa.func.coalesce(notice.c.address, person.c.email).label("address"),
            state.label("state"),
            sa.case((~dropped, notice.c.sent_at)).label("sent_at"),
            notice.c.message_id,
        )
        .outerjoin(notice, notice.c.id == line.c.notice_id)
        .outerjoin(duty, duty.c.id == line.c.duty_id)
        .outerjoin(person, person.c.id == line.c.person_id)
        .outerjoin(absent, absent.c.id == line.c.on_behalf_of_id)
        .order_by(line.c.id)
    )
    query = whose(query, person, filters)
    if filters.state:
        query = query.where(state == filters.state)
    if filters.kind:
        query = query.where(line.c.letter == filters.kind)
    if filters.subject:
        query = query.where(duty.c.subject == filters.subject)
    query = since(query, line.c.created_at, filters)
    return page(query, lambda row: NoticeRow(**row), limit, offset)


def alarms(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[AlarmRow]:
    """Return the alarms, those still on first; state is `open` or `cleared`."""
    del at
    alarm = table_of(Alarm)
    query = sa.select(*columns(alarm, AlarmRow)).order_by(
        alarm.c.cleared_at.is_not(None), alarm.c.first_at, alarm.c.id
    )
    query = same(query, alarm, filters, "kind")
    if filters.state:
        ended = alarm.c.cleared_at.is_not(None)
        query = query.where(ended if filters.state == "cleared" else ~ended)
    return page(since(query, alarm.c.first_at, filters), lambda r: AlarmRow(**r), limit, offset)


def people(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[PersonRow]:
    """Return the people by code; state is `active` or `inactive`, kind a role."""
    del at
    person, unit = table_of(Person), table_of(Unit)
    stand_in = person.alias("stand_in")
    query = (
        sa.select(
            *columns(person, PersonRow, but=["unit"]),
            person.c.manager_code.label("manager"),
            unit.c.code.label("unit"),
            stand_in.c.code.label("delegate"),
        )
        .outerjoin(unit, unit.c.id == person.c.unit_id)
        .outerjoin(stand_in, stand_in.c.id == person.c.delegate_id)
        .order_by(person.c.code)
    )
    query = whose(query, person, filters)
    if filters.unit:
        query = query.where(unit.c.code == filters.unit)
    if filters.state:
        query = query.where(person.c.active == (filters.state == "active"))
    if filters.kind:  # a JSON list: the same word on both databases
        query = query.where(sa.cast(person.c.roles, sa.Text).like(f'%"{filters.kind}"%'))
    return page(query, lambda row: PersonRow(**row), limit, offset)


def units(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[UnitRow]:
    """Return the units by code."""
    del at, filters
    unit = table_of(Unit)
    above = unit.alias("above")
    query = (
        sa.select(
            unit.c.code,
            unit.c.name,
            above.c.code.label("parent"),
            unit.c.head_code.label("head"),
        )
        .outerjoin(above, above.c.id == unit.c.parent_id)
        .order_by(unit.c.code)
    )
    return page(query, lambda row: UnitRow(**row), limit, offset)


def projects(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ProjectRow]:
    """Return the projects by code; `person` manages them."""
    del at
    project, person, unit = table_of(Project), table_of(Person), table_of(Unit)
    query = (
        sa.select(
            *columns(project, ProjectRow, but=["unit"]),
            person.c.code.label("manager"),
            unit.c.code.label("unit"),
        )
        .outerjoin(person, person.c.id == project.c.manager_id)
        .outerjoin(unit, unit.c.id == project.c.unit_id)
        .order_by(project.c.code)
    )
    query = whose(query, person, filters)
    if filters.unit:
        query = query.where(unit.c.code == filters.unit)
    return page(query, lambda row: ProjectRow(**row), limit, offset)


@dataclass(frozen=True, slots=True)
class Register:
    """A register that can be listed: how it is read, which filters it knows and their words."""

    read: Callable[..., Page[Any]]
    filters: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def words(self, name: str) -> tuple[str, ...]:
        """Return the words a filter may have; empty if any."""
        severities = tuple(word.value for word in Severity)
        return {"state": self.states, "kind": self.kinds, "severity": severities}.get(name, ())


def _words(enum: Any) -> tuple[str, ...]:
    return tuple(str(word.value) for word in enum)


OWED: Final = ("state", "severity", "project", "person", "subject", "overdue", "since")

REGISTERS: Final[dict[str, Register]] = {
    "duties": Register(duties, (*OWED, "kind"), _words(DutyState), _words(DutyKind)),
    "nonconformities": Register(nonconformities, (*OWED, "source", "unit"), _words(State)),
    "notices": Register(
        notices,
        ("state", "person", "kind", "subject", "since"),
        _words(NoticeState),
        _words(LetterKind),
    ),
    "alarms": Register(alarms, ("state", "kind", "since"), ("open", "cleared")),
    "people": Register(
        people, ("state", "person", "kind", "unit"), ("active", "inactive"), _words(Role)
    ),
    "units": Register(units),
    "projects": Register(projects, ("person", "unit")),
    "kpis": Register(
        registers_kpi.kpis,
        ("state", "person", "kind", "subject"),
        ("active", "inactive"),
        registers_kpi.FREQUENCIES,
    ),
    "measurements": Register(
        registers_kpi.measured,
        ("state", "person", "kind", "subject", "project", "source", "since"),
        registers_kpi.JUDGEMENTS,
    ),
    "checks": Register(
        registers_check.checks,
        ("state", "project", "person", "kind", "subject", "unit", "overdue", "since"),
        _words(CheckState),
        _words(CheckKind),
    ),
    "returned": Register(registers_mail.returned, ("person", "kind", "since"), (), _words(Sort)),
    "suppressions": Register(registers_mail.suppressions, ("person", "since")),
    "audits": Register(
        registers_audit.audits,
        ("state", "person", "kind", "subject", "unit", "since"),
        registers_audit.STATES,
        ("unit", "process"),
    ),
    "auditors": Register(registers_audit.auditors, ("person", "unit")),
    "plan": Register(registers_plan.plans, ("state", "subject"), registers_plan.PLAN_STATES),
    "activities": Register(
        registers_plan.activities,
        ("state", "project", "person", "kind", "subject", "unit", "overdue", "since"),
        registers_plan.STATES,
    ),
}
