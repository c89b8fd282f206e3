"""A sheet filled line by line (检查表): a project check, an audit's checklist.

A sheet has fixed lines (what is looked at, against what) and columns to be filled (what was
found). A draft may hold anything readable; only the final answer is judged. The first column
decides whether a line counts as filled. Names of fields are `line.{key}.{column}`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, Literal

from rules import text
from rules.refusal import Refused

HEAD: Final = ""  # the key of what is filled about the sheet as a whole
PREFIX: Final = "line."
PARAGRAPH_MOST: Final = 10_000  # characters

Kind = Literal["choice", "line", "paragraph", "date"]
Values = Mapping[str, str]  # column to what was filled
Filled = Mapping[str, Values]  # line to its values
# What stands fixed in a line, in the order in which a reader sees it.
FIXED: Final = ("number", "point", "criterion", "method", "scoring", "weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One thing to fill a line with. `title`, `help` and choices' names are English sentences."""

    name: str
    kind: Kind
    title: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # (stable word, what it is called)
    when: tuple[str, ...] = ()  # the first column's words for which it is asked; () is always
    most: int = PARAGRAPH_MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line, in its reader's language. `key` never changes; `note` is said about it today."""

    key: str
    number: str
    point: str
    criterion: str = ""
    method: str = ""
    scoring: str = ""
    weight: Decimal | None = None
    note: str = ""

    def fixed(self) -> tuple[str, ...]:
        """Return what stands in it and is not to be altered, in the order of `FIXED`."""
        weight = "" if self.weight is None else f"{self.weight.normalize():f}"
        return (self.number, self.point, self.criterion, self.method, self.scoring, weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The lines and columns of one duty: `subject` is the code of the check or audit."""

    kind: str  # of the duty
    subject: str
    version: int
    title: str
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]

    def line(self, key: str) -> Line | None:
        """Return the line of a key."""
        return next((line for line in self.lines if line.key == key), None)

    def column(self, name: str) -> Column | None:
        """Return the column of a name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def structure(self) -> str:
        """Return the hash of everything that a filled copy must not change."""
        told = [
            [self.kind, self.subject, self.version],
            [[line.key, *line.fixed()] for line in self.lines],
            [[column.name, column.kind] for column in self.columns],
        ]
        text_ = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return sha256(text_.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with one field of one line; `column` "" is the line as a whole."""

    key: str
    column: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def field(self) -> str:
        return name_of(self.key, self.column)


class SheetRefused(Refused):
    """The sheet cannot be taken as it is; `troubles` say why, by line."""

    sentence = "{count} entries of the sheet are missing or cannot be taken"

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        super().__init__(count=len(troubles))
        self.troubles = tuple(troubles)


UNKNOWN_LINE: Final = "there is no line “{key}” on this sheet"
UNKNOWN_COLUMN: Final = "there is no field “{column}” on this sheet"
UNKNOWN_CHOICE: Final = "“{value}” is none of the choices"
TOO_LONG: Final = "too long: at most {most} characters"
NO_RESULT: Final = "say what was found: the line has no result yet"


def name_of(key: str, column: str) -> str:
    """Return the name of a field: line.p1.result; of the sheet as a whole the column's own."""
    return column if key == HEAD else f"{PREFIX}{key}.{column}"


def gathered(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the values by line that stand in a flat form; other fields are left out."""
    found: dict[str, dict[str, str]] = {}
    for name, value in data.items():
        if name.startswith(PREFIX) and isinstance(value, str):
            key, _, column = name.removeprefix(PREFIX).rpartition(".")
            found.setdefault(key, {})[column] = value
    return found


def cleaned(sheet: Sheet, given: Filled) -> tuple[dict[str, dict[str, str]], list[Trouble]]:
    """Return what can be kept of it, and what cannot and why. A blank value clears a field."""
    kept: dict[str, dict[str, str]] = {}
    troubles: list[Trouble] = []
    for key, values in given.items():
        if sheet.line(key) is None:
            troubles.append(Trouble(key=key, column="", sentence=UNKNOWN_LINE, facts={"key": key}))
            continue
        for name, value in values.items():
            trouble = _wrong(sheet, key, name, value)
            if trouble is not None:
                troubles.append(trouble)
            else:
                kept.setdefault(key, {})[name] = text.paragraph(value)
    return kept, troubles


def _wrong(sheet: Sheet, key: str, name: str, value: str) -> Trouble | None:
    column = sheet.column(name)
    if column is None:
        return Trouble(key=key, column="", sentence=UNKNOWN_COLUMN, facts={"column": name})
    value = text.paragraph(value)
    if column.choices and value and value not in {word for word, _ in column.choices}:
        facts = {"value": text.shortened(value, 40)}
        return Trouble(key=key, column=name, sentence=UNKNOWN_CHOICE, facts=facts)
    if len(value) > column.most:
        return Trouble(key=key, column=name, sentence=TOO_LONG, facts={"most": column.most})
    return None


def filled_lines(sheet: Sheet, filled: Filled) -> int:
    """Return how many lines have their first column filled."""
    first = sheet.columns[0].name
    return sum(bool(filled.get(line.key, {}).get(first)) for line in sheet.lines)


def unfilled(sheet: Sheet, filled: Filled) -> list[Trouble]:
    """Return a trouble for each line without its first column: the least any sheet needs."""
    first = sheet.columns[0].name
    return [
        Trouble(key=line.key, column=first, sentence=NO_RESULT)
        for line in sheet.lines
        if not filled.get(line.key, {}).get(first)
    ]
