"""Secrets of a home (密钥): made once, readable by their owner alone, never printed.

Links in mails are signed with the secret key. Losing it makes every link void; somebody else
having it lets him answer in anybody's name.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from config.reading import Misconfigured, Problem
from config.settings import Settings

FILE: Final = "secret.key"
PRIVATE: Final = 0o600
SHORTEST: Final = 32  # characters of a key that nobody guesses


def with_key(settings: Settings, *, make: bool) -> Settings:
    """Fill in the secret key that no setting names: from the home's file, made if need be."""
    if settings.secret_key is None:
        kept = read_or_make(settings.home / FILE, make=make)
        settings.secret_key = SecretStr(kept) if kept else None
    return settings


def read_or_make(path: Path, *, make: bool, prefix: str = "") -> str | None:
    """Return the secret in a file; None if there is none and none is to be made."""
    if make and not path.exists():
        _write_once(path, prefix + secrets.token_urlsafe(32))
    try:
        return path.read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as broken:
        raise Misconfigured(
            Problem(str(path), "cannot be read: {why}", {"why": broken})
        ) from broken


def _write_once(path: Path, secret: str) -> None:
    """Write the file so that it is never readable by others and never half written.

    Of two processes that start together the first one's secret stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
