"""The cast of the stories as rows: the same people everywhere (see style.md)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from models.duty import Duty, Line
from models.engine import reading, writing
from models.nonconformity import Nonconformity, Round
from models.organisation import Person, Project, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day, clock="10:00"):
    """Return an instant on the site's clock: at("2026-09-28")."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


# Li owns the action, Wang leads his unit, Chen is from another unit and must see nothing.
CAST = [
    # code, name, manager, roles
    ("zong", "总经理", None, ["top_management"]),
    ("gao", "高副总", "zong", ["vp_operations"]),
    ("qin", "秦部长", "zong", ["quality_head"]),
    ("zhao", "赵工", "qin", ["quality", "auditor"]),
    ("zhou", "周工", "qin", ["quality"]),
    ("director", "杜主任", "gao", ["centre_director"]),
    ("wang", "王经理", "director", ["department_manager"]),
    ("li", "李工", "wang", []),
    ("sun", "孙经理", "wang", ["project_manager"]),
    ("he", "何经理", "director", ["department_manager"]),
    ("chen", "陈工", "he", []),
    ("gone", "离职员工", "wang", []),
]


def hire(**changes):
    """Write the cast; `changes` are columns by code: hire(li={"absent_from": …})."""
    with writing() as session:
        unit = Unit(code="OPS", name="运维一部")
        session.add(unit)
        session.flush()
        known = {}
        for code, name, manager, roles in CAST:
            person = Person(
                code=code,
                name=name,
                email=f"{code}@company.example",
                manager_id=known.get(manager),
                manager_code=manager,
                unit_id=unit.id,
                roles=roles,
                active=code != "gone",
            )
            session.add(person)
            session.flush()
            known[code] = person.id
        session.add(Project(code="P1", name="政务云运维", manager_id=known["sun"]))
    for code, columns in changes.items():
        change(code, **columns)
    return known


def change(code, **columns):
    """Change a person: absent, without a role, gone; `delegate` is a code."""
    with writing() as session:
        person = session.exec(select(Person).where(col(Person.code) == code)).one()
        if "delegate" in columns:
            other = select(Person.id).where(col(Person.code) == columns.pop("delegate"))
            person.delegate_id = session.exec(other).one()
        for name, value in columns.items():
            setattr(person, name, value)
        session.add(person)


def absent(first="2026-01-01", last="2026-12-31", **columns):
    """Return the columns of somebody who is away."""
    return {
        "absent_from": date.fromisoformat(first),
        "absent_until": date.fromisoformat(last),
        **columns,
    }


def nonconformity(code):
    with reading() as session:
        query = select(Nonconformity).where(col(Nonconformity.code) == code)
        return session.exec(query).one()


def rounds(code):
    with reading() as session:
        return session.exec(
            select(Round)
            .join(Nonconformity, col(Nonconformity.id) == Round.nonconformity_id)
            .where(col(Nonconformity.code) == code)
            .order_by(col(Round.number))
        ).all()


def duties_of(code, kind=None, state="open"):
    with reading() as session:
        found = session.exec(
            select(Duty).where(col(Duty.subject) == code).order_by(col(Duty.id))
        ).all()
    return [
        duty
        for duty in found
        if (kind is None or duty.kind == kind) and (state is None or duty.state == state)
    ]


def duty_of(code, kind):
    """Return the one open duty of this kind."""
    (found,) = duties_of(code, kind)
    return found


def lines(duty=None, letter=None):
    with reading() as session:
        found = session.exec(select(Line).order_by(col(Line.id))).all()
    return [
        line
        for line in found
        if (duty is None or line.duty_id == duty.id) and (letter is None or line.letter == letter)
    ]


def codes_by_id():
    with reading() as session:
        return dict(session.exec(select(Person.id, Person.code)).all())


def told(letter, duty=None):
    """Return the codes of those who are to hear this letter, in order; None is the operator."""
    names = codes_by_id()
    return [names.get(line.person_id) for line in lines(duty, letter)]
