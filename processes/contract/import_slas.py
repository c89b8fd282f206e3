"""SLA lines from a file (导入 SLA): what differs from the version that is known is a new version.

A version in force is never edited: the file makes the next one, a draft that its contract's
manager hands in for approval. Lines that the file does not name are taken over. A version that
was signed with the customer before (`signed_on`) is brought in as in force.
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from models.contract import Contract, Service, Sla, SlaLine
from processes.contract import sla
from processes.contract.import_contracts import whole_number
from processes.imports import cells, numbers, upsert, whole
from processes.imports.cells import Column
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.contract import SlaState
from rules.kpi import Direction, per
from rules.period import Frequency

HUNDRED: Final = Decimal(100)
COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("contract", cells.code(), needed=True),
    Column("service", cells.code()),
    Column("indicator", cells.line(200), needed=True),
    Column("direction", cells.one_of(Direction), default=Direction.AT_LEAST.value),
    Column("target", numbers.count, needed=True),
    Column("unit", cells.line(32), default="%"),
    Column("formula", cells.prose(2000), default=""),
    Column("formula_version", whole_number(10_000), default=1),
    Column("period", cells.one_of(Frequency), default=Frequency.MONTH.value),
    Column("source", cells.line(160), default=""),
    Column("minimum_n", whole_number(1_000_000), needed=True),
    Column("exceptions", cells.prose(2000), default=""),
    Column("workload_limit", numbers.count),
    Column("deduction", cells.prose(2000), default=""),
    Column("signed_on", cells.day),
    Column("dropped", cells.truth, default=False),
)
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}
NOT_OF_A_LINE: Final = frozenset({"code", "contract", "service", "signed_on", "dropped"})
OWN: Final = tuple(c.name for c in COLUMNS if c.name not in NOT_OF_A_LINE)


def _judge(session: Session, file: Incoming) -> Difference:
    newest = sla.newest_of_all(session)
    known = _known(session, newest)
    file.refuse_bare(known, {"contract", "indicator", "target", "minimum_n"})
    file.refuse_unknown("contract", upsert.codes(session, Contract), "contract")
    file.refuse_unknown("service", upsert.codes(session, Service), "service")
    _check_rows(file, known)
    found = upsert.compare(file.rows, known, DEFAULTS)
    _refuse_under_way(file, found, newest)
    return found


def _known(session: Session, newest: Mapping[str, Sla]) -> dict[str, Values]:
    """Return the lines of the newest version of every contract, by their codes."""
    services = whole.code_of(session, Service)
    return {
        line.code: {
            "code": line.code,
            "contract": contract,
            "service": services.get(line.service_id or 0),
            "signed_on": version.signed_on,
            "dropped": False,
            **{name: _plain(getattr(line, name)) for name in OWN},
        }
        for contract, version in newest.items()
        for line in sla.lines(session, version)
    }


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Direction | Frequency) else value


def _check_rows(file: Incoming, known: Mapping[str, Values]) -> None:
    signed: dict[str, tuple[Any, int]] = {}
    for code, (number, values) in file.rows.items():
        before = known.get(code, {})
        contract = values.get("contract") or before.get("contract")
        if before and before["contract"] != contract:
            wrong = "the line {code} belongs to the contract {contract} already"
            facts = {"code": code, "contract": before["contract"]}
            file.problems.say(wrong, row=number, column="contract", **facts)
        target, unit = values.get("target"), values.get("unit") or before.get("unit") or "%"
        if target is not None and per(unit) == HUNDRED and target > HUNDRED:
            wrong = "{given} % is more than all of it"
            file.problems.say(wrong, row=number, column="target", given=target)
        if values.get("minimum_n") == 0:
            wrong = "must be at least 1: below it a figure is shown and not judged"
            file.problems.say(wrong, row=number, column="minimum_n")
        if "signed_on" in values and contract:
            day, first = signed.setdefault(contract, (values["signed_on"], number))
            if day != values["signed_on"]:
                wrong = "one version is signed on one day: row {first} says {day}"
                facts = {"first": first, "day": str(day or "–")}
                file.problems.say(wrong, row=number, column="signed_on", **facts)


def _refuse_under_way(file: Incoming, found: Difference, newest: Mapping[str, Sla]) -> None:
    for code, values in found.written().items():
        version = newest.get(values["contract"])
        if version is not None and version.state is SlaState.SUBMITTED:
            wrong = "version {version} of this SLA is being approved: wait until it is decided"
            row = file.rows[code][0]
            file.problems.say(wrong, row=row, column="contract", version=version.version)


def _write(session: Session, file: Incoming, found: Difference) -> None:
    contracts, services = upsert.codes(session, Contract), upsert.codes(session, Service)
    by_contract: dict[str, dict[str, Values]] = defaultdict(dict)
    for code, values in found.written().items():
        by_contract[values["contract"]][code] = values
    for contract, lines in by_contract.items():
        version = sla.draft_of(session, contracts[contract], at=file.at, actor=file.actor)
        assert version.id is not None
        there = {line.code: line for line in sla.lines(session, version)}
        for code, values in lines.items():
            line = there.get(code)
            if values["dropped"]:
                if line is not None:
                    session.delete(line)
                continue
            row = {
                **{name: values[name] for name in OWN},
                "service_id": services.get(values["service"] or ""),
            }
            if line is None:
                session.add(SlaLine.model_validate({"sla_id": version.id, "code": code, **row}))
            else:
                for name, value in (
                    SlaLine.model_validate({"sla_id": version.id, "code": code, **row})
                    .model_dump(exclude={"id"})
                    .items()
                ):
                    setattr(line, name, value)
                session.add(line)
        session.flush()
        signed = next((v["signed_on"] for v in lines.values() if v["signed_on"]), None)
        sla.drafted(session, version, signed_on=signed, at=file.at, actor=file.actor)


take: Final = Import(kind="slas", columns=COLUMNS, model=Sla, judge=_judge, write=_write).take

IMPORTS: Final = {"slas": Importable(take=take, columns=names(COLUMNS))}
