"""Asking an address (接口采集): JSON and nothing else, within its seconds and its bytes.

The whole exchange has one deadline, headers included: a server that sends a byte now and then
is as late as one that sends none. No redirect is followed, because what was configured is what
was judged to be harmless; no compression is taken, so that a byte counted is a byte read.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from config.kpi_source import Http, Prometheus, secret
from processes.kpi.fetch import Row, days, times
from processes.kpi.sources import SourceFailed, Wanted

JSON: Final = ("application/json", "+json")
TRY_LATER: Final = frozenset({408, 425, 429})
_MISSING: Final = object()


def document(source: Http, wanted: Wanted) -> tuple[list[Row], dict[str, Any]]:
    """Return the values the pointers lead to, and how to ask again."""
    url = source.url
    for name, day in days(wanted).items():
        url = url.replace("{" + name + "}", day)
    body, evidence = fetched(source, url, {})
    pointers = {
        "value": source.value,
        "numerator": source.numerator,
        "denominator": source.denominator,
    }
    row = {name: pointed(body, pointer) for name, pointer in pointers.items() if pointer}
    return [times(row, source.times)], evidence


def fetched(
    source: Http | Prometheus, url: str, params: Mapping[str, str]
) -> tuple[Any, dict[str, Any]]:
    """Return the document at an address, and the evidence of it."""
    headers = {name: _carried(variable) for name, variable in source.headers_env.items()}
    raw = _within(source, url, params, headers)
    digest = hashlib.sha256(raw).hexdigest()
    evidence = {"url": url, **params, "bytes": len(raw), "sha256": digest}
    return _parsed(raw), evidence


def pointed(document: Any, pointer: str) -> Any:
    """Return what a JSON pointer (RFC 6901) leads to; `null` is a value that is not there."""
    found = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(key, _MISSING)
        elif isinstance(found, list) and key.isascii() and key.isdigit() and len(key) < 7:  # noqa: PLR2004 - digits of an index
            found = found[int(key)] if int(key) < len(found) else _MISSING
        else:
            found = _MISSING
        if found is _MISSING:
            raise SourceFailed("the answer has nothing at {pointer}", pointer=pointer)
    if isinstance(found, dict | list):
        raise SourceFailed("what the answer has at {pointer} is no number", pointer=pointer)
    return found


def _carried(variable: str) -> str:
    """Return a secret that a header can carry; what cannot be sent is named and not repeated."""
    found = secret(variable)
    if not (found.isascii() and found.isprintable()):
        told = "the environment variable {variable} holds what no header can carry"
        raise SourceFailed(told, permanent=True, variable=variable)
    return found


def _within(
    source: Http | Prometheus, url: str, params: Mapping[str, str], headers: Mapping[str, str]
) -> bytes:
    import httpx

    late = "the source did not answer within {seconds} s"
    try:
        return asyncio.run(asyncio.wait_for(_read(source, url, params, headers), source.seconds))
    except (TimeoutError, httpx.TimeoutException) as silent:
        raise SourceFailed(late, seconds=f"{source.seconds:g}") from silent
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as broken:
        why = f"{type(broken).__name__}: {broken}"[:200]
        raise SourceFailed("the source cannot be reached: {why}", why=why) from broken


async def _read(
    source: Http | Prometheus, url: str, params: Mapping[str, str], headers: Mapping[str, str]
) -> bytes:
    import httpx

    asked = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
    async with (
        httpx.AsyncClient(timeout=source.seconds, trust_env=False) as client,
        client.stream("GET", url, params=dict(params) or None, headers=asked) as answer,
    ):
        _refuse_answer(answer.status_code, answer.headers, source.most_bytes)
        kept = bytearray()
        async for chunk in answer.aiter_raw():
            kept += chunk
            if len(kept) > source.most_bytes:
                raise _too_large(source.most_bytes)
        return bytes(kept)


def _refuse_answer(status: int, headers: Mapping[str, str], most: int) -> None:
    """Refuse by status and headers, before anything of the body is read."""
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        told = "the source sends us elsewhere ({status}): write the address it sends to"
        raise SourceFailed(told, permanent=True, status=status)
    if not 200 <= status < 300:  # noqa: PLR2004 - success
        lasting = 400 <= status < 500 and status not in TRY_LATER  # noqa: PLR2004 - our mistake
        raise SourceFailed("the source answered {status}", permanent=lasting, status=status)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.endswith(JSON):
        told = "the source answered with {kind} instead of JSON"
        raise SourceFailed(told, kind=kind[:60] or "nothing")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise SourceFailed("the source answered compressed, which was not asked for")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length[:18]) > most:
        raise _too_large(most)


def _too_large(most: int) -> SourceFailed:
    return SourceFailed("the source answered with more than {most} bytes", most=most)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as wrong:
        raise SourceFailed("the answer is no JSON: {why}", why=str(wrong)[:120]) from wrong


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")
