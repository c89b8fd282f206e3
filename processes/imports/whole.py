"""Whole rows at once (整行写入): for tables whose rows need more than code and name to begin."""

from collections.abc import Callable

from sqlmodel import Session, SQLModel, col, select

from processes.imports import upsert
from processes.imports.taking import Incoming
from processes.imports.upsert import Difference, Values


def write(
    session: Session,
    model: type[SQLModel],
    file: Incoming,
    found: Difference,
    *,
    columns: Callable[[str, Values], Values],
    private: frozenset[str] = frozenset(),
) -> None:
    """Insert what is new and change what changed, a trail row each."""
    session.add_all(model(code=code, **columns(code, row)) for code, row in found.new.items())
    session.flush()
    upsert.write(
        session,
        model,
        found,
        columns=columns,
        private=private,
        at=file.at,
        actor=file.actor,
    )
    session.expire_all()  # rows that were read before hold what was


def code_of(session: Session, model: type[SQLModel]) -> dict[int, str]:
    """Return the code of every row of a table, by its id."""
    both = select(col(model.id), col(model.code))  # type: ignore[attr-defined]
    return dict(session.exec(both).all())
