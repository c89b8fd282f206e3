"""People, units and projects as registers (人员、部门与项目台账)."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from models.base import table_of
from models.organisation import Person, Project, Unit
from processes.register.query import Filters, Page, columns, named, page, whose
from processes.register.registers import Found, Register, words
from processes.register.rows import (
    PersonRow,
    ProjectRow,
    UnitRow,
)
from rules.words import Role


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
    query = named(whose(query, person, filters), filters, person.c.code, person.c.name)
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


REGISTERS: Final = {
    "people": Register(
        read=people,
        found=Found(called="People", title="name", page="/duties?state=any&person={}"),
        filters=("state", "person", "kind", "unit"),
        states=("active", "inactive"),
        kinds=words(Role),
        heads=(
            ("code", "Code"),
            ("name", "Name"),
            ("email", "Address"),
            ("manager", "Manager"),
            ("unit", "Unit"),
            ("roles", "Roles"),
            ("active", "Active"),
        ),
    ),
    "units": Register(
        read=units,
        heads=(("code", "Code"), ("name", "Name"), ("parent", "Parent"), ("head", "Head of unit")),
    ),
    "projects": Register(
        read=projects,
        filters=("person", "unit"),
        heads=(
            ("code", "Code"),
            ("name", "Name"),
            ("customer", "Customer"),
            ("manager", "Manager"),
            ("start", "Starts on"),
            ("end", "Ends on"),
        ),
    ),
}
