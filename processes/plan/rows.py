"""Reading and writing plans (计划读写): versions, their lines, and the people they name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session, col, select

from models import people
from models.plan import Plan, PlanItem, PlanState
from rules.refusal import NotFound
from rules.words import Role

KIND: Final = "quality_plan"  # of the document, and of what a duty about it is about
LINE: Final = (
    "number",
    "kind",
    "title",
    "detail",
    "object_kind",
    "object",
    "rule",
    "working_day",
    "lead_days",
    "owner",
    "checker",
    "output",
    "source",
)


def latest(session: Session, code: str) -> Plan | None:
    """Return the newest version of a plan; None if there is none."""
    return session.exec(
        select(Plan).where(col(Plan.code) == code).order_by(col(Plan.version).desc()).limit(1)
    ).first()


def by_code(
    session: Session, code: str, version: int | None = None, *, drafts: bool = True
) -> Plan:
    """Return a version, the newest unless one is named; or refuse by code.

    Without `drafts` a version still being written is not there.
    """
    query = select(Plan).where(col(Plan.code) == code).order_by(col(Plan.version).desc())
    if version is not None:
        query = query.where(col(Plan.version) == version)
    if not drafts:
        query = query.where(col(Plan.state) != PlanState.DRAFT)
    found = session.exec(query.limit(1)).first()
    if found is None:
        raise NotFound(what="plan", code=code)
    return found


def in_force(session: Session, code: str) -> Plan | None:
    """Return the version that holds now."""
    return session.exec(
        select(Plan).where(col(Plan.code) == code, col(Plan.state) == PlanState.IN_FORCE)
    ).one_or_none()


def versions(session: Session, code: str) -> Sequence[Plan]:
    """Return every version, oldest first."""
    return session.exec(
        select(Plan).where(col(Plan.code) == code).order_by(col(Plan.version))
    ).all()


def items(session: Session, plan: Plan) -> Sequence[PlanItem]:
    """Return the lines of a version, by number."""
    return session.exec(
        select(PlanItem).where(col(PlanItem.plan_id) == plan.id).order_by(col(PlanItem.number))
    ).all()


def lines(session: Session, plan: Plan) -> list[dict[str, Any]]:
    """Return the lines as values, to compare and to copy."""
    return [{name: getattr(item, name) for name in LINE} for item in items(session, plan)]


def replace_lines(session: Session, plan: Plan, new: Iterable[Mapping[str, Any]]) -> bool:
    """Make the lines of a draft be these; True if anything changed."""
    wanted = sorted(({name: one[name] for name in LINE} for one in new), key=_number)
    if wanted == lines(session, plan):
        return False
    for item in items(session, plan):
        session.delete(item)
    session.flush()
    assert plan.id is not None
    session.add_all(PlanItem(plan_id=plan.id, **one) for one in wanted)
    session.flush()
    return True


def holders(session: Session, roles: Iterable[Role]) -> list[int]:
    """Return everybody who holds one of the roles, in the order of the roles."""
    organisation = people.organisation(session)
    return list(dict.fromkeys(one for role in roles for one in organisation.holders(role)))


def named(session: Session, who: Iterable[str]) -> list[int]:
    """Return the people whom roles and codes mean, each once."""
    organisation = people.organisation(session)
    by_code_ = {post.code: post.id for post in organisation.posts.values() if post.active}
    found: list[int] = []
    for word in who:
        if word in set(Role):
            found += organisation.holders(Role(word))
        elif word in by_code_:
            found.append(by_code_[word])
    return list(dict.fromkeys(found))


def _number(line: Mapping[str, Any]) -> str:
    return str(line["number"])
