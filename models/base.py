"""What every table shares: names that a migration can refer to, and enums stored by value."""

from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

# Names of constraints are part of the schema: without them a migration cannot drop one on SQLite.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """A row that is validated when created through `model_validate` and when assigned."""

    model_config = {"validate_assignment": True}


def by_value(enum: type[Enum], *, length: int = 32) -> Any:
    """Return a column type that stores the enum's value and refuses any other on the way in."""
    return sa.Enum(
        enum,
        native_enum=False,
        length=length,
        create_constraint=False,
        validate_strings=True,
        values_callable=lambda kind: [member.value for member in kind],
    )


def blank(model: type[SQLModel]) -> dict[str, Any]:
    """Return the columns of a new row of which nothing is said but what it must say, in bulk."""
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if not field.is_required() and name != "id"
    }


def columns(model: type[SQLModel]) -> Any:
    """Return a table's columns for statements over many of them: rows of values, not objects."""
    return model.__table__.c  # type: ignore[attr-defined]


def table_of(model: type[SQLModel]) -> sa.Table:
    """Return a model's table, for what is read or written in bulk."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]
