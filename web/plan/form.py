"""A plan's draft as a form (计划编辑表单): its text, and a row of fields for each line.

The fields are read as the import reads its cells, so that a file and a page take the same and
refuse the same. A line whose number is emptied is left out; two empty lines wait for new ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from config.labels import LABELS
from config.language import say
from models.engine import reading
from processes.imports.cells import Column
from processes.imports.problems import Wrong
from processes.plan import import_plan as importing
from processes.plan import rows
from processes.plan.activity_people import UNIT_HEAD
from rules import text
from rules.refusal import Refused
from rules.words import Role

MOST_LINES: Final = 60
SPARE: Final = 2
# What the fields of a line are called.
FIELDS: Final[dict[str, str]] = {
    "number": "No.",
    "kind": "Kind of activity",
    "title": "Activity of the plan",
    "detail": "In detail",
    "object_kind": "Object",
    "object": "Code of the object",
    "rule": "Recurrence rule (RFC 5545)",
    "working_day": "Working day",
    "lead_days": "Working days ahead",
    "owner": "Carried out by",
    "checker": "Checked by",
    "output": "Output record",
    "source": "Source",
}
CHOICES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "kind": ("activity_kind", tuple(LABELS["activity_kind"])),
    "object_kind": ("object_kind", tuple(LABELS["object_kind"])),
}
PEOPLE: Final = (*(role.value for role in Role), UNIT_HEAD)
TEXTS: Final = ("purpose", "scope")
COLUMNS: Final = {column.name: column for column in importing.COLUMNS}


class NoDate(Refused):
    """What was typed is no date."""

    sentence = "this is no date: write it like 2026-09-28"


class Unreadable(Exception):
    """Some fields cannot be read; `said` names each in the reader's language."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, as text."""

    text: dict[str, str]
    lines: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the form means."""

    text: dict[str, str]
    lines: list[dict[str, Any]]


def day(value: str) -> date:
    """Return the date that was typed, or refuse it."""
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise NoDate from None


def of_plan(code: str) -> Typed:
    """Return the form of a draft, with empty lines behind the last."""
    with reading() as session:
        plan = rows.by_code(session, code)
        lines = [{name: str(one[name]) for name in FIELDS} for one in rows.lines(session, plan)]
        return Typed({name: getattr(plan, name) for name in TEXTS}, lines + _spare())


def typed(fields: Mapping[str, str]) -> Typed:
    """Return what was typed, line by line."""
    lines = [
        {name: fields.get(f"{n}.{name}", "") for name in FIELDS}
        for n in range(MOST_LINES)
        if f"{n}.number" in fields
    ]
    return Typed({name: fields.get(name, "") for name in TEXTS}, lines)


def parsed(form: Typed, language: str) -> Parsed:
    """Return what was typed as values, or raise `Unreadable` with every mistake."""
    wrong: list[str] = []
    lines, seen = [], set()
    for line in form.lines:
        number = line["number"].strip()
        if not number:
            continue
        if number in seen:
            wrong.append(say(language, "line {number}: it stands there twice", number=number))
        seen.add(number)
        lines.append(_line(line, number, language, wrong))
    if wrong:
        raise Unreadable("\n".join(wrong))
    said = {name: text.paragraph(value) for name, value in form.text.items()}
    return Parsed(said, lines)


def _line(line: Mapping[str, str], number: str, language: str, wrong: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in FIELDS:
        column, cell = COLUMNS[name], line[name].strip()
        try:
            found[name] = _read(column, cell)
        except Wrong as mistake:
            why = say(language, mistake.sentence, **mistake.facts)
            called = say(language, FIELDS[name])
            wrong.append(
                say(
                    language,
                    "line {number}, {field}: {why}",
                    number=number,
                    field=called,
                    why=why,
                )
            )
    return found


def _read(column: Column, cell: str) -> Any:
    if column.needed and not cell:
        raise Wrong("must not be empty")
    return column.read(cell) if cell else column.default


def _spare() -> list[dict[str, str]]:
    return [
        {**dict.fromkeys(FIELDS, ""), "working_day": "1", "lead_days": "0"} for _ in range(SPARE)
    ]
