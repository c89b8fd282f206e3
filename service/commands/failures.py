"""What went wrong, as sentences and an exit code (出错说明).

A rule's no and bad input are the asker's (1); settings, database, disk, ports and mail are the
operator's (3). Everything else is a fault of ours: the sentence says where its trace is kept.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rules.refusal import Refused

REFUSED: Final = 1
ENVIRONMENT: Final = 3
LONGEST: Final = 500  # of a driver's message, which may quote whole statements


def sentences(failure: Exception, language: str) -> tuple[int | None, list[str]]:
    """Return the exit code (None: a fault of ours) and a line for each thing that is wrong."""
    if isinstance(failure, Refused):
        return REFUSED, _refused(failure, language)
    if isinstance(failure, ExceptionGroup):
        told = [
            sentences(one, language) for one in failure.exceptions if isinstance(one, Exception)
        ]
        worst = (
            None if any(code is None for code, _ in told) else max(code or 0 for code, _ in told)
        )
        return worst, [line for _, lines in told for line in lines]
    if hasattr(failure, "said"):  # `Misconfigured`: every key that is wrong
        return ENVIRONMENT, str(failure.said(language)).splitlines()
    if _environment(failure):
        return ENVIRONMENT, [_waited(language)] if _kept_waiting(failure) else _lines(failure)
    return None, [
        _say(
            language,
            "a fault of the program: {kind}: {message}; its trace is kept in {file}",
            kind=type(failure).__name__,
            message=str(failure).partition("\n")[0][:LONGEST],
            file=trace_file(),
        )
    ]


def trace_file() -> Path:
    """Return where the trace of a fault of ours is kept."""
    return Path(os.environ.get("PDCA_HOME") or "var") / "last-fault.txt"


def _refused(refused: Refused, language: str) -> list[str]:
    from processes.imports.problems import ImportRefused

    told = _say(language, refused.sentence, **refused.facts)
    if isinstance(refused, ImportRefused):
        return [*(problem.said(language) for problem in refused.problems), told]
    troubles = getattr(refused, "troubles", ())  # of a sheet: each entry by its line
    by_line = [f"{one.field}: {_say(language, one.sentence, **one.facts)}" for one in troubles]
    return [*by_line, *getattr(refused, "lines", ()), told]


def _environment(failure: Exception) -> bool:
    """Whether the world failed: settings, database, disk, network."""
    from sqlalchemy.exc import SQLAlchemyError

    from models.engine import NoDatabase
    from models.health import Unhealthy
    from models.migrate import WrongDatabase

    ours = (NoDatabase, Unhealthy, WrongDatabase)
    return isinstance(failure, (*ours, SQLAlchemyError, OSError))


def _kept_waiting(failure: Exception) -> bool:
    from models.engine import held_too_long

    return held_too_long(failure)


def _waited(language: str) -> str:
    from models.engine import BUSY_TIMEOUT_MS

    return _say(
        language,
        "the database is busy: something else was writing for more than {seconds} seconds."
        " Nothing was changed; try again when it has ended",
        seconds=BUSY_TIMEOUT_MS // 1000,
    )


def _lines(failure: Exception) -> list[str]:
    """Return the driver's own first words; statements and parameters are not for users."""
    origin = getattr(failure, "orig", None) or failure
    if isinstance(failure, OSError) and failure.strerror:
        return [f"{failure.filename or ''}: {failure.strerror}".removeprefix(": ")]
    text = str(origin).strip() or type(origin).__name__
    if origin is not failure:  # a database driver: the first line says it
        text = text.partition("\n")[0]
    return [line[:LONGEST] for line in text.splitlines()]


def _say(language: str, sentence: str, /, **facts: Any) -> str:
    from config.language import say

    return say(language, sentence, **{name: _shown(language, f) for name, f in facts.items()})


def _shown(language: str, fact: Any) -> Any:
    """Return an instant on the site's clock; every other fact as it is."""
    if not isinstance(fact, datetime):
        return fact
    from config.current import current
    from config.language import show_instant

    return show_instant(language, fact, current().settings.zone)
