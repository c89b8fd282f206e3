"""Check sheets that were filled offline (离线检查表): brought back as the checker's draft.

A table with states is a register of checks that were done before.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

from config.register_mapping import RegisterMapping
from processes.check.import_past import PAST
from processes.imports.past import is_register
from processes.imports.problems import ImportRefused
from processes.imports.report import Report
from processes.imports.table import Importable
from processes.worksheet import files as worksheet_files

KIND: Final = "checks"


def take(
    path: Path,
    *,
    at: datetime,
    actor: str,
    dry_run: bool = False,
    mapping: RegisterMapping | None = None,
) -> Report:
    """Take a filled sheet over into the draft of its check, or a register; or refuse it whole."""
    if mapping is not None or _is_register(path):
        return PAST.take(path, at=at, actor=actor, dry_run=dry_run, mapping=mapping)
    return worksheet_files.take(path, kind=KIND, at=at, actor=actor, dry_run=dry_run)


def _is_register(path: Path) -> bool:
    try:
        return is_register(path)
    except ImportRefused:
        return False  # a sheet of ours, or nothing at all: that is said by whoever reads sheets


IMPORTS: Final = {"checks": Importable(take=take, options=frozenset({"register"}))}
