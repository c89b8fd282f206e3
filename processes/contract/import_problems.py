"""Problems from a file (导入问题): each open one is owed by its owner until its date."""

from typing import Any, Final

from sqlmodel import Session, col, select

from models.contract import Contract, Problem
from models.organisation import Person
from processes.contract import problems
from processes.imports import cells, upsert, whole
from processes.imports.cells import Column
from processes.imports.table import Importable, names
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules.contract import ProblemState

COLUMNS: Final = (
    Column("code", cells.code(), needed=True),
    Column("title", cells.line(200), needed=True),
    Column("contract", cells.code()),
    Column("owner", cells.code(), needed=True),
    Column("raised_on", cells.day, needed=True),
    Column("due", cells.day, needed=True),
    Column("state", cells.one_of(ProblemState), default=ProblemState.OPEN.value),
    Column("cause", cells.prose(5000), default=""),
    Column("workaround", cells.prose(5000), default=""),
    Column("tickets", problems.listed),
    Column("changes", problems.listed),
)
DEFAULTS: Final[Values] = {
    **{column.name: column.default for column in COLUMNS},
    "tickets": [],
    "changes": [],
}
PLAIN: Final = ("title", "raised_on", "due", "cause", "workaround", "tickets", "changes")
NEEDED: Final = frozenset({"title", "owner", "raised_on", "due"})


def _judge(session: Session, file: Incoming) -> Difference:
    person, contract = whole.code_of(session, Person), whole.code_of(session, Contract)
    known = {
        row.code: {
            "code": row.code,
            "contract": contract.get(row.contract_id or 0),
            "owner": person[row.owner_id],
            "state": row.state.value,
            **{name: getattr(row, name) for name in PLAIN},
        }
        for row in session.exec(select(Problem).order_by(col(Problem.code)))
    }
    file.refuse_bare(known, NEEDED)
    file.refuse_unknown("contract", set(contract.values()), "contract")
    file.refuse_unknown("owner", set(person.values()), "person")
    for _, values in file.rows.values():
        for name in ("tickets", "changes"):
            if name in values:
                values[name] = values[name] or []
    found = upsert.compare(file.rows, known, DEFAULTS)
    for code, values in found.written().items():
        _check(file, file.rows[code][0], values)
    return found


def _check(file: Incoming, number: int, values: Values) -> None:
    if not values["due"] or not values["raised_on"]:
        return  # refused already: it has no day
    if values["due"] < values["raised_on"]:
        wrong = "due on {due}, before it was raised on {raised}"
        facts = {"due": values["due"], "raised": values["raised_on"]}
        file.problems.say(wrong, row=number, column="due", **facts)
    if values["state"] != ProblemState.OPEN.value and not values["cause"]:
        wrong = "name the cause first: a problem is solved when its cause is gone"
        file.problems.say(wrong, row=number, column="cause")
    if values["state"] == ProblemState.KNOWN_ERROR.value and not values["workaround"]:
        wrong = "say how to work around it: that is what makes it a known error"
        file.problems.say(wrong, row=number, column="workaround")


def _write(session: Session, file: Incoming, found: Difference) -> None:
    people, contracts = upsert.codes(session, Person), upsert.codes(session, Contract)

    def columns(_: str, values: Values) -> dict[str, Any]:
        closed = values["state"] == ProblemState.CLOSED.value
        return {
            **{name: values[name] for name in PLAIN},
            "contract_id": contracts.get(values["contract"] or ""),
            "owner_id": people[values["owner"]],
            "state": ProblemState(values["state"]),
            "closed_at": file.at if closed else None,
        }

    whole.write(session, Problem, file, found, columns=columns)
    for code in found.written():
        row = problems.by_code(session, code)
        if row.state is ProblemState.CLOSED:
            problems.settled(session, row, at=file.at, actor=file.actor)
        else:
            problems.owe(session, row, at=file.at, actor=file.actor)


take: Final = Import(
    kind="problems", columns=COLUMNS, model=Problem, judge=_judge, write=_write
).take

IMPORTS: Final = {"problems": Importable(take=take, columns=names(COLUMNS))}
