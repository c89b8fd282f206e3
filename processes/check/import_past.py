"""Checks that were done before (历史检查): their score and conclusion, without a sheet of ours."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, select

from config.current import current
from models.check import Check
from models.organisation import Person, Project
from processes.imports import cells, upsert
from processes.imports.cells import Column
from processes.imports.numbers import count
from processes.imports.past import Past, common
from processes.imports.taking import Incoming
from processes.imports.upsert import Values
from rules.check import CheckKind, CheckState, Conclusion

STATES: Final = {
    "done": CheckState.DONE,
    "closed": CheckState.DONE,
    "cancelled": CheckState.CANCELLED,
}


def columns() -> tuple[Column, ...]:
    """Return the columns of the file."""
    return (
        *common(*STATES),
        Column("project", cells.code(), needed=True),
        Column("kind", cells.one_of(CheckKind)),
        Column("planned_on", cells.day),
        Column("performed_on", cells.day),
        Column("inspector", cells.code()),
        Column("score", count),
        Column("conclusion", cells.one_of(Conclusion)),
        Column("findings", count),
        Column("observations", count),
    )


def _kept(session: Session) -> Mapping[str, tuple[str, datetime | None]]:
    words = {CheckState.DONE: ("done", "closed"), CheckState.CANCELLED: ("cancelled",)}
    rows = session.exec(select(Check)).all()
    return {
        row.code: (words.get(row.state, (row.state.value,))[-1], row.performed_at) for row in rows
    }


def _judge(session: Session, file: Incoming) -> None:
    file.refuse_unknown("project", upsert.codes(session, Project), "project")
    file.refuse_unknown("inspector", upsert.codes(session, Person), "person")
    for row, values in file.rows.values():
        if values.get("state") == "done":
            values["state"] = "closed"
        if not any(values.get(name) for name in ("planned_on", "performed_on", "closed_at")):
            file.problems.say("name the day on which it was planned or done", row=row)


def _write(
    session: Session,
    code: str,
    values: Values,
    mark: dict[str, Any],
    people: dict[str, int],
) -> None:
    closed_at = values.get("closed_at")
    done_on = values.get("performed_on") or (
        current().calendar.local(closed_at).date() if closed_at else None
    )
    state = STATES[values["state"]]
    planned_on = values.get("planned_on") or done_on
    assert isinstance(planned_on, date)  # one of the two is there: it was judged before
    inspector = values.get("inspector") or values.get("verified_by")
    session.add(
        Check(
            code=code,
            project=values["project"],
            kind=CheckKind(values.get("kind") or CheckKind.ROUTINE),
            state=state,
            planned_on=planned_on,
            created_at=datetime.fromisoformat(mark["at"]),
            inspector_id=people.get(inspector) if inspector else None,
            performed_on=done_on if state is CheckState.DONE else None,
            performed_at=closed_at if state is CheckState.DONE else None,
            score=values.get("score"),
            conclusion=Conclusion(values["conclusion"]) if values.get("conclusion") else None,
            findings=int(values.get("findings") or 0),
            observations=int(values.get("observations") or 0),
            summary=values.get("summary") or "",
            cancelled_why=(values.get("summary") or "-") if state is CheckState.CANCELLED else None,
            brought_in=mark,
        )
    )
    session.flush()


PAST: Final = Past(
    kind="checks",
    model=Check,
    columns=columns,
    needed=("code", "project", "state"),
    kept=_kept,
    judge=_judge,
    write=_write,
)
