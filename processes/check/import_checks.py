"""Check sheets that were filled offline (离线检查表): brought back as the checker's draft."""

from datetime import datetime
from pathlib import Path
from typing import Final

import processes.duty.answers  # noqa: F401 - each process says there what sheets its duties have
from processes.imports.report import Report
from processes.worksheet import files as worksheet_files

KIND: Final = "checks"


def take(path: Path, *, at: datetime, actor: str, dry_run: bool = False) -> Report:
    """Take a filled sheet over into the draft of its check, or refuse it whole."""
    return worksheet_files.take(path, kind=KIND, at=at, actor=actor, dry_run=dry_run)
