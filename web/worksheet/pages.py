"""The sheet on a duty's page (检查表页): filled line by line on a phone, without scripts.

Each line folds out by itself; what has no result yet, and what was refused, stands open. Every
button saves the whole sheet as it stands, so nothing typed is lost by pressing the wrong one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request

from config.language import say
from models.duty import Duty
from models.engine import reading
from models.people import organisation
from processes.duty.fields import Field
from processes.history.rows import Attached
from processes.imports.problems import ImportRefused
from processes.worksheet import sheets as worksheet
from processes.worksheet.sheets import Kept
from rules.words import DutyState
from rules.worksheet import HEAD, PREFIX, Column, Line, Sheet, SheetRefused, name_of
from web.duty import view
from web.duty.told import Told
from web.frame import edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One line as a reader sees it. `mark` is the stable word of its result."""

    line: Line
    fields: tuple[tuple[Column, Field], ...]
    mark: str
    result: str  # what the mark is called
    rev: int
    saved_by: str
    wrong: str  # of the line as a whole
    open: bool
    files: tuple[Attached, ...]

    @property
    def key(self) -> str:
        return self.line.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A sheet on a page. `values` and the fields' names are those of the form."""

    title: str
    lines: tuple[Shown, ...]
    filled: int
    values: Mapping[str, str]
    head: Mapping[str, str]  # what was saved of the questions beside the sheet
    editable: bool


def shown(shown_: view.View, language: str, told_: Told, *, editable: bool) -> Page | None:
    """Return the sheet of a duty for its page; None where its kind has none.

    A draft is its writer's own: to others a sheet is shown once it has been answered.
    """
    if not worksheet.has_sheet(shown_.duty.kind):
        return None
    with reading() as session:
        duty = session.get(Duty, shown_.duty.id)
        assert duty is not None
        if duty.state is DutyState.OPEN and not editable:
            return None
        sheet = worksheet.sheet_of(session, duty, language)
        kept = worksheet.kept(session, shown_.duty.id)
        posts = organisation(session).posts
    names = {line.by_id: posts[line.by_id].name for line in kept.values()}
    values = {**_saved(kept), **told_.typed}
    files = [file for file in shown_.attached if file.deleted_at is None]
    lines = tuple(
        _line(sheet, line, kept.get(line.key), language, values, told_.wrong, names, files)
        for line in sheet.lines
    )
    return Page(
        title=sheet.title,
        lines=_opened(lines),
        filled=sum(bool(line.mark) for line in lines),
        values=values,
        head=kept[HEAD].filled if HEAD in kept else {},
        editable=editable,
    )


def told(
    request: Request, act: str, typed: dict[str, str], no: SheetRefused | ImportRefused
) -> Told:
    """Say by line what is missing; everything else that was typed has been saved."""
    language = edge.language_of(request)
    if isinstance(no, ImportRefused):
        lines = [problem.said(language) for problem in no.problems]
        said = say(language, "Nothing of the file was taken.")
        return Told(status=409, said=said, more=" ".join(lines[:20]), mood="no", act=act)
    wrong: dict[str, str] = {}
    for trouble in no.troubles:
        name = trouble.field.removesuffix(".")
        wrong.setdefault(name, say(language, trouble.sentence, **trouble.facts))
    said = say(
        language,
        "Your sheet is saved, but cannot be taken yet: {count} entries are missing or wrong.",
        count=len(no.troubles),
    )
    return Told(status=422, said=said, mood="no", act="answer", typed=typed, wrong=wrong)


def _saved(kept: Mapping[str, Kept]) -> dict[str, str]:
    return {
        name_of(key, column): value
        for key, line in kept.items()
        for column, value in line.filled.items()
    }


def _line(
    sheet: Sheet,
    line: Line,
    kept: Kept | None,
    language: str,
    values: Mapping[str, str],
    wrong: Mapping[str, str],
    names: Mapping[int, str],
    files: list[Attached],
) -> Shown:
    first = sheet.columns[0]
    mark = values.get(name_of(line.key, first.name), "")
    called = dict(first.choices).get(mark)
    own = [name for name in wrong if name.startswith(f"{PREFIX}{line.key}")]
    return Shown(
        line=line,
        fields=tuple((column, _field(line, column, language)) for column in sheet.columns),
        mark=mark if called else "",
        result=say(language, called) if called else "",
        rev=kept.rev if kept else 0,
        saved_by=names[kept.by_id] if kept else "",
        wrong=wrong.get(f"{PREFIX}{line.key}", ""),
        open=bool(own),
        files=tuple(file for file in files if file.line == line.key),
    )


def _opened(lines: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """Open the first line without a result, where none was refused: it is the next to fill."""
    if any(line.open for line in lines):
        return lines
    first = next((line.key for line in lines if not line.mark), None)
    return tuple(replace(line, open=line.key == first) for line in lines)


def _field(line: Line, column: Column, language: str) -> Field:
    return Field(
        name=name_of(line.key, column.name),
        kind=column.kind,
        label=say(language, column.title),
        help=say(language, column.help) if column.help else "",
        required=False,
        default="",
        choices=tuple((word, say(language, called)) for word, called in column.choices),
        most=column.most,
    )
