"""Processes that are on or off (过程启用与停用).

The processes of the first release are on until somebody switches them off. One that came later is
on in a home that began with it, and off in a home that was upgraded: nobody gets letters that
nobody asked for. An open duty of a process that is switched off goes on climbing until it is
closed; nothing new is planned, asked, opened or imported.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from models import trail
from models.engine import reading, transaction
from models.process_switch import ProcessSwitch
from models.upsert import insert_new
from processes import plug
from processes.plug import Process
from rules.refusal import NotFound, Refused


class ProcessOff(Refused):
    """What was asked for belongs to a process that is switched off."""

    sentence = "the process {name} is off in this home: `pdca process on {name}` switches it on"


class AlwaysOn(Refused):
    """A process that the others cannot do without."""

    sentence = "the process {name} cannot be switched off: the others rest on it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """How one process stands; `since` and `by` are empty until somebody has switched it."""

    name: str
    on: bool
    optional: bool
    since: datetime | None = None
    by: str = ""


def listed() -> list[Switch]:
    """Return every process with how it stands, by name."""
    with reading() as session:
        kept = {row.name: row for row in session.exec(select(ProcessSwitch))}
    return [_switch(process, kept.get(process.name)) for process in plug.processes()]


def off(name: str) -> bool:
    """Whether a process is switched off; what is no process of ours is on."""
    with reading() as session:
        row = session.get(ProcessSwitch, name)
    process = next((one for one in plug.processes() if one.name == name), None)
    return process is not None and not _switch(process, row).on


def refuse_off(table: str, key: str) -> None:
    """Refuse what belongs to a process that is off; raise `plug.Unknown` for an unknown key."""
    name = plug.owner(table, key).name
    if off(name):
        raise ProcessOff(name=name)


@transaction
def switch(session: Session, name: str, *, on: bool, by: str, at: datetime) -> bool:
    """Switch a process on or off, with a row in the trail; False if it stands so already."""
    process = next((one for one in plug.processes() if one.name == name), None)
    if process is None:
        raise NotFound(what="process", code=name)
    if not on and not process.optional:
        raise AlwaysOn(name=name)
    row = session.get(ProcessSwitch, name)
    if _switch(process, row).on is on:
        return False
    row = row or ProcessSwitch(name=name, on=on, since=at, by=by)
    row.on, row.since, row.by = on, at, by[:64]
    session.add(row)
    trail.record(
        session,
        at=at,
        actor=by[:64],
        action="process.on" if on else "process.off",
        subject=f"process:{name}",
    )
    return True


@transaction
def begin(session: Session, at: datetime) -> None:
    """Have every process on in a home that begins now."""
    later = [one.name for one in plug.processes() if not one.founding]
    rows = [{"name": name, "on": True, "since": at, "by": "service"} for name in later]
    if rows:
        insert_new(session, ProcessSwitch, rows)


def _switch(process: Process, row: ProcessSwitch | None) -> Switch:
    if row is None:
        return Switch(name=process.name, on=process.founding, optional=process.optional)
    on = row.on or not process.optional
    return Switch(name=process.name, on=on, optional=process.optional, since=row.since, by=row.by)
