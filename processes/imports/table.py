"""A table that can be imported (可导入的表): how it is taken over, and its template."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from processes.imports.cells import Column
from processes.imports.report import Report

MAPPED: Final = "+mapping"  # ends the key of a table that comes as a mapping file says


@dataclass(frozen=True, slots=True, kw_only=True)
class Importable:
    """One kind of table. `take(path, at=…, actor=…, dry_run=…)` takes it over or refuses it whole.

    `columns` are the head of its template, in their order; a table without a template has none.
    `options` are the further arguments that `take` knows: mapping, owners, reason.
    """

    take: Callable[..., Report]
    columns: tuple[str, ...] = ()
    options: frozenset[str] = frozenset()


def names(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return the names of columns, as the head of a template has them."""
    return tuple(column.name for column in columns)
