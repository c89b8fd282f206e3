"""Insert what is new and leave what is there (幂等插入), on SQLite and PostgreSQL alike."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_new(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> int:
    """Insert the rows whose unique keys are new; return how many were."""
    if not rows:
        return 0
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(model.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
    # Without the option PostgreSQL's driver has closed its cursor, and forgotten how many.
    statement = statement.execution_options(preserve_rowcount=True)
    return int(session.connection().execute(statement, list(rows)).rowcount)
