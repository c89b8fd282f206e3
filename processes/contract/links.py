"""What belongs to what (合同关联): contracts with projects, contacts and services.

A link is a row of two ids. Files name the other side by codes with semicolons between them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from models import trail
from models.base import table_of
from processes.imports import cells


def codes(cell: str) -> list[str]:
    """Read codes with semicolons between them, each once and in order."""
    single = cells.code()
    parts = (part.strip() for part in re.split("[;；]", cell))
    return sorted({single(part) for part in parts if part})


def of(session: Session, link: type[SQLModel], near: str, far: str) -> dict[int, list[int]]:
    """Return the far ids of every near one."""
    table, found = table_of(link), defaultdict[int, list[int]](list)
    for row in session.execute(sa.select(table.c[near], table.c[far])):
        found[row[0]].append(row[1])
    return found


def named(
    links: Mapping[int, Sequence[int]], near: int, codes_by_id: Mapping[int, str]
) -> list[str]:
    """Return the codes that one row is linked to, in order."""
    return sorted(codes_by_id[one] for one in links.get(near, ()))


def write(
    session: Session,
    link: type[SQLModel],
    near: str,
    far: str,
    wanted: Mapping[int, Iterable[int]],
    *,
    at: datetime,
    actor: str,
) -> None:
    """Let each near row be linked to these far ones and no others; a trail row where it changes."""
    table, before = table_of(link), of(session, link, near, far)
    for one, others in wanted.items():
        new, old = sorted(set(others)), sorted(before.get(one, ()))
        if new == old:
            continue
        session.execute(sa.delete(table).where(table.c[near] == one))
        if new:
            session.execute(sa.insert(table), [{near: one, far: other} for other in new])
        trail.record(
            session,
            at=at,
            actor=actor,
            action=f"{near.removesuffix('_id')}.linked",
            subject=f"{near.removesuffix('_id')}:{one}",
            before={far: old},
            after={far: new},
        )
