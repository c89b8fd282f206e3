"""Evidence files on disk (证据文件): written, synced, named, handed out and removed.

A file has a provisional name until its row is committed. A crash leaves either a file without
a row, which is swept away a day later, or a committed row whose file still has that name, which
`settle` puts right when somebody asks for it.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from config.current import current
from processes.attachment.content_types import BLOCK, content_type
from rules import text
from rules.refusal import Refused

FOLDER: Final = "evidence"
PART: Final = ".part"  # before its row is committed
NAME_MOST: Final = 200


class TooLarge(Refused):
    """Larger than the policy takes."""

    sentence = "{name} is too large: at most {most} MB a file"


class EmptyFile(Refused):
    """A file without content shows nothing."""

    sentence = "{name} is empty: choose another file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of a file once it is written."""

    size: int
    sha256: str
    content_type: str


def write(path: str, stream: BinaryIO, name: str) -> Kept:
    """Write the file under its provisional name, synced, and judge its content."""
    policy = current().policy.evidence
    part = folder() / f"{path}{PART}"
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    with part.open("xb") as file:
        part.chmod(0o600)
        for block in _blocks(stream):
            size += len(block)
            if size > policy.max_bytes:
                raise TooLarge(name=name, most=policy.max_bytes // (1 << 20))
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise EmptyFile(name=name)
    with part.open("rb") as file:
        kind = content_type(file, name, types=policy.types)
    return Kept(size=size, sha256=digest.hexdigest(), content_type=kind)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def folder() -> Path:
    """Return where the files of this home lie."""
    return current().settings.home / FOLDER


def settle(path: str) -> Path:
    """Give a committed file its final name, also after a crash; return where it is."""
    final = folder() / path
    part = final.with_name(final.name + PART)
    if not final.exists() and part.exists():
        with suppress(FileNotFoundError):  # somebody else was faster
            part.replace(final)
            _sync(final.parent)
    return final


def remove(path: str) -> None:
    """Remove a file under either name; it may be gone already."""
    final = folder() / path
    for there in (final, final.with_name(final.name + PART)):
        with suppress(OSError):
            there.unlink(missing_ok=True)


def removed(paths: Iterable[str]) -> None:
    """Remove several files."""
    for path in paths:
        remove(path)


def leftovers(at: datetime) -> set[str]:
    """Return the files that were written more than a day before, by their relative paths."""
    before = (at - timedelta(days=1)).timestamp()
    return {
        f"{file.parent.name}/{file.name.removesuffix(PART)}"
        for file in folder().glob("??/*")
        if file.stat().st_mtime < before
    }


def shown_name(name: str) -> str:
    """Return a file's name for display: one line, no folders, its ending kept."""
    last = text.line(name).replace("\\", "/").rsplit("/", 1)[-1].strip(". ") or "file"
    stem, dot, ending = last.rpartition(".")
    if len(last) <= NAME_MOST or not dot:
        return text.shortened(last, NAME_MOST)
    return f"{text.shortened(stem, NAME_MOST - len(ending) - 1)}.{ending}"[-NAME_MOST:]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
