"""An item as a template sees it (信函视图): every value cleaned, short enough and in the language.

Facts a letter may use, all optional unless starred (names, not ids; instants or ISO text):

    next_at           when the next step is due, if nothing happens
    why gap           of an escalation: chain, again, quality_head, top_management, operator
    reason            free text: why it was reported straight up, why an extension is asked
    declared_by       who declared that it cannot be solved in the team
    asked_by asked_until was_due_at granted decided_by note about      of extensions
    by said           who stood in; which letter he received
    outcome by why    of what is over: discharged or withdrawn
    code* minutes     of a code to sign with
    minutes           of a sign-in link, which is the item's own link*
    message* kind ref of an alarm
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from config.language import label, listed, say, show_date, show_instant
from notifications.letters import Item, Letter, PassedOver
from rules.text import line, paragraph, shortened
from rules.words import LetterKind, Severity

LONGEST_TITLE: Final = 160  # characters of a title in a letter; the page shows it whole
LONGEST_NAME: Final = 60
LONGEST_PARAGRAPH: Final = 1500

SUBJECTS: Final = MappingProxyType({"nonconformity": "Nonconformity {code}"})
UNREACHABLE: Final = MappingProxyType(
    {
        "inactive": "{name} (no longer active)",
        "no_address": "{name} (no mail address)",
        "bad_address": "{name} (mail to the address is refused)",
        "absent": "{name} (absent, with no delegate who can be reached)",
    }
)
ABOUT_OTHERS: Final = frozenset(
    {
        LetterKind.ESCALATION,
        LetterKind.STOOD_IN,
        LetterKind.EXTENSION_DECIDED,
        LetterKind.OVER,
    }
)
INSTANTS: Final = ("next_at", "was_due_at", "at")
DAYS: Final = ("asked_until",)
PEOPLE: Final = ("asked_by", "decided_by", "by", "declared_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One item, ready to be put into sentences."""

    letter: str
    letter_label: str
    what: str  # 不符合项 NC-2026-0007
    code: str
    title: str
    named: str  # 不符合项 NC-2026-0007“标题”
    kind: str  # code of the kind of duty
    duty: str  # its label
    severity: str  # its label, 严重
    mark: str  # 【第2级升级】
    owner: str  # with the unit
    owner_name: str
    mine: bool  # whether the reader owes it himself
    project: str
    due: str
    due_brief: str
    days: int  # working days overdue
    late: str  # 5 个工作日
    level: int | None
    nth: str  # the how-manieth time at the top; empty the first time
    marks: tuple[LetterKind, ...]
    absent: str  # whom the reader stands in for
    passed: str
    link: str
    facts: dict[str, Any]
    details: tuple[tuple[str, str], ...]
    row: str  # what a line of a digest or table says under the title
    remark: str


def view(item: Item, letter: Letter) -> View:
    """Return the item as this letter's reader is told it."""
    language, zone = letter.language, letter.zone
    title = shortened(line(item.title), LONGEST_TITLE)
    what = _what(language, item)
    return View(
        letter=item.letter.value,
        letter_label=label(language, item.letter, "letter"),
        what=what,
        code=line(item.subject),
        title=title,
        named=say(language, "{what} “{title}”", what=what, title=title) if title else what,
        kind=item.kind,
        duty=line(label(language, item.kind, "duty_kind")),
        severity=_severity(language, item),
        mark=_mark(language, item),
        owner=_owner(language, item),
        owner_name=name(item.owner_name),
        mine=_mine(item),
        project=shortened(line(item.project), LONGEST_NAME),
        due=instant(language, item.due_at, zone),
        due_brief=brief(language, item.due_at, zone),
        days=item.overdue_days,
        late=working_days(language, item.overdue_days),
        level=item.level,
        nth=ordinal(language, item.again + 1) if item.again else "",
        marks=item.marks,
        absent=name(item.on_behalf_of),
        passed=_passed(language, item.passed_over),
        link=_link(item),
        facts=_facts(language, zone, item.facts),
        details=tuple(_details(item, letter)),
        row=_row(item, letter),
        remark=_remark(item, letter),
    )


