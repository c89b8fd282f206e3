"""What a page answers to a form (对表单的答复): a sentence, its mood, and all that was typed.

Whatever stood in the way of an act becomes a value here, and the page is shown again with it:
a rule's no, a field that cannot be read, a code that was mailed.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import ValidationError
from starlette.requests import Request

from config.language import say
from processes.duty import answers, kinds
from processes.duty.answers import CodeNeeded, CodeWrong
from rules.refusal import AlreadyAnswered, NotEntitled, Refused, Withdrawn
from web.duty.acts import Wrong
from web.frame import csrf, edge
from web.frame.errors import sentence_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The answer; `act` names the form that was sent, `wrong` holds a sentence a field."""

    status: int = 200
    said: str | None = None
    mood: str = ""
    more: str | None = None
    act: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    code: CodeNeeded | CodeWrong | None = None

    @property
    def code_step(self) -> dict[str, object] | None:
        """Where the code was sent, if one is to be entered now; the address masked."""
        if self.code is None:
            return None
        return {name: self.code.facts.get(name) for name in ("sent_to", "minutes")}


NOTHING: Final = Told()


def refused(request: Request, act: str, typed: dict[str, str], no: Refused) -> Told:
    """Say a rule's no; that it was answered before, or needs a code, is no refusal.

    A form that is not the reader's own is no answer of his: it is raised again.
    """
    if isinstance(no, csrf.FormForged):
        raise no
    said = sentence_of(request, no)
    if isinstance(no, AlreadyAnswered | Withdrawn):
        return Told(said=said, mood="yes")
    if isinstance(no, CodeNeeded):
        return Told(act=act, typed=typed, code=no)
    if isinstance(no, CodeWrong):
        return Told(status=409, said=said, mood="no", act=act, typed=typed, code=no)
    status = 403 if isinstance(no, NotEntitled | csrf.FormExpired) else 409
    return Told(status=status, said=said, mood="no", act=act, typed=typed)


def unreadable(
    request: Request, kind: str, act: str, typed: dict[str, str], wrong: ValidationError
) -> Told:
    """Say beside each field of a kind's form what cannot be read."""
    language = edge.language_of(request)
    found = answers.problems(wrong, kinds.of(kind).model, language)
    return mistakes(language, act, typed, found)


def wrong_field(request: Request, act: str, typed: dict[str, str], wrong: Wrong) -> Told:
    """Say beside one field what cannot be read."""
    language = edge.language_of(request)
    return mistakes(language, act, typed, {wrong.field: say(language, wrong.sentence)})


def mistakes(language: str, act: str, typed: dict[str, str], found: dict[str, str]) -> Told:
    """Say what is wrong by field, and of the form as a whole."""
    return Told(
        status=422,
        said=say(language, "Something is missing or cannot be read. Nothing was sent yet."),
        more=" ".join(sentence for name, sentence in found.items() if not name),
        mood="no",
        act=act,
        typed=typed,
        wrong=found,
    )


def with_files(request: Request, told: Told, kept: list[str]) -> Told:
    """Say which files are kept already, when the answer itself was not taken."""
    if not kept or told.mood == "yes":
        return told
    sentence = say(
        edge.language_of(request),
        "Your files are kept, you need not attach them again: {names}",
        names=", ".join(kept),
    )
    return replace(told, more=" ".join(filter(None, (told.more, sentence))))
