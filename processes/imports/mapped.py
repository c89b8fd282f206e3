"""A table in somebody else's words (映射导入): its columns and values put into ours."""

import string
from collections.abc import Mapping as Of
from datetime import datetime
from typing import Final

from config.register_mapping import RegisterMapping
from processes.imports.problems import Problems
from processes.imports.tabular import Record, Table
from rules import text

DATED: Final = ("raised_at", "closed_at", "verified_at", "due", "planned_on", "performed_on")


def mapped(table: Table, mapping: RegisterMapping, most: Of[str, int], found: Problems) -> Table:
    """Return the table as our own columns; what the mapping cannot read is noted."""
    _refuse_lacking(table, mapping, found)
    records = [
        Record(record.number, _cells(record, mapping, most, found)) for record in table.records
    ]
    columns = tuple(dict.fromkeys([*mapping.columns, *mapping.constants]))
    return Table(table.file, columns, records, table.notes)


def _refuse_lacking(table: Table, mapping: RegisterMapping, found: Problems) -> None:
    """Refuse a file that lacks a column which the mapping names."""
    named = {name for template in mapping.columns.values() for name in _named(template)}
    for name in sorted(named - set(table.columns)):
        found.say("the column is missing", row=1, column=name)
    found.refuse_if_any()


def _named(template: str) -> list[str]:
    """Return the columns that a template is made from: those in braces, else itself."""
    inside = [name for _, name, _, _ in string.Formatter().parse(template) if name]
    return [name.strip().lower() for name in inside or [template]]


def _cells(
    record: Record, mapping: RegisterMapping, most: Of[str, int], found: Problems
) -> dict[str, str]:
    cells = dict(mapping.constants)
    for ours, template in mapping.columns.items():
        cell = _filled(template, record)
        cell = "" if cell in mapping.written.missing else cell
        cell = _meant(cell, mapping.values.get(ours))
        if cell and ours in DATED and mapping.written.dates:
            cell = _dated(cell, mapping.written.dates, record.number, template, found)
        if ours in mapping.shortened and ours in most:
            cell = text.shortened(text.line(cell), most[ours])
        if cell or ours not in cells:
            cells[ours] = cell
    return cells


def _filled(template: str, record: Record) -> str:
    parts = list(string.Formatter().parse(template))
    if not any(name for _, name, _, _ in parts):
        return record.cells[template.strip().lower()].strip()
    return "".join(
        literal + (record.cells[name.strip().lower()].strip() if name else "")
        for literal, name, _, _ in parts
    )


def _meant(cell: str, words: Of[str, str] | None) -> str:
    """Return what a word of the file means here; without upper and lower case."""
    if not words:
        return cell
    folded = {written.casefold(): meant for written, meant in words.items()}
    return folded.get(cell.casefold(), cell)


def _dated(cell: str, form: str, row: int, column: str, found: Problems) -> str:
    try:
        return datetime.strptime(cell, form).isoformat(sep=" ")  # noqa: DTZ007 - the site's zone
    except ValueError:
        found.say(
            "{cell} is no time as the mapping writes it: {form}",
            row=row,
            column=column,
            cell=cell,
            form=form,
        )
        return ""
