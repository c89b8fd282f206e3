"""What is known of a person (履历): who stands above, what is owed now, what was told."""

from datetime import datetime

from models.engine import reading
from models.organisation import Person
from models.people import organisation
from processes.duty import registers as duty_registers
from processes.history import reading as read
from processes.history.rows import PersonHistory
from processes.organisation import registers
from processes.register.named import one
from processes.register.query import Filters
from rules.refusal import NotFound


def of_person(code: str, *, at: datetime) -> PersonHistory:
    """Return a person, who stands above, and what is owed now; or refuse by code."""
    found = registers.people(Filters(person=code), at=at).rows
    if not found:
        raise NotFound(what="person", code=code)
    with reading() as session:
        names = read.names(session)
        number = one(session, Person, code)["id"]
        chain = organisation(session).chain(number)
        return PersonHistory(
            person=found[0],
            chain=tuple(names[above] for above in chain.people),
            chain_ends=chain.ends,
            duties=tuple(duty_registers.duties(Filters(person=code, state="open"), at=at).rows),
            told=read.told_to(session, names, number),
            trail=read.trail(session, names, [f"person:{number}"]),
        )
