"""What a form on a duty's page does (办理): one function an act, each through the one door.

They return the sentence that says what happens next. Whatever stands in the way is raised and
becomes a page in `web/duty/pages.py`; nothing here decides.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.datastructures import UploadFile

from config.language import say
from processes.attachment import attached as evidence
from processes.duty import answers, handing_over, instructing, kinds, provisional
from processes.duty.provisional import Way
from processes.nonconformity import declarations
from processes.register.rows import DutyRow
from processes.worksheet import drafts as worksheet_drafts
from processes.worksheet import files as worksheet_files
from processes.worksheet import sheets as worksheet
from processes.worksheet.drafts import Saved
from rules import text
from rules.provisional import NotChosen
from rules.refusal import Refused
from rules.worksheet import HEAD, gathered
from web.duty.link import Seen
from web.frame import as_found
from web.frame.posted import Posted


class Wrong(Exception):
    """A field that cannot be read: what is wrong with it, and which it is."""

    def __init__(self, sentence: str, field: str) -> None:
        super().__init__(sentence)
        self.sentence, self.field = sentence, field


class NoSuchAct(Refused):
    """A form of somebody's own making."""

    sentence = "this cannot be done here"


class EpisodeOver(Refused):
    """The letter is of before an extension."""

    sentence = "the deadline has changed since this page was made: open the newest letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """One act as it came in."""

    seen: Seen
    duty: DutyRow
    form: Posted
    at: datetime
    language: str
    way: Way
    kept: list[str] = field(default_factory=list)  # names of the files kept before the answer

    @property
    def answer(self) -> dict[str, str]:
        """What was typed into the fields of the kind's own form."""
        return answer_of(self.duty.kind, self.form)


def answer_of(kind: str, form: Posted) -> dict[str, str]:
    """Return the fields of a kind's form; a stranger's fields are left out."""
    known = kinds.of(kind).form.model_fields
    # The lines of a sheet are saved before the answer, and come with no name of their own.
    return {name: form.fields[name] for name in known if name in form.fields and name != "lines"}


def perform(doing: Doing) -> str:
    """Do what the form asks for, or raise what stands in the way."""
    if not doing.form["act"]:
        raise NotChosen
    act = ACTS.get(doing.form["act"])
    if act is None:
        raise NoSuchAct
    seen = doing.seen
    if act is _confirm:
        return act(doing)  # also of a letter from before an extension
    if seen.episode is not None and seen.episode != doing.duty.episode:
        raise EpisodeOver
    return act(doing)


def _answer(doing: Doing) -> str:
    if (
        as_found.DECISION in kinds.of(doing.duty.kind).form.model_fields
        and not doing.form[as_found.DECISION]
    ):
        raise Wrong("choose one of the two first", as_found.DECISION)
    _attach_all(doing)
    if worksheet.has_sheet(doing.duty.kind):
        save_sheet(doing)  # what was typed is kept, whatever the rule says to the answer
    return answers.answer(
        doing.seen.number,
        person_id=doing.seen.reader.id,
        data=doing.answer,
        at=doing.at,
        via=doing.seen.reader.via,
        code=doing.form["code"] or None,
        episode=doing.seen.episode,
        way=doing.way,
    ).says


def save_sheet(doing: Doing) -> Saved:
    """Keep the lines of the sheet as they were typed, and the questions beside them."""
    fields = doing.form.fields
    seen = {name.removeprefix("seen."): n for name, n in fields.items() if name.startswith("seen.")}
    return worksheet_drafts.save(
        doing.seen.number,
        person_id=doing.seen.reader.id,
        lines={**gathered(fields), HEAD: doing.answer},
        at=doing.at,
        via=doing.seen.reader.via,
        seen={key: int(n) for key, n in seen.items() if n.isdecimal() and n.isascii()},
    )


def _draft(doing: Doing) -> str:
    _attach_all(doing)
    saved = save_sheet(doing)
    return say(
        doing.language,
        "Saved: {filled} of {lines} lines are filled. Nothing has been sent yet.",
        filled=saved.filled,
        lines=saved.lines,
    )


