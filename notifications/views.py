"""An item as a template sees it (信函视图): every value cleaned, short enough and in the language.

Facts a letter may use, all optional unless starred (names, not ids; instants or ISO text):

    next_at           when the next step is due, if nothing happens
    why gap           of an escalation: chain, again, quality_head, quality_chain,
                      top_management, operator
    still_since       since when the service had stood still, if the step is late by it
    first_due extended  the first due date, and how often it was extended since
    calendar_changed was_due_at      the due date has moved with the working calendar
    reason            free text: why it goes straight up, an extension is asked, it is disputed
    declared_by risk  who declared that it cannot be solved in the team, or the high risk
    asked_by asked_until was_due_at granted decided_by note about      of extensions
    by said           who stood in; which letter he received
    outcome by why    of what is over: discharged, withdrawn, closed or void
    note times        findings of a verification, and the how-manieth ineffective one
    note sent_back overruled decision      what came before an assignment
    code* minutes     of a code to sign with
    minutes           of a sign-in link, which is the item's own link*
    message*          of an alarm
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.language import label, listed, say, show_date, show_instant
from notifications.letters import Item, Letter, PassedOver
from rules.letters import traits_of
from rules.text import line, paragraph, shortened
from rules.words import LetterKind

LONGEST_TITLE: Final = 160  # characters of a title in a letter; the page shows it whole
LONGEST_NAME: Final = 60
LONGEST_PARAGRAPH: Final = 1500

UNREACHABLE: Final = MappingProxyType(
    {
        "inactive": "{name} (no longer active)",
        "no_address": "{name} (no mail address)",
        "bad_address": "{name} (mail to the address is refused)",
        "absent": "{name} (absent, with no delegate who can be reached)",
    }
)
# What a line of a digest says beside its own section, if the same sweep had that to say as well.
AS_WELL: Final = MappingProxyType(
    {
        LetterKind.ASSIGNMENT: "New",
        LetterKind.INEFFECTIVE: "Found ineffective",
        LetterKind.STOOD_IN: "Received by your delegate",
    }
)
ADVICE: Final = "The page says what is asked for."
INSTANTS: Final = (
    *("next_at", "was_due_at", "begins_at", "still_since", "first_due"),
    *("given_at", "until"),
)
DAYS: Final = ("asked_until",)
PEOPLE: Final = ("asked_by", "decided_by", "by", "declared_by")

# The same few sentences, names and dates stand in hundreds of letters of one sweep.
said = lru_cache(maxsize=8192)(say)
labelled = lru_cache(maxsize=1024)(label)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One item, ready to be put into sentences."""

    letter: str
    about: str  # 不符合项 NC-2026-0007
    title: str
    named: str  # 不符合项 NC-2026-0007“标题”
    code: str
    severity: str  # its label, 严重
    mark: str  # 【第2级升级】
    kind: str  # code of the kind of duty
    duty: str  # its label
    owner: str  # with the unit
    owner_name: str
    mine: bool  # whether the reader owes it himself
    project: str
    due: str
    due_brief: str  # 10月12日 18:00
    due_short: str  # 2026-10-12 18:00
    days: int  # working days overdue
    late: str  # 5 个工作日
    level: int | None
    nth: str  # the how-manieth time at the top; empty the first time
    marks: tuple[LetterKind, ...]
    absent: str  # whom the reader stands in for
    passed: str
    link: str
    advice: str  # what whoever owes it does now
    facts: dict[str, Any]


def view(item: Item, letter: Letter) -> View:
    """Return the item as this letter's reader is told it."""
    language, zone = letter.language, letter.zone
    title, code = _short(item.title, LONGEST_TITLE), line(item.subject)
    about = said(language, item.called or "{code}", code=code) if code else ""
    return View(
        letter=item.letter.value,
        about=about,
        title=title,
        named=say(language, "{about} “{title}”", about=about, title=title) if title else about,
        code=code,
        severity=_severity(language, item),
        mark=_mark(language, item),
        kind=item.kind,
        duty=labelled(language, line(item.kind), "duty_kind"),
        owner=_owner(language, item.owner_name, item.owner_unit),
        owner_name=name(item.owner_name),
        mine=_mine(item),
        project=_short(item.project, LONGEST_NAME),
        due=instant(language, item.due_at, zone),
        due_brief=brief(language, item.due_at, zone),
        due_short=short(language, item.due_at, zone),
        days=item.overdue_days,
        late=working_days(language, item.overdue_days),
        level=item.level,
        nth=ordinal(language, item.again + 1) if item.again else "",
        marks=item.marks,
        absent=name(item.on_behalf_of),
        passed=_passed(language, item.passed_over) if item.passed_over else "",
        link=_link(item.link),
        advice=said(language, item.advice or ADVICE),
        facts={key: _fact(language, zone, key, value) for key, value in item.facts.items()},
    )


