"""Charts as facts (图表数据): what a chart is drawn from, small enough to be kept in a line.

A letter is rendered later than it is promised; what it shows is what was known when it was.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from processes.kpi.board_series import Seen, Series, measured, target_label
from rules import spc
from rules.kpi import Judgement

MOST: Final = 24  # periods of a letter's chart


def drawn(
    series: Series,
    chart: spc.Chart | None,
    *,
    special: Collection[str],
    language: str,
    expected: Collection[str] = (),
) -> dict[str, Any]:
    """Return the facts of a trend; `expected` periods that are not there are shown as missing."""
    by_period = {seen.period: seen for seen in series.seen}
    codes = sorted({*by_period, *expected}, key=_ordered)[-MOST:]
    usual = _limits(series, chart)
    newest = next((seen.target for seen in reversed(series.seen) if seen.target is not None), None)
    return {
        "title": series.called(language)[:160],
        "unit": series.unit,
        "target_label": target_label(series, newest),
        "points": [_point(code, by_period.get(code), special) for code in codes],
        "targets": _targets(by_period, codes),
        "limits": [usual.get(code) for code in codes] if any(usual.get(c) for c in codes) else None,
    }


def _point(code: str, seen: Seen | None, special: Collection[str]) -> list[Any]:
    missed = seen is not None and seen.judgement is Judgement.MISSED
    return [code, _number(seen, "value"), missed, code in special]


def _number(seen: Seen | None, name: str) -> float | None:
    value = getattr(seen, name) if seen is not None else None
    return None if value is None else float(value)


def _targets(by_period: Mapping[str, Seen], codes: Sequence[str]) -> list[float | None]:
    """Return the target of each period; where nothing was measured, the one before it."""
    found: list[float | None] = []
    for code in codes:
        seen = by_period.get(code)
        before = found[-1] if found else None
        found.append(before if seen is None else _number(seen, "target"))
    return found


def _limits(series: Series, chart: spc.Chart | None) -> dict[str, list[float | None] | None]:
    if chart is None:
        return {}
    return {
        seen.period: [limits.centre, limits.lower, limits.upper]
        if limits.centre is not None
        else None
        for seen, limits in zip(measured(series), chart.limits, strict=True)
    }


def _ordered(code: str) -> str:
    """Codes of one frequency sort as text: 2026-09, 2026-Q3, 2026."""
    return code
