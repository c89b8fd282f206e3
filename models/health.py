"""Whether the SQLite file can be trusted (数据库体检), asked before anything is written to it.

A damaged page found at start costs a restore; found in the middle of an escalation it costs
the trail. A server's database is its administrator's to judge.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import psutil

NETWORK: Final = frozenset({"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p"})
NETWORK_HINTS: Final = (
    "fuse.sshfs",
    "fuse.rclone",
    "ceph",
    "glusterfs",
    "afpfs",
    "davfs",
    "lustre",
)
WAIT_SECONDS: Final = 5


class Unhealthy(RuntimeError):
    """The file cannot be used: the sentence names it and says what to do."""


def check(path: Path, *, thorough: bool = False) -> tuple[str, ...]:
    """Refuse a file that cannot be written or is damaged; return warnings.

    Thorough also compares every index with its table and every reference with its row, which
    takes minutes on a large file. A file that does not exist yet is judged by its folder.
    """
    _refuse_unwritable(path)
    if path.exists():
        with _opened(path) as connection:
            _refuse_damage(path, connection, thorough=thorough)
    return _warnings(path)


def file_system(path: Path) -> str:
    """Return the kind of file system that holds the path: "ext4", "nfs4", …; empty if unknown."""
    where = path.resolve()
    mounts = [
        (len(Path(part.mountpoint).parts), part.fstype)
        for part in psutil.disk_partitions(all=True)
        if where.is_relative_to(part.mountpoint)
    ]
    return str(max(mounts)[1]).lower() if mounts else ""


def _refuse_unwritable(path: Path) -> None:
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unhealthy(f"{folder}: this user may not write here; give it the folder or another")
    if path.is_dir():
        raise Unhealthy(f"{path}: is a folder where the database file should be")
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise Unhealthy(f"{path}: this user may not write to it; give it the file's ownership")


def _refuse_damage(path: Path, connection: sqlite3.Connection, *, thorough: bool) -> None:
    pragma = "integrity_check" if thorough else "quick_check"
    said = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(5)")]
    if said != ["ok"]:
        raise Unhealthy(_restore(path, "; ".join(said)))
    if thorough and (orphans := connection.execute("PRAGMA foreign_key_check").fetchmany(5)):
        told = "; ".join(
            f"row {row[1]} of {row[0]} refers to no row of {row[2]}" for row in orphans
        )
        raise Unhealthy(_restore(path, told))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that has proved that it may write; a writer at work is proof enough."""
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as made:
            try:
                made.execute("BEGIN IMMEDIATE")
                made.execute("ROLLBACK")
            except sqlite3.OperationalError as busy:
                if "locked" not in str(busy):
                    raise
            yield made
    except sqlite3.OperationalError as refused:
        raise Unhealthy(
            f"{path}: {refused}; see to its owner, its folder and the disk"
        ) from refused
    except sqlite3.DatabaseError as damaged:
        raise Unhealthy(_restore(path, str(damaged))) from damaged


def _restore(path: Path, what: str) -> str:
    return (
        f"{path}: the database is damaged ({what}). Stop the service, move this file and those"
        f" named {path.name}-wal and {path.name}-shm aside, and put the newest backup in its place"
    )


def _warnings(path: Path) -> tuple[str, ...]:
    kind = file_system(path)
    if kind not in NETWORK and not any(hint in kind for hint in NETWORK_HINTS):
        return ()
    told = (
        f"{path}: lies on a network file system ({kind}), where SQLite's locks and its"
        " write-ahead log are not safe; use a local disk, or PostgreSQL"
    )
    return (told,)
