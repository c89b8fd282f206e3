"""Asking Prometheus (监控采集): one value at the period's end, or one made of many within it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from config.kpi_source import Prometheus
from processes.kpi.fetch import NO_CASES, Row, instants, number, times
from processes.kpi.fetch_http import fetched, pointed
from processes.kpi.sources import SourceFailed, Wanted

INFINITE: Final = frozenset({"+Inf", "-Inf", "Inf"})
MOST_POINTS: Final = 11_000  # what Prometheus itself allows of a range query


def series(source: Prometheus, wanted: Wanted) -> tuple[list[Row], dict[str, Any]]:
    """Return a row for each scope, and how to ask again."""
    queries = {
        name: written
        for name in ("numerator", "denominator", "value")
        if (written := source.query if name == "value" else getattr(source, name))
    }
    if not queries:
        raise SourceFailed("the source names no query", permanent=True)
    found: dict[str, dict[str, Any]] = {}
    evidence: dict[str, Any] = {}
    for name, query in queries.items():
        values, evidence[name] = _values(source, query, wanted)
        for scope, value in values.items():
            found.setdefault(scope, {})[name] = value
    return [times(_row(scope, row), source.times) for scope, row in found.items()], evidence


def _row(scope: str, row: dict[str, Any]) -> Row:
    """Return a row of one scope; NaN is what Prometheus makes of nothing by nothing."""
    if "NaN" in row.values():
        row = dict(NO_CASES)
    return {**row, **({"scope": scope} if scope else {})}


def _values(
    source: Prometheus, query: str, wanted: Wanted
) -> tuple[dict[str, Any], dict[str, Any]]:
    begin, end = instants(wanted)
    seconds = int(end.timestamp() - begin.timestamp())
    asked = {"query": query.replace("$range", f"{seconds}s")}
    base = source.url.rstrip("/")
    if source.step is None:
        params = {**asked, "time": str(int(end.timestamp()))}
        body, evidence = fetched(source, f"{base}/api/v1/query", params)
    else:
        step = max(source.step, -(-seconds // MOST_POINTS))
        span = {"start": str(int(begin.timestamp())), "end": str(int(end.timestamp()) - 1)}
        params = {**asked, **span, "step": str(step)}
        body, evidence = fetched(source, f"{base}/api/v1/query_range", params)
    return _read(source, body), evidence


def _read(source: Prometheus, body: Any) -> dict[str, Any]:
    """Return the value of each series by scope; "" is the whole."""
    if not isinstance(body, dict) or body.get("status") != "success":
        why = str(body.get("error", ""))[:120] if isinstance(body, dict) else ""
        raise SourceFailed("Prometheus said no: {why}", why=why or "-")
    kind, data = pointed(body, "/data/resultType"), body["data"].get("result")
    if kind == "scalar":
        return {"": _sample(data)}
    if not isinstance(data, list):
        raise SourceFailed("Prometheus said no: {why}", why=str(kind)[:60])
    if len(data) > 1 and not source.scope_label:
        told = "the query gives {n} series: sum them up, or name a scope_label"
        raise SourceFailed(told, permanent=True, n=len(data))
    return {_scope(source, one): _value(source, one) for one in data}


def _scope(source: Prometheus, one: Any) -> str:
    labels = one.get("metric") if isinstance(one, Mapping) else None
    if not source.scope_label or not isinstance(labels, Mapping):
        return ""
    return f"{source.scope_label}={labels.get(source.scope_label, '')}"


def _value(source: Prometheus, one: Any) -> Any:
    if not isinstance(one, Mapping):
        raise SourceFailed("Prometheus said no: {why}", why="result")
    if "value" in one:
        return _sample(one["value"])
    samples = [_sample(sample) for sample in one.get("values") or ()]
    known = [number("value", sample) for sample in samples if sample != "NaN"]
    return _reduced(known, source.reduce) if known else "NaN"


def _reduced(values: list[Decimal], how: str) -> Decimal:
    if how == "avg":
        return sum(values, Decimal(0)) / len(values)
    if how == "last":
        return values[-1]
    return {"min": min, "max": max, "sum": sum}[how](values)  # type: ignore[operator,no-any-return]


def _sample(sample: Any) -> str:
    """Return the text of a sample: Prometheus writes [instant, "value"]."""
    if not isinstance(sample, list) or len(sample) != 2 or not isinstance(sample[1], str):  # noqa: PLR2004 - instant and value
        raise SourceFailed("Prometheus said no: {why}", why="sample")
    if sample[1] in INFINITE:
        raise SourceFailed("{name} is no number: {given}", name="value", given=sample[1])
    return sample[1]
