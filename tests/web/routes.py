"""Every route that the pages have: a new one is tried without a word in a test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.routing import Mount


@dataclass(frozen=True, order=True)
class Served:
    """An address as the application knows it, `/duties/{number}`, and how it may be asked."""

    path: str
    methods: frozenset[str]

    def filled(self, known: dict[str, object]) -> str:
        """Return the address with its parts; a part nobody spoke of is 1."""
        special = known.get(self.path)
        parts = special if isinstance(special, dict) else {}
        return re.sub(
            r"\{(\w+)(?::\w+)?\}", lambda m: str(parts.get(m[1], known.get(m[1], 1))), self.path
        )


def served(app) -> list[Served]:
    """Return the addresses of an application, those of its routers among them."""
    found: dict[str, set[str]] = {}
    for path, methods in _walk(app.routes):
        found.setdefault(path, set()).update(methods)
    return sorted(Served(path, frozenset(methods)) for path, methods in found.items())


def _walk(routes) -> Iterator[tuple[str, set[str]]]:
    for route in routes:
        if isinstance(route, Mount):
            continue  # files of ours, looked at elsewhere
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _walk(inner.routes)
        elif getattr(route, "methods", None):
            yield route.path, set(route.methods)