def name(text: object) -> str:
    """Return a person's or unit's name on one line."""
    return shortened(line(str(text or "")), LONGEST_NAME)


def working_days(language: str, days: int) -> str:
    """Return so many working days in words: 5 个工作日, 1 working day."""
    if days == 1:
        return say(language, "1 working day")
    return say(language, "{n} working days", n=days)


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
def brief(language: str, at: datetime | None, zone: ZoneInfo) -> str:
    """Return a deadline as a subject line has room for: 9月28日 18:00."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    if language == "zh":
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}"


def _what(language: str, item: Item) -> str:
    code = line(item.subject)
    return say(language, SUBJECTS.get(item.subject_kind, "{code}"), code=code) if code else ""


def _owner(language: str, item: Item) -> str:
    owner, unit = name(item.owner_name), name(item.owner_unit)
    if not unit:
        return owner
    return say(language, "{name} ({unit})", name=owner, unit=unit)


def _mine(item: Item) -> bool:
    """Whether the letter speaks to its reader as the one who owes it; a name is no proof of it."""
    told_above = item.level is not None and item.letter is not LetterKind.STRAIGHT_UP
    return not (told_above or item.on_behalf_of or item.letter in ABOUT_OTHERS)


def _severity(language: str, item: Item) -> str:
    """Return the severity in words; what is not about a nonconformity has none to show."""
    if item.subject_kind != "nonconformity" or not item.subject:
        return ""
    words = label(language, Severity(item.severity), "severity")
    return words[:1].upper() + words[1:]


def _mark(language: str, item: Item) -> str:
    if item.letter is LetterKind.STOOD_IN:
        return ""
    straight = LetterKind.STRAIGHT_UP in item.marks
    return _level(language, item) + (
        say(language, "【Straight to management】") if straight else ""
    )


def _level(language: str, item: Item) -> str:
    if item.level is None:
        return ""
    if item.again:
        nth = ordinal(language, item.again + 1)
        return say(language, "【Level {level}, {nth} time】", level=item.level, nth=nth)
    return say(language, "【Level {level}】", level=item.level)


def _details(item: Item, letter: Letter) -> Iterable[tuple[str, str]]:
    """Return what stands in the small table: label and value, without empty ones."""
    language = letter.language
    severity = _severity(language, item)
    pairs = (
        ("Number", line(item.subject)),
        ("Title", shortened(line(item.title), LONGEST_TITLE)),
        ("Severity", severity),
        ("Project", shortened(line(item.project), LONGEST_NAME)),
        ("Owed", line(label(language, item.kind, "duty_kind"))),
        ("Owed by", _owner(language, item)),
        ("Due", instant(language, item.due_at, letter.zone)),
        ("Overdue by", working_days(language, item.overdue_days) if item.overdue_days else ""),
    )
    return ((say(language, key), value) for key, value in pairs if value)


def _row(item: Item, letter: Letter) -> str:
    language = letter.language
    parts = [line(label(language, item.kind, "duty_kind"))]
    if not _mine(item):
        parts.append(_owner(language, item))
    if item.due_at:
        due = show_instant(language, item.due_at, letter.zone, brief=True)
        parts.append(say(language, "due {due}", due=due))
    return " · ".join(part for part in parts if part)


def _remark(item: Item, letter: Letter) -> str:
    language, said = letter.language, []
    if item.letter is LetterKind.STOOD_IN and item.facts.get("by"):
        said.append(say(language, "received by {name}", name=name(item.facts["by"])))
    if item.on_behalf_of:
        said.append(say(language, "for {name}, who is absent", name=name(item.on_behalf_of)))
    if item.passed_over:
        said.append(
            say(language, "passed over: {people}", people=_passed(language, item.passed_over))
        )
    return " · ".join(said)


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


def _link(item: Item) -> str:
    if item.link and not item.link.startswith(("https://", "http://")):
        raise ValueError(
            f"a link has to begin with https:// or http://, this one with {item.link[:10]!r}"
        )
    return item.link


def _facts(language: str, zone: ZoneInfo, facts: dict[str, Any]) -> dict[str, Any]:
    return {key: _fact(language, zone, key, value) for key, value in facts.items()}


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
