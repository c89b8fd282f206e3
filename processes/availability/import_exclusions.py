"""Exclusions from a file (导入例外): what is taken out, why, and who agreed to it.

What nobody has agreed to is taken and named: it takes nothing out until somebody has.
"""

from datetime import time
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models.availability import ExclusionWindow
from models.contract import Contract, Service
from processes.availability.import_outages import refuse_backwards
from processes.imports import cells, upsert, whole
from processes.imports.cells import Column
from processes.imports.problems import Problem
from processes.imports.table import Importable
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.availability import Exclusion

OWN: Final = ("starts_at", "ends_at", "announced_at", "agreed_by", "evidence", "note")
HEADS: Final = ("code", "contract", "service", "kind", *OWN)
DEFAULTS: Final[Values] = {**dict.fromkeys(HEADS), "agreed_by": "", "evidence": "", "note": ""}
NOBODY: Final = "nobody has agreed to it: it takes nothing out until `agreed_by` names somebody"


def columns() -> tuple[Column, ...]:
    """Return the columns, their instants read in the site's zone unless they say another."""
    when = cells.instant(current().settings.zone, of_day=time())
    return (
        Column("code", cells.code(), needed=True),
        Column("contract", cells.code(), needed=True),
        Column("service", cells.code()),
        Column("kind", cells.one_of(Exclusion), needed=True),
        Column("starts_at", when, needed=True),
        Column("ends_at", when, needed=True),
        Column("announced_at", when),
        Column("agreed_by", cells.line(200), default=""),
        Column("evidence", cells.line(300), default=""),
        Column("note", cells.prose(2000), default=""),
    )


def _judge(session: Session, file: Incoming) -> Difference:
    contract, service = whole.code_of(session, Contract), whole.code_of(session, Service)
    known = {
        row.code: {
            "code": row.code,
            "contract": contract[row.contract_id],
            "service": service.get(row.service_id or 0),
            "kind": row.kind.value,
            **{name: getattr(row, name) for name in OWN},
        }
        for row in session.exec(select(ExclusionWindow).order_by(col(ExclusionWindow.code)))
    }
    file.refuse_bare(known, {"contract", "kind", "starts_at", "ends_at"})
    file.refuse_unknown("contract", set(contract.values()), "contract")
    file.refuse_unknown("service", set(service.values()), "service")
    found = upsert.compare(file.rows, known, DEFAULTS)
    for code, values in found.written().items():
        number = file.rows[code][0]
        refuse_backwards(file, number, values)
        if not values["agreed_by"] and values["kind"] != Exclusion.MAINTENANCE.value:
            found.notes.append(
                Problem(file=file.problems.file, row=number, column="agreed_by", sentence=NOBODY)
            )
    return found


def _write(session: Session, file: Incoming, found: Difference) -> None:
    contracts, services = upsert.codes(session, Contract), upsert.codes(session, Service)
    whole.write(
        session,
        ExclusionWindow,
        file,
        found,
        columns=lambda _, values: {
            **{name: values[name] for name in OWN},
            "kind": Exclusion(values["kind"]),
            "contract_id": contracts[values["contract"]],
            "service_id": services.get(values["service"] or ""),
        },
    )


def take(*args: Any, **facts: Any) -> Any:
    """Take a file of exclusions over, or refuse it whole."""
    kind = Import(
        kind="exclusions", columns=columns(), model=ExclusionWindow, judge=_judge, write=_write
    )
    return kind.take(*args, **facts)


IMPORTS: Final = {"exclusions": Importable(take=take, columns=HEADS)}
