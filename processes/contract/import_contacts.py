"""Customers' contacts from a file (导入客户联系人): who speaks for which contract.

Names and addresses of people go into their own rows alone, never into the trail. What was
erased does not come back with an old file.
"""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, select

from models.contract import Contact, Contract, ContractContact, Customer
from processes.contract import links
from processes.imports import cells, upsert, whole
from processes.imports.cells import Column
from processes.imports.problems import Problem
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.contract import Basis

COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("customer", cells.code()),
    Column("contracts", links.codes),
    Column("email", cells.address),
    Column("phone", cells.line(64)),
    Column("title", cells.line(120)),
    Column("language", cells.line(8)),
    Column("basis", cells.one_of(Basis), default=Basis.CONTRACT.value),
    Column("active", cells.truth, default=True),
    Column("left_on", cells.day),
)
DEFAULTS: Final[Values] = {**{column.name: column.default for column in COLUMNS}, "contracts": []}
OWN: Final = tuple(
    column.name for column in COLUMNS if column.name not in {"code", "customer", "contracts"}
)
PRIVATE: Final = frozenset({"name", "email", "phone", "title"})


def _judge(session: Session, file: Incoming) -> Difference:
    contracts = whole.code_of(session, Contract)
    known = _known(session, contracts)
    file.refuse_bare(known, {"name"})
    file.refuse_unknown("customer", upsert.codes(session, Customer), "customer")
    file.refuse_unknown("contracts", set(contracts.values()), "contract")
    for _, values in file.rows.values():
        if "contracts" in values:
            values["contracts"] = values["contracts"] or []
    _refuse_erased(session, file)
    found = upsert.compare(file.rows, known, DEFAULTS)
    found.notes.extend(_notes(file, found.merged(known)))
    return found


def _known(session: Session, contracts: Mapping[int, str]) -> dict[str, Values]:
    customers = whole.code_of(session, Customer)
    linked = links.of(session, ContractContact, "contact_id", "contract_id")
    return {
        row.code: {
            "code": row.code,
            "customer": customers.get(row.customer_id or 0),
            "contracts": links.named(linked, row.id or 0, contracts),
            **{name: getattr(row, name) for name in OWN},
            "basis": row.basis.value,
        }
        for row in session.exec(select(Contact).order_by(col(Contact.code)))
    }


def _refuse_erased(session: Session, file: Incoming) -> None:
    query = select(Contact.code).where(col(Contact.erased_at).is_not(None))
    for code in set(session.exec(query)) & file.rows.keys():
        wrong = "the data of this contact were erased as asked: take the row out of the file"
        file.problems.say(wrong, row=file.rows[code][0], column="code")


def _notes(file: Incoming, merged: Mapping[str, Values]) -> list[Problem]:
    """Name a contact of two contracts, and one address that two contacts have."""
    notes, first = [], dict[str, str]()
    for code, values in merged.items():
        email = (values["email"] or "").lower()
        other = first.setdefault(email, code) if email else code
        row = file.rows.get(code) or file.rows.get(other)
        if other != code and row is not None:
            said = "{other} has the same address: one person counted twice?"
            notes.append(_note(file, row[0], "email", said, other=other))
        if code in file.rows and len(values["contracts"]) > 1:
            said = "speaks for {n} contracts ({contracts}): asked and counted once for all of them"
            named = ", ".join(values["contracts"])
            n = len(values["contracts"])
            notes.append(_note(file, file.rows[code][0], "contracts", said, n=n, contracts=named))
    return notes


def _note(file: Incoming, row: int, column: str, sentence: str, **facts: object) -> Problem:
    return Problem(file=file.problems.file, row=row, column=column, sentence=sentence, facts=facts)


def _write(session: Session, file: Incoming, found: Difference) -> None:
    customers = upsert.codes(session, Customer)
    whole.write(
        session,
        Contact,
        file,
        found,
        columns=lambda _, values: {
            **{name: values[name] for name in OWN},
            "customer_id": customers.get(values["customer"] or ""),
        },
        private=PRIVATE,
    )
    contacts, contracts = upsert.codes(session, Contact), upsert.codes(session, Contract)
    wanted = {
        contacts[code]: [contracts[one] for one in values["contracts"]]
        for code, values in found.written().items()
    }
    links.write(
        session,
        ContractContact,
        "contact_id",
        "contract_id",
        wanted,
        at=file.at,
        actor=file.actor,
    )


take: Final = Import(
    kind="contacts", columns=COLUMNS, model=Contact, judge=_judge, write=_write
).take

IMPORTS: Final = {"contacts": Importable(take=take, columns=names(COLUMNS))}
