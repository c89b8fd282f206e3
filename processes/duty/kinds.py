"""The kinds of duty that can be answered (待办种类), each declared by its own process."""

from typing import cast

from processes import plug
from processes.duty.kind import Kind


def of(kind: str) -> Kind:
    """Return a kind of duty; raise `plug.Unknown` for a name that no process answers to."""
    return cast("Kind", plug.one("kinds", kind))


def names() -> tuple[str, ...]:
    """Return the names of all kinds."""
    return plug.keys("kinds")


def advice(kind: str) -> str:
    """Return what a letter tells the owner to do; empty for a kind that nobody declares.

    A duty outlives its process: it climbs until it is closed, whatever is installed today.
    """
    return of(kind).advice if plug.has("kinds", kind) else ""
