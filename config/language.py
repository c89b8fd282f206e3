"""The two languages (中英双语): sentences, labels of stable words, instants and dates.

The English sentence in the code is the key; its Chinese lies in `config/locale/zh/*.po`.
What a user wrote is only ever a fact put into a sentence, never the sentence itself.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

from config.labels import LABELS, SORTS
from rules.audit import Reasons

LOCALE: Final = Path(__file__).parent / "locale"
LANGUAGES: Final = ("zh", "en")
BEIJING: Final = frozenset({"Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "PRC"})
WEEKDAYS: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)

Catalogue = Mapping[tuple[str | None, str], str]


@lru_cache(maxsize=4)
def catalogue(language: str) -> Catalogue:
    """Return (context, sentence) to translation, of all files of a language; read once."""
    found: dict[tuple[str | None, str], str] = {}
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    found[message.context, str(message.id)] = str(message.string)
    return found


def say(language: str, sentence: str, /, **facts: Any) -> str:
    """Return the sentence in that language, with its facts; English where it has no translation.

    A fact that is one of our words appears by its label, a date as people write it; an instant
    is for `show_instant`, which knows the zone. `what` names a sort of thing: person, duty, …
    """
    known = {name: _shown(language, name, fact) for name, fact in facts.items()}
    return catalogue(language).get((None, sentence), sentence).format(**known)


def label(language: str, word: str, kind: str, /) -> str:
    """Return what people call a stable word; a word that is none of ours is shown as it is.

    `kind` is the sort of word: severity, risk, role, duty_kind, duty_state,
    nonconformity_state, letter, notice_state, source, method, thing.
    """
    english = LABELS[kind].get(str(word))
    if english is None:
        return str(word)
    return catalogue(language).get((kind, english), english)


def _shown(language: str, name: str, fact: Any) -> Any:
    if type(fact) is date:
        return show_date(language, fact)
    if isinstance(fact, Reasons):  # several sentences as one fact
        told = (say(language, sentence, **facts) for sentence, facts in fact.said())
        return ("；" if language == "zh" else "; ").join(told)
    if isinstance(fact, tuple):  # several of our words, as reasons come
        return listed(language, (str(_shown(language, name, one)) for one in fact))
    sort = SORTS.get(type(fact)) or ("thing" if name == "what" else None)
    return label(language, fact, sort) if sort else fact


def listed(language: str, items: Iterable[str]) -> str:
    """Return the items in a row, with the comma of the language."""
    return ("、" if language == "zh" else ", ").join(items)


def show_instant(language: str, at: datetime, zone: ZoneInfo, *, brief: bool = False) -> str:
    """Return an instant on the site's wall clock, with the zone named.

    `brief` is for tables whose head names the zone: 2026-09-28 18:00.
    """
    local = at.astimezone(zone)
    if brief:
        return f"{local:%Y-%m-%d %H:%M}"
    if language == "zh":
        return (
            f"{show_date(language, local.date())}{local:%H:%M}（{show_zone(language, at, zone)}）"
        )
    day = show_date(language, local.date())
    return f"{day}, {local:%H:%M} ({show_zone(language, at, zone)})"


def show_date(language: str, day: date) -> str:
    """Return a date with its weekday: 2026年9月28日（周一）, Mon 28 Sep 2026."""
    weekday = WEEKDAYS["zh" if language == "zh" else "en"][day.weekday()]
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日（{weekday}）"
    return f"{weekday} {day.day} {MONTHS[day.month - 1]} {day.year}"


def show_zone(language: str, at: datetime, zone: ZoneInfo) -> str:
    """Return the name of the site's zone at that instant: 北京时间, UTC+8, UTC-3:30."""
    if language == "zh" and zone.key in BEIJING:
        return "北京时间"
    offset = at.astimezone(zone).utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
