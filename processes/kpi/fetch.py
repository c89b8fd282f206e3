"""Fetching values (自动采集): from a database, a JSON address or Prometheus, outside transactions.

Called between claim and settle. Whatever a source does (answer with
a page, send without end, never answer) it ends within its seconds and its bytes, in values or
in `SourceFailed`, whose sentence says to the owner of the indicator what was wrong.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from config.current import current
from config.kpi_source import Http, Prometheus, Sql, load_source
from config.reading import Misconfigured
from processes.kpi.sources import Fetched, SourceFailed, Wanted
from rules import kpi
from rules.kpi import Observation
from rules.refusal import Refused

NUMBER: Final = re.compile(r"[+-]?\d{1,24}(\.\d{1,24})?([eE][+-]?\d{1,3})?", re.ASCII)
DIGITS: Final = 24  # before or after the point: 1e999999 would be a megabyte of zeros
NO_CASES: Final = {"numerator": Decimal(0), "denominator": Decimal(0)}  # judged as no data


def sql(wanted: Wanted) -> Fetched:
    """Ask a database."""
    from processes.kpi.fetch_sql import rows

    return _asked("sql", wanted, rows)


def http(wanted: Wanted) -> Fetched:
    """Ask an address for a JSON document."""
    from processes.kpi.fetch_http import document

    return _asked("http", wanted, document)


def prometheus(wanted: Wanted) -> Fetched:
    """Ask a Prometheus server."""
    from processes.kpi.fetch_prometheus import series

    return _asked("prometheus", wanted, series)


Source = Sql | Http | Prometheus
Row = Mapping[str, Any]  # value, numerator, denominator, scope: as the source gave them


def _asked(
    kind: str, wanted: Wanted, ask: Callable[[Any, Wanted], tuple[list[Row], dict[str, Any]]]
) -> Fetched:
    try:
        found, evidence = ask(load_source(kind, wanted.rest, current().settings.home), wanted)
    except Misconfigured as wrong:
        raise SourceFailed("{problem}", permanent=True, problem=str(wrong)) from wrong
    if not found:
        raise SourceFailed("the source gave no value for {period}", period=wanted.period.code)
    observations = tuple(_observed(row, wanted) for row in found)
    _refuse_twice(observations)
    return Fetched(
        observations=observations,
        evidence={"source": wanted.source, "at": wanted.at.isoformat(), **evidence},
    )


def days(wanted: Wanted) -> dict[str, str]:
    """Return what a query may name: the period's first and last day, and the day after."""
    after = wanted.period.last + timedelta(days=1)
    return {
        "first": wanted.period.first.isoformat(),
        "last": wanted.period.last.isoformat(),
        "after": after.isoformat(),
        "period": wanted.period.code,
    }


def instants(wanted: Wanted) -> tuple[datetime, datetime]:
    """Return begin and end of the period on the site's clock; the end is no longer in it."""
    zone = current().settings.zone
    after = wanted.period.last + timedelta(days=1)
    return (
        datetime.combine(wanted.period.first, time(), zone),
        datetime.combine(after, time(), zone),
    )


def times(row: Row, factor: float) -> Row:
    """Return a row whose value is in the indicator's unit; counts stay as they are."""
    if factor == 1 or row.get("value") is None:
        return row
    return {**row, "value": number("value", row["value"]) * Decimal(str(factor))}


def _observed(row: Row, wanted: Wanted) -> Observation:
    """Return a row as an observation, or say which of its numbers is none."""
    names = ("value", "numerator", "denominator")
    given: dict[str, Any]
    given = {name: number(name, row[name]) for name in names if row.get(name) is not None}
    if "denominator" in row and not any(given.values()):  # a sum over no rows is NULL, not 0
        given = dict(NO_CASES)
    if not given:
        raise SourceFailed("the source gave no value for {period}", period=wanted.period.code)
    found = Observation(period=wanted.period.code, **given)
    scope = row.get("scope")
    if scope is not None and str(scope).strip():
        found = replace(found, scope=" ".join(str(scope).split())[:160])
    try:
        kpi.refuse_observation(found, unit=wanted.unit)
    except Refused as refused:
        raise SourceFailed("{problem}", problem=str(refused)) from refused
    return found


def number(name: str, given: Any) -> Decimal:
    """Return an exact number; a text is one only if it is nothing else, and no larger than any."""
    written = repr(given) if isinstance(given, float) else str(given).strip()
    if isinstance(given, bool) or not NUMBER.fullmatch(written):
        raise SourceFailed("{name} is no number: {given}", name=name, given=written[:60])
    found = Decimal(written)
    if found and abs(found.adjusted()) > DIGITS:
        raise SourceFailed("{name} is no number: {given}", name=name, given=written[:60])
    return found


def _refuse_twice(found: Iterable[Observation]) -> None:
    """Refuse two rows of one scope: which of them counts is not ours to guess."""
    known: set[str] = set()
    for one in found:
        if one.scope in known:
            raise SourceFailed("the source gave two values for {scope}", scope=one.scope)
        known.add(one.scope)
