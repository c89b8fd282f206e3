"""Customers from a file (导入客户): who they are, and who answers for the relation."""

from typing import Final

from sqlmodel import Session, col, select

from models.contract import Customer
from models.organisation import Person
from processes.imports import cells, upsert, whole
from processes.imports.cells import Column
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values

COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("manager", cells.code()),
    Column("address", cells.line(300), default=""),
    Column("active", cells.truth, default=True),
)
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}


def _judge(session: Session, file: Incoming) -> Difference:
    person = whole.code_of(session, Person)
    known = {
        row.code: {
            "code": row.code,
            "name": row.name,
            "manager": person.get(row.manager_id or 0),
            "address": row.address,
            "active": row.active,
        }
        for row in session.exec(select(Customer).order_by(col(Customer.code)))
    }
    file.refuse_bare(known, {"name"})
    file.refuse_unknown("manager", set(person.values()), "person")
    return upsert.compare(file.rows, known, DEFAULTS)


def _write(session: Session, file: Incoming, found: Difference) -> None:
    people = upsert.codes(session, Person)
    whole.write(
        session,
        Customer,
        file,
        found,
        columns=lambda _, values: {
            **{name: values[name] for name in ("name", "address", "active")},
            "manager_id": people.get(values["manager"] or ""),
        },
    )


take: Final = Import(
    kind="customers", columns=COLUMNS, model=Customer, judge=_judge, write=_write
).take

IMPORTS: Final = {"customers": Importable(take=take, columns=names(COLUMNS))}
