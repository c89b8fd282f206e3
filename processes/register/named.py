"""What a code names (编号所指): a nonconformity before a duty before a person."""

from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa
from sqlmodel import Session

from models.base import table_of
from models.duty import Duty
from models.engine import reading
from models.nonconformity import Nonconformity
from models.organisation import Person
from rules.refusal import Refused


class NothingNamed(Refused):
    """Neither a nonconformity nor a duty nor a person has this code."""

    sentence = "there is no nonconformity, duty or person {code}"


def kind_of(code: str) -> Literal["nonconformity", "duty", "person"]:
    """Return what a code or number names; a nonconformity before a duty before a person."""
    with reading() as session:
        if _exists(session, Nonconformity, "code", code):
            return "nonconformity"
        number = code.removeprefix("duty:")
        if number.isdecimal() and _exists(session, Duty, "id", int(number)):
            return "duty"
        if _exists(session, Person, "code", code):
            return "person"
    raise NothingNamed(code=code)


def _exists(session: Session, model: Any, column: str, value: Any) -> bool:
    table = table_of(model)
    return bool(session.execute(sa.select(sa.exists().where(table.c[column] == value))).scalar())


def one(session: Session, model: Any, code: str) -> Mapping[str, Any]:
    """Return the row of a table with this code."""
    table = table_of(model)
    found = session.execute(sa.select(table).where(table.c.code == code)).mappings().one()
    return {str(name): value for name, value in found.items()}
