"""Who works here and who leads whom (组织): units, people, projects.

A person's `manager_id` is the management chain that escalation climbs. It may be empty (the
top, or a gap in what was imported) and may run in a circle: both are imported, named in the
import's report, and handled by `rules/organisation.py`.
"""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row


class Unit(Row, table=True):
    """An organisational unit (部门); `head_id` leads it."""

    __tablename__ = "unit"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=160, unique=True)  # real ones spell out the whole path
    name: str = Field(max_length=200)
    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    head_code: str | None = Field(default=None, max_length=64)


class Person(Row, table=True):
    """A person who owes, leads, verifies or is told (人员).

    `absent_from` and `absent_until` are local dates of the site, both included.
    """

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=254, index=True)
    manager_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    manager_code: str | None = Field(default=None, max_length=64)  # as imported, even if unknown
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    roles: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    language: str | None = Field(default=None, max_length=8)  # None: the site's language
    active: bool = True
    absent_from: date | None = None
    absent_until: date | None = None
    delegate_id: int | None = Field(default=None, foreign_key="person.id")


class Project(Row, table=True):
    """A service project under contract (运维项目)."""

    __tablename__ = "project"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    customer: str | None = Field(default=None, max_length=200)
    customer_email: str | None = Field(default=None, max_length=254)
    manager_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    start: date | None = None
    end: date | None = None
    contract: str | None = Field(default=None, max_length=200)
