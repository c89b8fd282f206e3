"""A form as a reader sees it (表单字段): labels, help and choices in his language.

Made from the models of `forms`, so that a page, the command line and Prefect's form ask the
same. `problems` says in a sentence a field what could not be read as a value at all.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from annotated_types import MaxLen
from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

from config.language import listed, say
from processes.duty.forms import CHOICES, LINE_MOST

FieldKind = Literal["choice", "date", "bool", "line", "paragraph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of a form. `choices` are (stable word, what it is called)."""

    name: str
    kind: FieldKind
    label: str
    help: str
    required: bool
    default: str
    choices: tuple[tuple[str, str], ...] = ()
    most: int | None = None  # characters

    @property
    def multiline(self) -> bool:
        return self.kind == "paragraph"


def fields(model: type[BaseModel], language: str) -> list[Field]:
    """Return the questions of a form, in their order, in that language."""
    return [
        _field(name, info, language) for name, info in model.model_fields.items() if _asked(info)
    ]


def problems(error: ValidationError, model: type[BaseModel], language: str) -> dict[str, str]:
    """Return what is wrong by field, a sentence each; "" is the form as a whole."""
    return {
        ".".join(str(part) for part in wrong["loc"]): _sentence(wrong, model, language)
        for wrong in error.errors(include_url=False)
    }


def _asked(info: FieldInfo) -> bool:
    """Whether it is a question; the lines of a sheet are filled beside the form."""
    extra = info.json_schema_extra
    return not (isinstance(extra, dict) and extra.get("asked") is False)


def _field(name: str, info: FieldInfo, language: str) -> Field:
    plain = _plain(info.annotation)
    most = _most(info)
    return Field(
        name=name,
        kind=_kind(plain, most),
        label=say(language, info.title or name),
        help=say(language, info.description) if info.description else "",
        required=info.is_required(),
        default=_default(info),
        choices=_choices(plain, language),
        most=most,
    )


def _plain(annotation: Any) -> Any:
    """Return the type behind an `X | None`."""
    if get_origin(annotation) in {Union, UnionType}:
        return next(kind for kind in get_args(annotation) if kind is not type(None))
    return annotation


def _kind(plain: Any, most: int | None) -> FieldKind:
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return "choice"
    if plain is date:
        return "date"
    if plain is bool:
        return "bool"
    return "line" if most is not None and most <= LINE_MOST else "paragraph"


def _choices(plain: Any, language: str) -> tuple[tuple[str, str], ...]:
    if not (isinstance(plain, type) and issubclass(plain, StrEnum)):
        return ()
    return tuple(
        (word.value, say(language, CHOICES.get((plain, word), word.value))) for word in plain
    )


def _most(info: FieldInfo) -> int | None:
    for mark in info.metadata:
        if isinstance(mark, MaxLen):
            return mark.max_length
        if isinstance(mark, StringConstraints) and mark.max_length is not None:
            return mark.max_length
    return None


def _default(info: FieldInfo) -> str:
    value = None if info.is_required() else info.default
    return "" if value is None else str(value)


# What pydantic found, as sentences a quality manager would say.
_WRONG: Final = {
    "missing": "this is needed",
    "extra_forbidden": "there is no such field: leave it out",
    "string_too_long": "too long: at most {max_length} characters",
    "too_long": "too long: at most {max_length} characters",
    "string_type": "this must be text",
    "enum": "choose one of: {choices}",
    "bool_parsing": "answer yes or no",
}
_DATES: Final = "this is no date: write it like 2026-09-28"


def _sentence(wrong: Any, model: type[BaseModel], language: str) -> str:
    kind: str = wrong["type"]
    if kind.startswith("date"):
        return say(language, _DATES)
    sentence = _WRONG.get(kind)
    if sentence is None:
        return str(wrong["msg"]).removeprefix("Value error, ")
    facts = dict(wrong.get("ctx") or {})
    info = model.model_fields.get(str(wrong["loc"][0])) if wrong["loc"] else None
    if info is not None:
        words = _choices(_plain(info.annotation), language)
        facts["choices"] = listed(language, (f"{word} ({called})" for word, called in words))
    return say(language, sentence, **facts)
