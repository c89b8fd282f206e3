"""One act on a duty, from typed words to the one door (代录答复)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from models import people
from models.engine import reading
from processes.attachment import attached as evidence
from processes.duty import answers, handing_over, instructing, kinds
from processes.duty import history as duty_history
from processes.duty.answers import Answered, CodeNeeded
from processes.duty.deed import OPERATOR
from processes.mail import outbox
from processes.nonconformity import declarations
from rules.refusal import NotFound, Refused
from service.commands.wording import language


class FieldMissing(Refused):
    """An act cannot be done without this field."""

    sentence = "{act} needs the field {field}: --set {field}=…"


class NoSuchDay(Refused):
    """The field is no date."""

    sentence = "{field}: {value} is no date: write it like 2026-10-08"


class FormUnreadable(Refused):
    """Fields that are no values of their kind, or no fields at all."""

    sentence = "nothing was recorded"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.lines = [f"{field}: {said}" if field else said for field, said in problems.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an operator typed for somebody."""

    act: str
    about: str
    person: str
    data: Mapping[str, Any]
    attach: tuple[Path, ...]
    code: str | None
    at: datetime
    operator: str

    @property
    def via(self) -> str:
        return OPERATOR + self.operator


def do(asked: Asked) -> Answered:
    """Do it, or raise the rule's no. A code that is needed is put into the outbox at once."""
    try:
        return _do(asked, _person(asked.person))
    except CodeNeeded:
        gather_all(asked.at)  # ten minutes are short: it must not wait for the next turn
        raise


def gather_all(at: datetime) -> None:
    """Make finished mails of everything that waits to be told."""
    portion = 100
    while outbox.gather(at, limit=portion).people >= portion:
        pass


def _do(asked: Asked, person: int) -> Answered:
    if asked.act == "void":
        return declarations.void(
            asked.about,
            person_id=person,
            reason=_text(asked, "reason"),
            at=asked.at,
            via=asked.via,
            signature=asked.code,
        )
    if asked.act == "straight_up":
        return declarations.straight_up(
            _subject(asked),
            person_id=person,
            reason=_text(asked, "reason"),
            at=asked.at,
            via=asked.via,
        )
    return _on_duty(asked, _duty(asked), person)


def _on_duty(asked: Asked, duty: int, person: int) -> Answered:
    if asked.act == "acknowledge":
        return answers.acknowledge(duty, person_id=person, at=asked.at, via=asked.via)
    if asked.act == "extend":
        return answers.ask_extension(
            duty,
            person_id=person,
            until=_day(asked, "until"),
            reason=_text(asked, "reason"),
            at=asked.at,
            via=asked.via,
        )
    if asked.act == "hand_over":
        return handing_over.hand_over(
            duty,
            person_id=person,
            to=_text(asked, "to"),
            reason=_text(asked, "reason"),
            at=asked.at,
            via=asked.via,
        )
    if asked.act == "instruct":
        note = _text(asked, "instruction")
        return instructing.instruct(duty, person_id=person, note=note, at=asked.at, via=asked.via)
    for file in asked.attach:
        with file.open("rb") as content:
            evidence.attach(duty, person_id=person, name=file.name, content=content, at=asked.at)
    try:
        return answers.answer(
            duty,
            person_id=person,
            data=asked.data,
            at=asked.at,
            via=asked.via,
            code=asked.code,
        )
    except ValidationError as wrong:
        model = kinds.of(duty_history.of_duty(duty, at=asked.at).duty.kind).form
        raise FormUnreadable(answers.problems(wrong, model, language())) from wrong


def _person(code: str) -> int:
    with reading() as session:
        found = people.named(session, code).id
    assert found is not None
    return found


def _duty(asked: Asked) -> int:
    number = asked.about.removeprefix("duty:")
    if not number.isdecimal():
        raise NotFound(what="duty", code=asked.about)
    return int(number)


def _subject(asked: Asked) -> str:
    """Return the nonconformity that is meant: by its own code, or by a duty about it."""
    if not asked.about.isdecimal():
        return asked.about
    return duty_history.of_duty(int(asked.about), at=asked.at).duty.subject


def _text(asked: Asked, field: str) -> str:
    if not str(asked.data.get(field) or "").strip():
        raise FieldMissing(act=asked.act, field=field)
    return str(asked.data[field])


def _day(asked: Asked, field: str) -> date:
    value = asked.data.get(field)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(_text(asked, field).strip())
    except ValueError:
        raise NoSuchDay(field=field, value=value) from None