def details(language: str, seen: View) -> Iterator[tuple[str, str]]:
    """Return what stands in a single letter's small table: label and value, without empty ones."""
    pairs = (
        ("Number", seen.code),
        ("Title", seen.title),
        ("Severity", seen.severity),
        ("Project", seen.project),
        ("What is owed", seen.duty),
        ("Owed by", seen.owner),
        ("Due date", seen.due),
        ("Overdue by", seen.late if seen.days else ""),
    )
    return ((said(language, key), value) for key, value in pairs if value)


def row(language: str, seen: View) -> str:
    """Return what a line of a digest or table says under its title."""
    due = said(language, "due {due}", due=seen.due_short) if seen.due_short else ""
    return _dotted((seen.duty, "" if seen.mine else seen.owner, due))


def remark(language: str, seen: View) -> str:
    """Return why it comes to this reader, where the line of a digest or table has to say it."""
    by = seen.facts.get("by") if seen.letter == LetterKind.STOOD_IN else None
    return _dotted(
        (
            said(language, "for the {nth} time", nth=seen.nth) if seen.nth else "",
            said(language, "received by {name}", name=by) if by else "",
            *(said(language, AS_WELL[one]) for one in seen.marks if one in AS_WELL),
            said(language, "for {name}, who is absent", name=seen.absent) if seen.absent else "",
            say(language, "passed over: {people}", people=seen.passed) if seen.passed else "",
        )
    )


@lru_cache(maxsize=8192)
def name(text: str) -> str:
    """Return a person's or unit's name on one line."""
    return shortened(line(str(text or "")), LONGEST_NAME)


def working_days(language: str, days: int) -> str:
    """Return so many working days in words: 5 个工作日, 1 working day."""
    if days == 1:
        return said(language, "1 working day")
    return said(language, "{n} working days", n=days)


def ordinal(language: str, n: int) -> str:
    """Return 2nd, 3rd, 4th; Chinese has the number alone (第 n 次)."""
    if language == "zh":
        return str(n)
    ending = "th" if n % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


@lru_cache(maxsize=4096)
def instant(language: str, at: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant in full, with the zone named."""
    return show_instant(language, at, zone) if at else ""


@lru_cache(maxsize=4096)
def short(language: str, at: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as tables show it, whose head names the zone."""
    return show_instant(language, at, zone, brief=True) if at else ""


@lru_cache(maxsize=4096)
def brief(language: str, at: datetime | None, zone: ZoneInfo) -> str:
    """Return a deadline as a subject line has room for: 10月12日 18:00, 12 Oct 18:00."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    if language == "zh":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    _, day, month, _ = show_date(language, local.date()).split(" ")
    return f"{day} {month} {local:%H:%M}"


@lru_cache(maxsize=8192)
def _short(text: str, most: int) -> str:
    return shortened(line(text), most)


@lru_cache(maxsize=8192)
def _owner(language: str, owner: str, unit: str) -> str:
    if not unit:
        return name(owner)
    return say(language, "{name} ({unit})", name=name(owner), unit=name(unit))


def _mine(item: Item) -> bool:
    """Whether the letter speaks to its reader as the one who owes it; a name is no proof of it."""
    told_above = item.level is not None and item.letter is not LetterKind.STRAIGHT_UP
    return not (told_above or item.on_behalf_of or traits_of(item.letter).about_others)


def _severity(language: str, item: Item) -> str:
    """Return the severity in words; what is not about a nonconformity has none to show."""
    if item.subject_kind != "nonconformity" or not item.subject:
        return ""
    words = labelled(language, item.severity, "severity")
    return words[:1].upper() + words[1:]


def _mark(language: str, item: Item) -> str:
    if item.letter is LetterKind.STOOD_IN:
        return ""
    straight = LetterKind.STRAIGHT_UP in item.marks
    return _level(language, item) + (
        said(language, "【Straight to management】") if straight else ""
    )


def _level(language: str, item: Item) -> str:
    if item.level is None:
        return ""
    if item.again:
        nth = ordinal(language, item.again + 1)
        return said(language, "【Level {level}, {nth} time】", level=item.level, nth=nth)
    return said(language, "【Level {level}】", level=item.level)


def _passed(language: str, people: tuple[PassedOver, ...]) -> str:
    return listed(
        language,
        (
            say(
                language,
                UNREACHABLE.get(one.reason, "{name} ({reason})"),
                name=name(one.name),
                reason=line(one.reason),
            )
            for one in people
        ),
    )


def _dotted(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _link(link: str) -> str:
    if link and not link.startswith(("https://", "http://")):
        raise ValueError(f"a link begins with https:// or http://, and not with {link[:10]!r}")
    return link


def _fact(language: str, zone: ZoneInfo, key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if key in INSTANTS:
        return instant(language, _instant(value), zone)
    if key in DAYS:
        return show_date(language, _day(value))
    if key in PEOPLE:
        return name(value)
    return shortened(paragraph(value), LONGEST_PARAGRAPH) if isinstance(value, str) else value


def _instant(value: datetime | str) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {value}")
    return at


def _day(value: date | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value[:10])
