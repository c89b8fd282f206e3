"""The sample company's management review (示例管理评审): held in December, with three decisions.

One is carried out in time, one is left to the next plan, and one that nobody carries out climbs
to the top: it stands first in the input of the review after.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from config.current import current
from config.reading import read_toml
from processes.register.rows import DutyRow
from rules.words import DutyKind
from service.demo.company import DATA


def answered(duty: DutyRow, at: datetime, language: str) -> dict[str, Any] | None:
    """Return what is answered about a review or what it decided; None for the rest."""
    words = _told()[language]
    if duty.kind == DutyKind.HOLD_REVIEW:
        judged = {"suitable": "yes", "adequate": "partly", "effective": "yes"}
        told = {name: words[name] for name in ("attendance", "result")}
        return {**judged, **told, "lines": _lines(at, words["decision"])}
    if duty.kind == DutyKind.CARRY_OUT and _decision(duty, language):
        return {"result": words["done"], "record": f"QR {duty.subject}"}
    return None


def waits(duty: DutyRow, language: str) -> bool:
    """Whether it is the decision that nobody carries out."""
    found = _decision(duty, language) if duty.kind == DutyKind.CARRY_OUT else None
    return bool(found and found.get("open"))


def _lines(at: datetime, decisions: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    today = current().calendar.day(at)
    return {
        f"d{n:02}": {
            "kind": one["kind"],
            "what": one["what"],
            **(
                {"who": one["who"], "until": f"{today + timedelta(days=one['days'])}"}
                if "who" in one
                else {}
            ),
        }
        for n, one in enumerate(decisions, 1)
    }


def _decision(duty: DutyRow, language: str) -> dict[str, Any] | None:
    return next((one for one in _told()[language]["decision"] if one["what"] == duty.title), None)


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    return read_toml(DATA / "review.toml")
