"""What a letter says about one duty (信函条目): ids of rows become names and words here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from config.current import current
from notifications.letters import Item, PassedOver
from notifications.links import Purpose, duty_link, sign
from processes import plug
from rules.calendar import Calendar
from rules.organisation import Organisation
from rules.words import DutyState, LetterKind, Severity

# Facts of a line that hold a person's id; a letter says the name.
PEOPLE: Final = (
    *("asked_by", "decided_by", "by", "declared_by", "handed_by", "handed_to"),
    *("told_instead", "succeeds"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A waiting line as it was read, with the columns of its duty as `duty_…`, if it has one."""

    line: Any
    duty: Any | None


def item(
    organisation: Organisation, told: Told, *, at: datetime, also: Sequence[Told] = ()
) -> Item:
    """Return one line as its letter tells it at `at`; `also` are told as second marks on it."""
    line, duty = told.line, told.duty
    climbed = _climbed(told, also)
    facts = _facts(organisation, told)
    if duty is None:
        return Item(
            letter=LetterKind(line.letter),
            duty=line.duty_id,
            kind="",
            subject=str(facts.get("subject", "")),
            title=str(facts.get("title", "")),
            severity=Severity.MINOR,
            link=str(facts.get("link", current().settings.base_url)),
            facts=facts,
        )
    owner = organisation.posts[duty.duty_owner_id]
    return Item(
        letter=LetterKind(line.letter),
        duty=line.duty_id,
        kind=duty.duty_kind,
        subject_kind=duty.duty_subject_kind,
        called=_called(duty.duty_subject_kind),
        subject=duty.duty_subject,
        title=duty.duty_title,
        severity=Severity(duty.duty_severity),
        link=_link(told, at),
        issued_at=duty.duty_issued_at,
        due_at=duty.duty_due_at,
        overdue_days=_overdue(current().calendar_named(duty.duty_calendar), duty.duty_due_at, at),
        owner_name=owner.name,
        owner_unit=owner.unit_name,
        project=duty.duty_project or "",
        level=climbed.level,
        again=int(climbed.facts.get("again", 0)),
        marks=tuple(dict.fromkeys(LetterKind(one.line.letter) for one in also)),
        on_behalf_of=_name(organisation, line.on_behalf_of_id),
        passed_over=tuple(
            PassedOver(name=_name(organisation, person), reason=reason)
            for person, reason in (
                *climbed.facts.get("passed", ()),
                *climbed.facts.get("unread", ()),
            )
        ),
        advice=_advice(duty.duty_kind),
        facts=facts,
    )


def _climbed(told: Told, also: Sequence[Told]) -> Any:
    """Return the line that says how far it has climbed: a step of the ladder where there is one."""
    steps = [one.line for one in (told, *also) if one.line.letter == LetterKind.ESCALATION]
    return max(steps, key=lambda line: int(line.id), default=told.line)


def _called(kind: str) -> str:
    """Return what things of this kind are called; empty for one that nobody declares."""
    return str(plug.one("subjects", kind).called) if plug.has("subjects", kind) else ""


def _advice(kind: str) -> str:
    """Return what the owner is told to do; empty for a kind that nobody declares any more.

    A duty outlives its process: it climbs until it is closed, whatever is installed today.
    """
    return str(plug.one("kinds", kind).advice) if plug.has("kinds", kind) else ""


def _facts(organisation: Organisation, told: Told) -> dict[str, Any]:
    facts = {k: v for k, v in told.line.facts.items() if k not in {"passed", "again", "unread"}}
    for key in PEOPLE:
        if isinstance(facts.get(key), int):
            facts[key] = _name(organisation, facts[key])
    if told.duty is not None and told.duty.duty_state == DutyState.OPEN:
        facts["next_at"] = told.duty.duty_next_at
    if told.duty is not None and told.duty.duty_extensions and told.line.level is not None:
        facts["first_due"] = told.duty.duty_first_due_at
        facts["extended"] = told.duty.duty_extensions
    return facts


def _link(told: Told, at: datetime) -> str:
    settings = current().settings
    if told.line.person_id is None or settings.secret_key is None:
        return settings.base_url
    payload = (told.line.duty_id, told.line.person_id, told.line.episode)
    token = sign(settings.secret_key.get_secret_value(), Purpose.DUTY, payload, at)
    return duty_link(settings.base_url, token)


@lru_cache(maxsize=4096)
def _overdue(calendar: Calendar, due_at: datetime, at: datetime) -> int:
    """Return the working days past due; 0 on the due day itself and before."""
    return max(0, calendar.count(calendar.day(due_at), calendar.day(at)))


def _name(organisation: Organisation, person: int | None) -> str:
    post = organisation.posts.get(person) if person is not None else None
    return post.name if post else ""
