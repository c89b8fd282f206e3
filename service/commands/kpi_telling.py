"""An indicator as a person reads it in a terminal (指标展示)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.commands import showing
from service.commands.wording import t

VALUES: Final = (
    ("period", "Period"),
    ("scope", "Scope"),
    ("numerator", "Numerator"),
    ("denominator", "Denominator"),
    ("value", "Value"),
    ("target", "Target"),
    ("judgement", "Judgement"),
    ("source", "Source"),
)
CORRECTED: Final = ("Period", "Scope", "Before", "After", "Reason", "Who", "Time")


def show(code: str, *, at: datetime, zone: ZoneInfo, json: bool) -> bool:
    """Show the indicator with this code; False if there is none."""
    from processes.kpi import history as kpi_history

    if not kpi_history.known(code):
        return False
    found = kpi_history.of_kpi(code, at=at)
    if json:
        from processes.register.rows import plain

        showing.as_json({"kind": "kpi", **plain(asdict(found), zone)})
        return True
    _tell(found, zone)
    return True


def _tell(found: Any, zone: ZoneInfo) -> None:
    row = found.kpi
    showing.line(f"{row.code}  {row.name}")
    _facts(
        ("Element", showing.called(row.element, "element")),
        ("Definition", row.definition),
        ("Numerator", row.numerator),
        ("Denominator", row.denominator),
        ("Target", f"{row.direction} {showing.cell(row.target, zone)} {row.unit}"),
        ("Period", showing.called(row.frequency, "frequency")),
        ("Owner", f"{row.owner_name} ({row.owner})"),
        ("Source", row.source),
    )
    showing.table(
        [t(head) for _, head in VALUES],
        (
            [_cell(name, getattr(one, name), zone) for name, _ in VALUES]
            for one in found.measurements
        ),
        title=t("Values"),
    )
    if found.corrections:
        showing.table(
            [t(head) for head in CORRECTED],
            (_corrected(one, zone) for one in found.corrections),
            title=t("Corrections"),
        )
    _misses(found.misses)


def _corrected(one: dict[str, Any], zone: ZoneInfo) -> list[str]:
    return [
        one["period"],
        one["scope"],
        _value(one["before"]),
        _value(one["after"]),
        one["reason"],
        one["actor"],
        showing.cell(one["at"], zone),
    ]


def _value(kept: dict[str, Any]) -> str:
    if kept.get("numerator") is not None and kept.get("denominator") is not None:
        return f"{kept['numerator']}/{kept['denominator']}"
    return str(kept.get("value") or "-")


def _misses(misses: Iterable[dict[str, Any]]) -> None:
    for one in misses:
        showing.line(
            t("missed in {period}: {code}", period=one["period"], code=one["nonconformity"])
        )


def _facts(*facts: tuple[str, str]) -> None:
    for name, value in facts:
        if value.strip():
            showing.line(f"  {t(name)}: {value}")


def _cell(name: str, value: Any, zone: ZoneInfo) -> str:
    if name == "judgement" and value:
        return showing.called(str(value), "judgement")
    return showing.cell(value, zone)
