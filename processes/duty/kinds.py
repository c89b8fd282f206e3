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
