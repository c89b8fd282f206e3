"""The cast in a small office: Li owns, Wang leads Li, Sun leads Wang, Zhao is the quality head."""

from datetime import UTC, datetime

from models.engine import writing
from models.organisation import Person
from processes.nonconformity import raising as nonconformities

MONDAY = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai


def people():
    """Put the cast into the bound database."""
    cast = {
        "sun": ("孙总", None, ["top_management", "vp_operations"]),
        "wang": ("王主任", "sun", []),
        "li": ("李工", "wang", []),
        "zhao": ("赵质量", "sun", ["quality", "quality_head"]),
    }
    ids = {}
    with writing() as session:
        for code, (name, manager, roles) in cast.items():
            person = Person(
                code=code,
                name=name,
                email=f"{code}@company.example",
                manager_id=ids.get(manager),
                manager_code=manager,
                roles=roles,
            )
            session.add(person)
            session.flush()
            ids[code] = person.id
    return ids


def nonconformity(at=MONDAY, **facts):
    """Raise one that Li has to answer; return its code."""
    return nonconformities.raise_(
        **{"title": "备份未按计划执行", "owner_code": "li", "at": at, "raised_by": "zhao", **facts}
    )
