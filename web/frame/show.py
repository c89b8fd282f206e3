"""How pages are rendered (渲染): one Jinja2 environment that escapes everything people wrote.

Templates get facts and wording, never rows to change. User text is only ever a value; template
source comes from our own files alone.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.current import current
from config.language import label, say, show_date, show_instant, show_zone
from web.duty import wording
from web.frame import csrf, edge

HERE: Final = Path(__file__).parents[1]
STATIC: Final = HERE / "static"
TONGUES: Final = {"zh": "zh-CN", "en": "en"}


@lru_cache(maxsize=32)
def static(name: str) -> str:
    """Return the address of a file of ours, with its hash: browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def lines(text: str | None) -> list[str]:
    """Return the lines of what somebody wrote, for a template that keeps them apart."""
    return (text or "").splitlines()


def query(kept: Mapping[str, Any], **changed: Any) -> str:
    """Return the query of this page with some parts changed; empty parts are left out."""
    parts = {k: v for k, v in {**kept, **changed}.items() if v not in {None, "", False}}
    return urlencode({k: "1" if v is True else str(v) for k, v in parts.items()})


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the environment of all pages."""
    made = Environment(
        loader=FileSystemLoader([HERE / "templates", *sorted(HERE.glob("*/templates"))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(static=static, query=query)
    made.filters["lines"] = lines
    return made


def page(
    request: Request, name: str, /, *, status: int = 200, language: str | None = None, **facts: Any
) -> HTMLResponse:
    """Return a finished page in the reader's language."""
    tongue = language or edge.language_of(request)
    zone, calendar = current().settings.zone, current().calendar
    reader = getattr(request.state, "reader", None)
    at = edge.instant(request)
    html = (
        environment()
        .get_template(name)
        .render(
            request_path=request.url.path,
            language=tongue,
            now=at,
            html_language=TONGUES[tongue],
            organisation=current().settings.organisation,
            zone_name=show_zone(tongue, at, zone),
            reader=reader,
            own_field=csrf.field(reader.bound, at) if reader else None,
            t=partial(say, tongue),
            label=partial(label, tongue),
            instant=lambda when: show_instant(tongue, when, zone),
            moment=lambda when: f"{show_date(tongue, calendar.day(when))} {_clock(when)}",
            brief=lambda when: show_instant(tongue, when, zone, brief=True),
            date=partial(show_date, tongue),
            next_words=partial(wording.next_words, tongue),
            shown=partial(wording.shown, tongue),
            way=partial(wording.way, tongue),
            size=wording.size,
            acts=wording.ACTS,
            nav=_nav,
            passed_words=wording.PASSED,
            **facts,
        )
    )
    return HTMLResponse(html, status_code=status)


def _nav(reader: Any) -> Any:
    from web import plug  # it knows the pages, which all know this module

    return plug.nav(reader)


def _clock(when: datetime) -> str:
    return f"{current().calendar.local(when):%H:%M}"
