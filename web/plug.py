"""How a process joins the pages (页面接入): each package says in its `routes.py` what it serves.

`parts()` finds every package that has one, as `processes.plug` finds the processes: the
application, the bar and the page of a duty name none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup

import web as house
from processes.register.rows import DutyRow
from processes.watch import switches
from web.frame.session import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Nav:
    """A place in the bar of every page: where it leads, and to whom it is shown.

    `place` orders the bar from left to right; `begins` are beginnings of addresses that belong
    to it as well.
    """

    path: str
    words: str  # an English sentence, the key of its translation
    place: int
    begins: tuple[str, ...] = ()
    shown: Callable[[Reader], bool] = lambda _reader: True

    def here(self, path: str) -> bool:
        """Whether a page of this address belongs to this place."""
        return path == self.path or path.startswith(self.begins)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a duty is about, beside its form: a heading, facts, and a link to the thing itself."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""
    said: str = ""  # the words of the link
    signed_in: bool = False  # the link is only for readers who have signed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A piece of the home, ready to be drawn: a template, and the `facts` that it shows."""

    template: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What a process adds to the first page: (reader, language, at); None where it has nothing.

    `place` orders the pieces from top to bottom; `shown` says whom they concern.
    """

    panel: Callable[[Reader, str, datetime], Panel | None]
    place: int
    shown: Callable[[Reader], bool] = lambda _reader: True


Tells = Callable[[DutyRow, Reader, str, datetime], About | None]
Knows = Callable[[str, Reader, str], About | None]
Draws = Callable[[DutyRow, str], Markup | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The pages of one process: routes, places in the bar, what the home and a duty show of it.

    `about` and `pictures` are asked for the duties of their kinds: (duty, reader, language, at)
    and (duty, language); `of` about things of a kind, by their code: (code, reader, language).
    """

    process: str = ""  # whose pages they are; empty for what belongs to no process
    routers: tuple[APIRouter, ...] = ()
    nav: tuple[Nav, ...] = ()
    about: Mapping[str, Tells] = field(default_factory=dict)
    pictures: Mapping[str, Draws] = field(default_factory=dict)
    of: Mapping[str, Knows] = field(default_factory=dict)
    home: tuple[Home, ...] = ()

    def off(self) -> bool:
        """Whether these pages belong to a process that is off: readable, but not offered."""
        return bool(self.process) and switches.off(self.process)


@cache
def parts() -> tuple[Part, ...]:
    """Return the pages of every process, by the names of their packages."""
    return tuple(
        import_module(f"{module.name}.routes").PART
        for module in iter_modules(house.__path__, "web.")
        if module.ispkg and find_spec(f"{module.name}.routes")
    )


def nav(reader: Reader) -> list[Nav]:
    """Return the places in the bar of this reader, from left to right."""
    found = (place for one in parts() if not one.off() for place in one.nav if place.shown(reader))
    return sorted(found, key=lambda place: place.place)


def home(reader: Reader, language: str, at: datetime) -> list[Panel]:
    """Return the pieces of this reader's home, from top to bottom."""
    found = [piece for one in parts() if not one.off() for piece in one.home if piece.shown(reader)]
    found.sort(key=lambda piece: piece.place)
    panels = (piece.panel(reader, language, at) for piece in found)
    return [panel for panel in panels if panel is not None]


def about(duty: DutyRow, reader: Reader, language: str, at: datetime) -> list[About]:
    """Return what the processes say a duty is about."""
    told: list[Any] = [one.about[duty.kind] for one in parts() if duty.kind in one.about]
    found = (tell(duty, reader, language, at) for tell in told)
    known = about_thing(duty.subject_kind, duty.subject, reader, language)
    return [one for one in found if one is not None] + known


def about_thing(kind: str, code: str, reader: Reader, language: str) -> list[About]:
    """Return what the processes know about a thing of this kind, for a page that shows it."""
    known: list[Any] = [one.of[kind] for one in parts() if kind in one.of]
    return [found for tell in known if (found := tell(code, reader, language)) is not None]


def picture(duty: DutyRow, language: str) -> Markup | None:
    """Return the chart that belongs on the page of a duty; None for what has none."""
    kind = duty.kind
    drawn = (one.pictures[kind](duty, language) for one in parts() if kind in one.pictures)
    return next(drawn, None)
