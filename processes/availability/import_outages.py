"""Outages from a file (导入停机): when a service was away, and what was announced of it.

What calls itself planned and is not by the contract's terms is taken all the same and named: it
counts.
"""

from dataclasses import replace
from datetime import time
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from models.availability import Outage
from models.contract import Contract, Service
from processes.availability import figures, terms
from processes.imports import cells, upsert, whole
from processes.imports.cells import Column
from processes.imports.problems import Problem
from processes.imports.table import Importable
from processes.imports.taking import Import, Incoming
from processes.imports.upsert import Difference, Values
from rules import availability as rule
from rules.availability import Claim

EMPTY: Final = "ends at the instant at which it begins: it counts no minute"
NAMED: Final = 20  # claims that are named one by one
WHY: Final = {
    Claim.NO_NOTICE: "is called planned and says not when it was announced: it counts",
    Claim.AFTERWARDS: "was announced after it had begun: it counts",
    Claim.TOO_LATE: "was announced less than {hours} hours before: it counts",
    Claim.OUTSIDE: "lies outside the agreed window: it counts",
}
OWN: Final = ("starts_at", "ends_at", "announced_at", "planned", "counted", "cause", "source")


def columns() -> tuple[Column, ...]:
    """Return the columns, their instants read in the site's zone unless they say another."""
    when = cells.instant(current().settings.zone, of_day=time())
    return (
        Column("code", cells.code(), needed=True),
        Column("contract", cells.code(), needed=True),
        Column("service", cells.code()),
        Column("starts_at", when, needed=True),
        Column("ends_at", when),
        Column("announced_at", when),
        Column("planned", cells.truth, default=False),
        Column("counted", cells.truth, default=True),
        Column("cause", cells.prose(2000), default=""),
        Column("source", cells.line(160), default=""),
    )


HEADS: Final = ("code", "contract", "service", *OWN)
DEFAULTS: Final[Values] = {
    **dict.fromkeys(HEADS),
    "planned": False,
    "counted": True,
    "cause": "",
    "source": "",
}


def _judge(session: Session, file: Incoming) -> Difference:
    contract, service = whole.code_of(session, Contract), whole.code_of(session, Service)
    known = {
        row.code: {
            "code": row.code,
            "contract": contract[row.contract_id],
            "service": service.get(row.service_id or 0),
            **{name: getattr(row, name) for name in OWN},
        }
        for row in session.exec(select(Outage).order_by(col(Outage.code)))
    }
    file.refuse_bare(known, {"contract", "starts_at"})
    file.refuse_unknown("contract", set(contract.values()), "contract")
    file.refuse_unknown("service", set(service.values()), "service")
    found = upsert.compare(file.rows, known, DEFAULTS)
    for code, values in found.written().items():
        refuse_backwards(file, file.rows[code][0], values)
        if values["ends_at"] is not None and values["ends_at"] == values["starts_at"]:
            note = _note(file, file.rows[code][0], EMPTY)
            found.notes.append(replace(note, column="ends_at"))
    found.notes.extend(_claims(session, file, found))
    return found


def refuse_backwards(file: Incoming, number: int, values: Values) -> None:
    """Refuse a row that ends before it begins, or lies in a year that cannot be meant."""
    begins, ends = values.get("starts_at"), values.get("ends_at")
    if begins and ends and ends < begins:
        wrong = "ends at {ends}, before it begins at {begins}"
        facts = {"ends": _local(ends), "begins": _local(begins)}
        file.problems.say(wrong, row=number, column="ends_at", **facts)
    for name in ("starts_at", "ends_at"):
        if values.get(name) and values[name] > file.at and name == "starts_at" and ends is None:
            wrong = "begins at {begins}, which lies ahead, and has no end"
            file.problems.say(wrong, row=number, column=name, begins=_local(begins))


def _local(instant: Any) -> str:
    return f"{current().calendar.local(instant):%Y-%m-%d %H:%M}"


def _claims(session: Session, file: Incoming, found: Difference) -> list[Problem]:
    """Name what calls itself planned and is not."""
    agreed = {
        one.code: terms.agreed(one)
        for one in session.exec(select(Contract).where(col(Contract.service_time).is_not(None)))
    }
    notes, more = [], 0
    for code, values in found.written().items():
        time_of = agreed.get(values["contract"])
        if time_of is None or not values["planned"] or values["starts_at"] is None:
            continue
        row = Outage(code=code, contract_id=0, **{name: values[name] for name in OWN})
        why = rule.claim(figures.outage(row, file.at), time_of.terms, planned=True)
        if why is Claim.PLANNED:
            continue
        more += 1
        if more <= NAMED:
            hours = int(time_of.terms.notice.total_seconds() // 3600)
            notes.append(_note(file, file.rows[code][0], WHY[why], hours=hours))
    if more > NAMED:
        rest = "and {n} more that are called planned and count"
        notes.append(Problem(file=file.problems.file, sentence=rest, facts={"n": more - NAMED}))
    return notes


def _note(file: Incoming, row: int, sentence: str, **facts: Any) -> Problem:
    column = "announced_at"
    return Problem(file=file.problems.file, row=row, column=column, sentence=sentence, facts=facts)


def _write(session: Session, file: Incoming, found: Difference) -> None:
    contracts, services = upsert.codes(session, Contract), upsert.codes(session, Service)
    whole.write(
        session,
        Outage,
        file,
        found,
        columns=lambda _, values: {
            **{name: values[name] for name in OWN},
            "contract_id": contracts[values["contract"]],
            "service_id": services.get(values["service"] or ""),
        },
    )


def take(*args: Any, **facts: Any) -> Any:
    """Take a file of outages over, or refuse it whole."""
    kind = Import(kind="outages", columns=columns(), model=Outage, judge=_judge, write=_write)
    return kind.take(*args, **facts)


IMPORTS: Final = {"outages": Importable(take=take, columns=HEADS)}
