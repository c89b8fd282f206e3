"""What is wrong with a file (导入问题): every place at once, by file, row and column.

Rows are counted as a spreadsheet shows them: the header is row 1. Nothing of a file with a
problem is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from config.language import say
from rules.refusal import Refused


class Wrong(Exception):
    """One cell, row or file that cannot be taken; the reader adds where it stands."""

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence.format(**facts))
        self.sentence, self.facts = sentence, facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Where something is wrong, and the sentence that says what."""

    file: str
    row: int | None = None
    column: str | None = None
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """Return the line that a person reads."""
        why = say(language, self.sentence, **self.facts)
        if self.row is None:
            return say(language, "{file}: {why}", file=self.file, why=why)
        if self.column is None:
            return say(language, "{file}, row {row}: {why}", file=self.file, row=self.row, why=why)
        return say(
            language,
            "{file}, row {row}, column {column}: {why}",
            file=self.file,
            row=self.row,
            column=self.column,
            why=why,
        )


class ImportRefused(Refused):
    """Nothing of the file was taken; `problems` names every reason."""

    sentence = "nothing of {file} was taken ({rows} rows refused)"

    def __init__(self, file: str, problems: Sequence[Problem], *, rows: int = 0) -> None:
        super().__init__(file=file, rows=rows)
        self.problems = tuple(problems)
        self.rows = rows  # how many rows are wrong; 0 when the file itself is

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(p.said("en") for p in self.problems)])


class Problems:
    """What was found wrong so far in one file."""

    MOST = 200  # a file of the wrong kind would otherwise say the same a hundred thousand times

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []
        self.rows: set[int] = set()

    def add(self, wrong: Wrong, *, row: int | None = None, column: str | None = None) -> None:
        if row is not None:
            self.rows.add(row)
        self.found.append(
            Problem(
                file=self.file, row=row, column=column, sentence=wrong.sentence, facts=wrong.facts
            )
        )

    def say(
        self, sentence: str, /, *, row: int | None = None, column: str | None = None, **facts: Any
    ) -> None:
        self.add(Wrong(sentence, **facts), row=row, column=column)

    def unknown(self, what: str, code: str, *, row: int, column: str) -> None:
        """Note a code that nobody has."""
        self.say(
            "there is no {what} {code}: import it first, or correct the code",
            row=row,
            column=column,
            what=what,
            code=code,
        )

    def twice(self, code: str, *, first: int, row: int, column: str) -> None:
        """Note a row that stands there twice."""
        self.say(
            "{code} stands there twice, first in row {first}",
            row=row,
            column=column,
            code=code,
            first=first,
        )

    def refuse_if_any(self) -> None:
        """Raise `ImportRefused` with everything found, in the order of the file."""
        if not self.found:
            return
        found = sorted(self.found, key=lambda p: p.row or 0)
        more = len(found) - self.MOST
        if more > 0:
            rest = Problem(
                file=self.file, sentence="and {count} problems more", facts={"count": more}
            )
            found = [*found[: self.MOST], rest]
        raise ImportRefused(self.file, found, rows=len(self.rows))
