"""What a home keeps is its owner's alone (仅所有者可读): mails, links, codes, settings, logs.

What is written from now on is made so by the umask; what was there before is tightened when the
service starts. Only what a home is known to hold is touched: the folder may hold other things.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

OTHERS: Final = 0o077
FILES: Final = ("*.sqlite*", "pdca.toml", "secret.key", "last-fault.txt")
FOLDERS: Final = ("config", "evidence", "inbox", "log", "prefect", "run")


def own() -> None:
    """Make every file and folder of this process and its children its owner's alone."""
    os.umask(OTHERS)


def exposed(home: Path, database: Path | None) -> Iterator[Path]:
    """Yield what the home holds and others on this machine may read or write."""
    for path in _held(home, database):
        try:
            if not path.is_symlink() and path.lstat().st_mode & OTHERS:
                yield path
        except FileNotFoundError:  # gone since: a mail that was taken, a log that was turned over
            continue


def tighten(home: Path, database: Path | None) -> int:
    """Take from others what they may do to it; return how many files and folders that were."""
    count = 0
    for path in exposed(home, database):
        try:
            path.chmod(path.lstat().st_mode & ~OTHERS & 0o7777)
        except (PermissionError, FileNotFoundError):
            continue  # another user's, who has a reason, or gone; `pdca doctor` names what is left
        count += 1
    return count


def _held(home: Path, database: Path | None) -> Iterator[Path]:
    for pattern in FILES:
        yield from sorted(home.glob(pattern))
    for name in FOLDERS:
        folder = home / name
        if folder.is_dir() and not folder.is_symlink():
            yield folder
            yield from folder.rglob("*")
    if database is not None and database.parent.resolve() != home.resolve():
        yield from (one for one in sorted(database.parent.glob(f"{database.name}*")))
