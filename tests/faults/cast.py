"""A company made from a seed: with gaps, circles, absences, dead addresses and empty offices."""

from datetime import date, timedelta

from models.engine import writing
from models.organisation import Person as Row
from tests.faults.oracle import Person

OFFICES = ("quality", "quality", "quality_head", "quality_head", "top_management", "vp_operations")


def invent(rng, today: date):
    """Return people by id, in the order in which they are written."""
    size = rng.randint(4, 12)
    people = {n: Person(id=n, code=f"p{n:02}", address=f"p{n:02}@site.example") for n in _ids(size)}
    for person in people.values():
        if person.id > 1 and rng.random() < 0.92:
            person.manager = rng.randrange(max(1, person.id - 3), person.id)
    for office in OFFICES:
        if rng.random() < 0.75:
            holder = people[rng.randint(1, size)]
            holder.roles |= {office}
    if rng.random() < 0.6:  # the first in line is the top, sometimes as his own manager
        people[1].roles |= {"top_management"}
        people[1].manager = 1 if rng.random() < 0.2 else None
    if rng.random() < 0.35:  # a circle, somewhere
        low, high = sorted(rng.sample(range(1, size + 1), 2))
        people[low].manager = rng.choice([low, high])
    for person in people.values():
        trouble(rng, person, people, today)
    return people


def trouble(rng, person, people, today):
    """Something that may be wrong with anybody, on any day."""
    roll = rng.random()
    if roll < 0.06:
        person.active = False
    elif roll < 0.13:
        person.address = None
    elif roll < 0.40:
        begins = today + timedelta(days=rng.randint(-10, 25))
        person.away = (begins, begins + timedelta(days=rng.randint(0, 20)))
        if rng.random() < 0.7:
            near = [p for p in people if abs(p - person.id) <= 2]
            person.delegate = rng.choice([*people, *near, *near])


def mend(rng, person, people, today):
    """Somebody comes back, leaves, or gets another manager."""
    person.active, person.address = True, f"{person.code}@site.example"
    person.away = person.delegate = None
    if rng.random() < 0.6:
        trouble(rng, person, people, today)
    if rng.random() < 0.3:
        person.manager = rng.choice([None, *people])


def write(people):
    """Write the company as rows, with the ids it has here."""
    with writing() as session:
        for person in people.values():  # first without bonds: they run in both directions
            session.add(Row(id=person.id, code=person.code, name=f"员工{person.code}"))
        session.flush()
        for person in people.values():
            update(session, person)


def update(session, person):
    row = session.get(Row, person.id)
    row.email, row.active = person.address, person.active
    row.manager_id, row.delegate_id = person.manager, person.delegate
    row.manager_code = "p00" if person.manager is None and person.id % 2 else None
    row.absent_from, row.absent_until = person.away or (None, None)
    row.roles = sorted(person.roles)
    session.add(row)


def _ids(size):
    return range(1, size + 1)
