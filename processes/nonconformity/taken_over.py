"""Nonconformities from a file (导入不符合项): new codes are raised, known ones changed.

A second import changes what describes a nonconformity. Owner, severity, risk and dates have a
history of their own by then (a recurrence, an extension, an agreed plan): where the file
differs there the register stands, and `Raised.kept` says so, so that nothing is silent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from config.current import current
from models.nonconformity import Nonconformity
from processes.nonconformity import brought_in as history
from processes.nonconformity import rows
from processes.nonconformity.batch import Batch
from processes.nonconformity.entry import Known, New
from processes.nonconformity.raising import DESCRIBES, create, existing, refuse, written

What = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What became of one row. `kept` are fields that differ in the file and stay as they are."""

    code: str
    what: What
    kept: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # what a register from before does not say


def raise_many(session: Session, news: Iterable[New], *, at: datetime, actor: str) -> list[Raised]:
    """Take the rows of an import: new codes are raised, known ones changed where they differ.

    `at` is the instant of the import; each row is raised at its own `raised_at`. Raises the
    first `Refused`: ask `problems` before, to name them all.
    """
    known, cleaned = Known(session), [row.cleaned() for row in news]
    batch = Batch(session, known, cleaned, at=at, actor=actor)
    done: list[Raised] = []
    for new in cleaned:
        refuse(known, new)
        if batch.takes(new):
            done.append(Raised(code=str(new.code), what="new"))
            continue
        batch.write()  # in the order of time: what came before is there
        found = existing(session, new)
        if found is None and new.history is not None:
            row = written(session, new, known)
            history.write(session, row, new.history, known, at=at, actor=actor)
            done.append(Raised(code=row.code, what="new", unknown=tuple(new.history.unknown)))
        elif found is None:
            made = create(session, replace(new, entered_at=at), known, actor=actor)
            done.append(Raised(code=made.code, what="new"))
        else:
            done.append(_change(session, found, new, known, at=at, actor=actor))
    batch.write()
    return done


def _change(
    session: Session,
    found: Nonconformity,
    new: New,
    known: Known,
    *,
    at: datetime,
    actor: str,
) -> Raised:
    given = new.given if new.given is not None else frozenset(DESCRIBES)
    names = [name for name in DESCRIBES if name == "title" or name in given]
    before = {name: getattr(found, name) for name in names}
    changed: dict[str, Any] = {n: getattr(new, n) for n in names if getattr(new, n) != before[n]}
    kept = tuple(_kept(found, new, known))
    if not changed:
        return Raised(code=found.code, what="unchanged", kept=kept)
    for name, value in changed.items():
        setattr(found, name, value)
    found.rev += 1
    session.add(found)
    session.flush()
    rows.record(
        session,
        found,
        "nonconformity.changed",
        at=at,
        actor=actor,
        before={name: before[name] for name in changed},
        after=changed,
    )
    return Raised(code=found.code, what="changed", kept=kept)


def _kept(found: Nonconformity, new: New, known: Known) -> Sequence[str]:
    owner = known.person(new.owner_code)
    differs = {
        "owner": owner is not None and owner.id != found.owner_id,
        "severity": new.severity is not None and new.severity is not found.severity,
        "risk": new.risk is not None and new.risk is not found.risk,
        "raised_at": new.raised_at != found.raised_at,
        "due": new.due is not None and current().calendar.day(found.first_due_at) != new.due,
    }
    given = new.given
    if new.history is not None:
        past = new.history
        differs |= {
            "state": past.state != found.state,
            "rounds": past.rounds != found.rounds,
            "closed_at": past.closed_at is not None and past.closed_at != found.closed_at,
        }
    return [n for n, yes in differs.items() if yes and (given is None or n in given)]
