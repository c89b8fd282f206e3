"""The service catalogue from a file (导入服务目录): services, and which contracts promise them."""

from typing import Final

from sqlmodel import Session, col, select

from models.contract import Contract, ContractService, Service
from processes.contract import links
from processes.imports import cells, upsert, whole
from processes.imports.cells import Column
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values

COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("name", cells.line(200), needed=True),
    Column("description", cells.prose(2000), default=""),
    Column("contracts", links.codes),
    Column("active", cells.truth, default=True),
)
DEFAULTS: Final[Values] = {**{column.name: column.default for column in COLUMNS}, "contracts": []}


def _judge(session: Session, file: Incoming) -> Difference:
    contracts = whole.code_of(session, Contract)
    linked = links.of(session, ContractService, "service_id", "contract_id")
    known = {
        row.code: {
            "code": row.code,
            "name": row.name,
            "description": row.description,
            "contracts": links.named(linked, row.id or 0, contracts),
            "active": row.active,
        }
        for row in session.exec(select(Service).order_by(col(Service.code)))
    }
    file.refuse_bare(known, {"name"})
    file.refuse_unknown("contracts", set(contracts.values()), "contract")
    return upsert.compare(_listed(file), known, DEFAULTS)


def _listed(file: Incoming) -> upsert.Rows:
    """Return the rows with an empty cell of contracts as no contracts."""
    for _, values in file.rows.values():
        if "contracts" in values:
            values["contracts"] = values["contracts"] or []
    return file.rows


def _write(session: Session, file: Incoming, found: Difference) -> None:
    whole.write(
        session,
        Service,
        file,
        found,
        columns=lambda _, values: {
            name: values[name] for name in ("name", "description", "active")
        },
    )
    services, contracts = upsert.codes(session, Service), upsert.codes(session, Contract)
    wanted = {
        services[code]: [contracts[one] for one in values["contracts"]]
        for code, values in found.written().items()
    }
    links.write(
        session,
        ContractService,
        "service_id",
        "contract_id",
        wanted,
        at=file.at,
        actor=file.actor,
    )


take: Final = Import(
    kind="services", columns=COLUMNS, model=Service, judge=_judge, write=_write
).take

IMPORTS: Final = {"services": Importable(take=take, columns=names(COLUMNS))}