def _fill(doing: Doing) -> str:
    """Take over the Excel copy of the sheet that was brought back."""
    if not doing.form.files:
        raise Wrong("choose a file first", "files")
    with uploaded(doing.form.files[0]) as path:
        saved = worksheet_files.fill(
            doing.seen.number,
            path,
            person_id=doing.seen.reader.id,
            at=doing.at,
            via=doing.seen.reader.via,
        )
    return say(
        doing.language,
        "Taken over: {filled} of {lines} lines are filled. Look at them, then send the answer.",
        filled=saved.filled,
        lines=saved.lines,
    )


@contextmanager
def uploaded(file: UploadFile) -> Iterator[Path]:
    """Lay a file that came with a form where a reader of files finds it."""
    with TemporaryDirectory(prefix="pdca-upload-") as folder:
        name = text.line(Path(file.filename or "").name)[-100:] or "sheet.xlsx"
        path = Path(folder) / name
        with path.open("wb") as kept:
            shutil.copyfileobj(file.file, kept)
        yield path


def _acknowledge(doing: Doing) -> str:
    reader = doing.seen.reader
    return answers.acknowledge(
        doing.seen.number, person_id=reader.id, at=doing.at, via=reader.via, way=doing.way
    ).says


def _extend(doing: Doing) -> str:
    reader = doing.seen.reader
    try:
        until = date.fromisoformat(doing.form["until"].strip())
    except ValueError:
        raise Wrong("this is no date: write it like 2026-09-28", "until") from None
    return answers.ask_extension(
        doing.seen.number,
        person_id=reader.id,
        until=until,
        reason=_reason(doing),
        at=doing.at,
        via=reader.via,
        way=doing.way,
    ).says


def _straight_up(doing: Doing) -> str:
    reader = doing.seen.reader
    return declarations.straight_up(
        doing.duty.subject,
        person_id=reader.id,
        reason=_reason(doing),
        at=doing.at,
        via=reader.via,
        way=doing.way,
    ).says


def _hand_over(doing: Doing) -> str:
    reader = doing.seen.reader
    to = text.line(doing.form["to"])
    if not to:
        raise Wrong("say who is to owe it", "to")
    return handing_over.hand_over(
        doing.seen.number,
        person_id=reader.id,
        to=to,
        reason=_reason(doing),
        at=doing.at,
        via=reader.via,
        way=doing.way,
    ).says


def _instruct(doing: Doing) -> str:
    reader = doing.seen.reader
    return instructing.instruct(
        doing.seen.number,
        person_id=reader.id,
        note=doing.form["instruction"],
        at=doing.at,
        via=reader.via,
        way=doing.way,
    ).says


def _confirm(doing: Doing) -> str:
    """Take the person's word on what was answered in his name."""
    word = doing.form["mine"]
    if word not in MINE:
        raise Wrong("choose one of the two first", "mine")
    said = provisional.confirm(
        doing.seen.number, person_id=doing.seen.reader.id, mine=MINE[word], at=doing.at
    )
    return say(doing.language, said)


MINE: Final = {"yes": True, "no": False}


def _attach(doing: Doing) -> str:
    if not doing.form.files:
        raise Wrong("choose a file first", "files")
    _attach_all(doing)
    return say(doing.language, "Kept with this duty: {names}", names=", ".join(doing.kept))


def _attach_all(doing: Doing) -> None:
    """Keep the files first: an answer that is refused afterwards has not lost them."""
    for file in doing.form.files:
        name = file.filename or ""
        evidence.attach(
            doing.seen.number,
            person_id=doing.seen.reader.id,
            name=name,
            content=file.file,
            at=doing.at,
            line=doing.form["file_line"][:120] or None,
        )
        doing.kept.append(name)


REASON_MOST: Final = 10_000


def _reason(doing: Doing) -> str:
    reason = text.paragraph(doing.form["reason"])
    if len(reason) > REASON_MOST:
        raise Wrong("too long: at most 10,000 characters", "reason")
    return reason


ACTS: Final[dict[str, Callable[[Doing], str]]] = {
    "answer": _answer,
    "acknowledge": _acknowledge,
    "extend": _extend,
    "straight_up": _straight_up,
    "hand_over": _hand_over,
    "instruct": _instruct,
    "attach": _attach,
    "draft": _draft,
    "fill": _fill,
    "confirm": _confirm,
}
