"""Service requirements from a file (导入服务需求): what nothing meets is owed by its owner."""

from typing import Any, Final

from sqlmodel import Session, col, select

from models.contract import Contract, Requirement
from models.organisation import Person
from processes.contract import requirements
from processes.imports import cells, upsert, whole
from processes.imports.cells import Column
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules import contract as rule
from rules.contract import Met, RequirementState
from rules.refusal import Refused

COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("title", cells.line(200), needed=True),
    Column("description", cells.prose(5000), default=""),
    Column("contract", cells.code()),
    Column("source", cells.line(120), default=""),
    Column("wanted_by", cells.line(200), default=""),
    Column("owner", cells.code(), needed=True),
    Column("raised_on", cells.day, needed=True),
    Column("due", cells.day, needed=True),
    Column("met_by", cells.one_of(Met)),
    Column("reference", cells.line(200), default=""),
    Column("state", cells.one_of(RequirementState)),
)
DEFAULTS: Final[Values] = {column.name: column.default for column in COLUMNS}
NOT_OWN: Final = frozenset({"code", "contract", "owner", "state", "met_by"})
OWN: Final = tuple(c.name for c in COLUMNS if c.name not in NOT_OWN)
NEEDED: Final = frozenset({"title", "owner", "raised_on", "due"})


def _judge(session: Session, file: Incoming) -> Difference:
    known = _known(session)
    file.refuse_bare(known, NEEDED)
    file.refuse_unknown("contract", upsert.codes(session, Contract), "contract")
    file.refuse_unknown("owner", upsert.codes(session, Person), "person")
    _derive_states(file, known)
    found = upsert.compare(file.rows, known, DEFAULTS)
    for code, values in found.new.items():
        values["state"] = values["state"] or RequirementState.OPEN.value
        _check(session, file, code, values)
    for code, (_, after) in found.changed.items():
        after["state"] = after["state"] or known[code]["state"]
        _check(session, file, code, after)
    return found


def _known(session: Session) -> dict[str, Values]:
    person, contract = whole.code_of(session, Person), whole.code_of(session, Contract)
    return {
        row.code: {
            "code": row.code,
            "contract": contract.get(row.contract_id or 0),
            "owner": person[row.owner_id],
            "state": row.state.value,
            "met_by": row.met_by.value if row.met_by else None,
            **{name: getattr(row, name) for name in OWN},
        }
        for row in session.exec(select(Requirement).order_by(col(Requirement.code)))
    }


def _derive_states(file: Incoming, known: dict[str, Values]) -> None:
    """Take a row that says by what it is met for met, unless it says more itself."""
    for code, (_, values) in file.rows.items():
        if values.get("met_by") and not values.get("state"):
            values["state"] = RequirementState.MET.value
        elif "met_by" in values and not values.get("state") and code in known:
            before = known[code]  # an empty cell does not undo what was answered since
            values["state"], values["met_by"] = before["state"], before["met_by"]
            values["reference"] = values.get("reference") or before["reference"]


def _check(session: Session, file: Incoming, code: str, values: Values) -> None:
    number = file.rows[code][0]
    if not values["due"] or not values["raised_on"]:
        return  # refused already: it has no day
    if values["due"] < values["raised_on"]:
        wrong = "due on {due}, before it was raised on {raised}"
        facts = {"due": values["due"], "raised": values["raised_on"]}
        file.problems.say(wrong, row=number, column="due", **facts)
    if values["state"] != RequirementState.MET.value:
        return
    if not values["met_by"]:
        wrong = "say by what it is met: {known}"
        known = ", ".join(one.value for one in Met)
        file.problems.say(wrong, row=number, column="met_by", known=known)
        return
    contract = upsert.codes(session, Contract).get(values["contract"] or "")
    try:
        named = rule.reference(Met(values["met_by"]), values["reference"])
        requirements.refuse_missing(session, Met(values["met_by"]), named, contract)
    except Refused as refused:
        file.problems.say(refused.sentence, row=number, column="reference", **refused.facts)


def _write(session: Session, file: Incoming, found: Difference) -> None:
    people, contracts = upsert.codes(session, Person), upsert.codes(session, Contract)

    def columns(_: str, values: Values) -> dict[str, Any]:
        met = values["state"] == RequirementState.MET.value
        return {
            **{name: values[name] for name in OWN},
            "contract_id": contracts.get(values["contract"] or ""),
            "owner_id": people[values["owner"]],
            "state": RequirementState(values["state"]),
            "met_by": Met(values["met_by"]) if met else None,
            "met_at": file.at if met else None,
        }

    whole.write(session, Requirement, file, found, columns=columns)
    for code in found.written():
        row = requirements.by_code(session, code)
        if row.state is RequirementState.OPEN:
            requirements.owe(session, row, at=file.at, actor=file.actor)
        else:
            requirements.settled(session, row, at=file.at, actor=file.actor)


take: Final = Import(
    kind="requirements", columns=COLUMNS, model=Requirement, judge=_judge, write=_write
).take

IMPORTS: Final = {"requirements": Importable(take=take, columns=names(COLUMNS))}
