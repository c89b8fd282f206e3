"""How a process joins the others (接入): each package says in its `process.py` what it adds.

`process.py` is data alone: which keys a process answers for, and in which module the table lies
that has them. `processes()` finds every package that has one; nobody imports a process to make
it known. A table is loaded when something of it is asked for first, so that a command that lists
people does not pay for audits. A key claimed twice, or asked for and claimed by nobody, is an
error that names it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Final

import processes as house
from rules.refusal import Refused


class Unknown(Refused):
    """Nothing of this name is known here: a misspelling, or a process that is not installed."""

    sentence = "{key} is not known here ({table}): known are {known}"


class ClaimedTwice(Exception):
    """Two processes say that the same key is theirs: a fault of the program."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a process: the keys that it answers to, and the module in which it lies.

    In that module the table has the name of the field in capitals: `kinds` is `KINDS`.
    """

    module: str
    keys: tuple[str, ...]


def part(module: str, *keys: str) -> tuple[Part, ...]:
    """Say that a module has these keys; tables in two modules are two parts, added."""
    return (Part(module, tuple(str(key) for key in keys)),)


Parts = tuple[Part, ...]
NOTHING: Final[Parts] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What one process adds to the others. Every field is optional but the name."""

    name: str
    kinds: Parts = NOTHING  # kind of duty: `duty.kind.Kind`
    subjects: Parts = NOTHING  # kind of thing that duties are about: `duty.subject.Subject`
    papers: Parts = NOTHING  # kind of document: `approval.course.Paper`
    sources: Parts = NOTHING  # source of nonconformities: `nonconformity.sources.Source`
    activities: Parts = NOTHING  # kind of planned activity: `plan.opening.Opening`
    offices: Parts = NOTHING  # kind of duty: `duty.office.Seat`, whose decision it is
    sheets: Parts = NOTHING  # kind of duty: `worksheet.sheets.Provider`
    registers: Parts = NOTHING  # name of a register: `register.registers.Register`
    imports: Parts = NOTHING  # kind of table: `imports.kind.Taken`
    values: Parts = NOTHING  # kind of source of indicator values: a function
    targets: Parts = NOTHING  # kind of figures: the targets that they are judged by
    # Several processes may answer to one key of these.
    facts: Parts = NOTHING  # kind of duty: what stands beside its form
    typed: Parts = NOTHING  # kind of duty: what is typed into its form beforehand
    idle: Parts = NOTHING  # kind of duty: fields of its form that do not concern this one
    on: Parts = NOTHING  # what happened elsewhere: what this process does then
    walkers: Parts = NOTHING  # records that activities led to, for the walk through a cycle
    proposes: Parts = NOTHING  # improvements for the next plan
    doctor: Parts = NOTHING  # part that `pdca doctor` looks at: (session, at) to sentences
    optional: bool = True  # may be switched off
    founding: bool = False  # of the first release: on in every home until somebody switches it


SHARED: Final = frozenset({"facts", "typed", "idle", "on"})
TABLES: Final = tuple(
    one.name for one in fields(Process) if one.name not in {"name", "optional", "founding"}
)


@cache
def processes() -> tuple[Process, ...]:
    """Return every process of the house, by name; each package with a `process.py` is one."""
    found = (
        import_module(f"{module.name}.process").PROCESS
        for module in iter_modules(house.__path__, "processes.")
        if module.ispkg and find_spec(f"{module.name}.process")
    )
    return tuple(sorted(found, key=lambda one: one.name))


def keys(table: str) -> tuple[str, ...]:
    """Return the keys of a table over all processes, in the order in which they are declared."""
    return tuple(_claims(table))


def has(table: str, key: str) -> bool:
    """Whether a process answers to this key of the table."""
    return key in _claims(table)


def one(table: str, key: str) -> Any:
    """Return what the one process that answers to this key has for it; raise `Unknown`."""
    return _entry(table, key)[0]


def each(table: str, key: str) -> tuple[Any, ...]:
    """Return what every process has for this key; nothing where none answers to it."""
    return _entry(table, key) if has(table, key) else ()


def every(table: str) -> Mapping[str, Any]:
    """Return a whole table of keys that are claimed once, all modules of it loaded."""
    return {key: one(table, key) for key in keys(table)}


def owner(table: str, key: str) -> Process:
    """Return the process that answers to this key; raise `Unknown`."""
    return _claimed(table, key)[0][0]


def tell(happened: str, *facts: Any) -> None:
    """Let every process that waits for it know that something happened (`on`)."""
    for heard in each("on", happened):
        heard(*facts)


@cache
def _claims(table: str) -> Mapping[str, tuple[tuple[Process, str], ...]]:
    """Return who answers to which key, and in which module."""
    found: dict[str, tuple[tuple[Process, str], ...]] = {}
    for process, module, key in _declared(table):
        if key in found and table not in SHARED:
            first = found[key][0][0].name
            raise ClaimedTwice(f"{table} {key} is claimed by {first} and by {process.name}")
        found[key] = (*found.get(key, ()), (process, module))
    return found


def _declared(table: str) -> Iterator[tuple[Process, str, str]]:
    for process in processes():
        for piece in getattr(process, table):
            for key in piece.keys:
                yield process, piece.module, key


def _claimed(table: str, key: str) -> tuple[tuple[Process, str], ...]:
    try:
        return _claims(table)[key]
    except KeyError:
        raise Unknown(table=table, key=key, known=", ".join(_claims(table))) from None


@cache
def _entry(table: str, key: str) -> tuple[Any, ...]:
    """Return the entries of one key, their modules loaded now."""
    return tuple(
        getattr(import_module(module), table.upper())[key]
        for _process, module in _claimed(table, key)
    )
