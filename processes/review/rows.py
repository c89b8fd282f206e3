"""The rows of a management review in words (管理评审表格行): one thing a row, in one language.

A row has a value for each column of its table, and the address of the thing it is about.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from config.current import current
from config.language import label, listed, say, show_instant
from processes.review import parts

Row = dict[str, str]
Say = Callable[..., str]
NONE: Final = "–"
_SERVICE: Final = "Service requirements: {answer}"
_OWN: Final = "Own requirements: {answer}"
_EFFECTIVE: Final = "Effective: {answer}"


def checked(one: parts.Checked, language: str) -> Row:
    """Return a point or project of the checks."""
    name = one.name_en if language == "en" and one.name_en else one.name
    return {
        "name": name,
        "checked": str(one.checked),
        "nonconforming": str(one.nonconforming),
        "rate": rate(one.rate),
    }


def audited(one: parts.Audited, language: str) -> Row:
    """Return an audit with its three answers."""
    asked = ((_SERVICE, one.service), (_OWN, one.own), (_EFFECTIVE, one.effective))
    return {
        "code": one.code,
        "area": one.area,
        "held_on": one.held_on.isoformat() if one.held_on else NONE,
        "state": label(language, one.state, "audit_state"),
        "conclusions": "\n".join(
            say(language, sentence, answer=label(language, word, "conclusion"))
            for sentence, word in asked
            if word
        )
        or NONE,
        "grades": counts(one.grades, "grade", language) or NONE,
        "still_open": listed(language, one.still_open) or NONE,
        "link": link("/audits", one.code),
    }


def ruling(one: parts.Ruling) -> Row:
    """Return what management decided about a nonconformity."""
    return {
        "code": one.code,
        "title": one.title,
        "text": one.text,
        "by": one.by,
        "on": one.on.isoformat() if one.on else NONE,
        "link": link("/nonconformities", one.code),
    }


def decision(one: parts.Decided, language: str) -> Row:
    """Return a decision as a row: what, who, until when, and how it stands."""
    return {
        "number": one.code or f"{one.review}-D{one.number}",
        "kind": label(language, one.kind, "review_decision"),
        "what": one.what,
        "owner": label(language, one.owner, "role") if one.owner else NONE,
        "until": one.until.isoformat() if one.until else NONE,
        "state": _stands(one, language),
        "link": link("/activities", one.code) if one.code else "",
        "late": "yes" if one.late else "",
    }


def _stands(one: parts.Decided, language: str) -> str:
    t = partial(say, language)
    said = [label(language, one.state, "decision_state")]
    if one.late:
        said.append(t("late"))
    if one.level:
        said.append(t("level {level}", level=one.level))
    if one.taken:
        said.append(one.taken)
    if one.done_on:
        said.append(one.done_on.isoformat())
    return " · ".join(said) + (f"\n{one.result}" if one.result else "")


def matters(found: parts.Matters, language: str) -> list[Row]:
    """Return nonconformities, and how many more there are."""
    more = [_blank(say(language, "{n} more: see the register", n=found.more))] if found.more else []
    return [
        {
            "code": one.code,
            "title": f"{one.title} ← {one.note}" if one.note else one.title,
            "severity": label(language, one.severity, "severity"),
            "state": label(language, one.state, "nonconformity_state"),
            "owner": one.owner,
            "due": one.due_on.isoformat() if one.due_on else NONE,
            "days": str(one.days) if one.days else "",
            "link": link("/nonconformities", one.code),
        }
        for one in found.rows
    ] + more


def _blank(title_: str) -> Row:
    names = ("code", "severity", "state", "owner", "due", "days", "link")
    return {**dict.fromkeys(names, ""), "title": title_}


def indicators(found: Sequence[parts.Indicator], language: str) -> list[Row]:
    """Return indicators with how often they were attained, missed and missing."""
    return [
        {
            "code": one.code,
            "name": " ".join(part for part in (_called(one, language), one.scope) if part),
            "target": one.target,
            "met": str(one.met),
            "missed": str(one.missed),
            "missing": str(one.missing),
            "value": f"{one.value} {one.unit} ({one.period})" if one.value is not None else NONE,
            "nonconformities": listed(language, one.nonconformities) or NONE,
            "link": link("/kpis/show", one.code),
        }
        for one in found
    ]


def _called(one: parts.Indicator, language: str) -> str:
    return one.name_en if language == "en" and one.name_en else one.name


def counts(counts: Mapping[str, int], kind: str, language: str) -> str:
    """Return counts by their labels: minor 3, major 1."""
    return listed(language, (f"{label(language, word, kind)} {n}" for word, n in counts.items()))


def more(t: Say, more: int) -> list[str]:
    """Return the sentence that there are more; nothing where there are not."""
    return [t("{n} more: see the register", n=more)] if more else []


def rate(value: Any) -> str:
    """Return a rate, or that there is none."""
    return f"{value} %" if value is not None else NONE


def day(at: Any) -> str:
    """Return an instant's local day."""
    return current().calendar.day(at).isoformat() if at else NONE


def instant(at: Any, language: str) -> str:
    """Return an instant as tables show it."""
    return show_instant(language, at, current().settings.zone, brief=True) if at else NONE


def link(path: str, code: str) -> str:
    """Return the address of a page, whatever stands in a code."""
    return f"{path}/{quote(code, safe='')}"


def named(one: Mapping[str, str]) -> dict[str, str]:
    """Return what an objective is about and its target."""
    return {"indicator": one.get("indicator", ""), "target": one.get("target", "")}
