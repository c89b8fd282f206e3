"""Opening a home (打开工作目录): settings, secret key, database, migrations, and who keeps it.

The first command that writes makes the home; only one `pdca up` keeps it, and the second one
says so instead of sending from two places.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from config.reading import Misconfigured, Problem
from config.secret import with_key
from config.settings import Settings, load

if TYPE_CHECKING:  # `pdca up` starts Prefect's server before it pays for these
    from config.current import Current

LOCK: Final = Path("run") / "up.lock"
DATABASE: Final = "pdca.sqlite"
SEEN: Final = Path("run") / "seen.json"


def open_home() -> "Current":
    """Load the home's settings, bind its database and bring it up to date."""
    from models import engine

    opened = settled()
    engine.bind(opened.settings.url)
    upgrade(opened.settings.home)
    return opened


def upgrade(home: Path) -> None:
    """Bring the bound database up to date; one that is made here has been seen from its birth."""
    from models import migrate

    refuse_gone(home)
    if not migrate.pending():
        return
    from processes.mail import instance
    from processes.watch import switches
    from service.home import seen

    begins = not seen_before(home) and migrate.current() is None
    migrate.upgrade()
    if begins:
        seen.note(home)
    if begins:
        switches.begin(datetime.now(UTC))
    instance.ours(datetime.now(UTC))  # whoever makes or upgrades it has claimed it


def refuse_gone(home: Path) -> None:
    """Refuse to make an empty database where this home has seen one that is not there now."""
    from models import engine

    path = engine.database().path
    if path is None or path.exists() or not seen_before(home):
        return
    try:
        known = json.loads((home / SEEN).read_text("utf-8")).get("database")
    except (OSError, ValueError, AttributeError):
        known = None
    if Path(known or home / DATABASE).absolute() != path.absolute():
        return  # the settings name another one, which is new
    raise Misconfigured(
        Problem(
            str(path),
            "the database was here and is gone, nothing empty is made in its place: put it back,"
            " or restore a backup; to begin anew without it, remove {mark} as well",
            {"mark": str(home / SEEN)},
        )
    )


def seen_before(home: Path) -> bool:
    """Whether this home has seen a database (by the mark that `service/home/seen.py` keeps)."""
    return (home / SEEN).exists()


def settled() -> "Current":
    """Make the home's folder and secret key if need be, and use its settings and policies."""
    from config.current import use

    return use(made())


def made() -> Settings:
    """Return the home's settings; its folder and secret key are made if need be."""
    settings = load()
    settings.home = settings.home.resolve()
    _make(settings.home)
    return with_key(settings, make=True)


@contextmanager
def kept_alone(settings: Settings) -> Iterator[None]:
    """Keep the home while inside; refuse if another `pdca up` keeps it already.

    The lock belongs to this process and ends with it, however it ends.
    """
    path = settings.home / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            facts = {"process": file.read().strip() or "?"}
            raise Misconfigured(
                Problem(
                    str(settings.home),
                    "another `pdca up` keeps this home (process {process}): stop it first",
                    facts,
                )
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def keeper(settings: Settings) -> int | None:
    """Return the process of the `pdca up` that keeps the home; None if none does."""
    return keeper_of(settings.home)


def keeper_of(home: Path) -> int | None:
    """Return the process of the `pdca up` that keeps this folder; None if none does."""
    path = home / LOCK
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            said = file.read().strip()
            return int(said) if said.isdigit() else None
    return None


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise Misconfigured(
            Problem(str(home), "this folder cannot be made: {why}", {"why": refused.strerror})
        ) from refused
    if not os.access(home, os.W_OK | os.X_OK):
        raise Misconfigured(
            Problem(str(home), "this user may not write here; give it the folder or another")
        )
