"""Who may read the local inbox (收件箱的门): whoever opened the address that `pdca up` printed.

The key works once and is then a cookie of that browser; the next key stands in a file of the
home that only its owner can read. Without it every program and every web page on this machine
could read codes and links that are somebody's signature.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
from pathlib import Path
from typing import Final

FILE: Final = Path("run") / "inbox.json"
COOKIE: Final = "pdca_inbox"
KEPT: Final = 20  # browsers that stay signed in
HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Door:
    """The key and the cookies of one home's inbox."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self.base = ""
        self._lock = threading.Lock()
        self._cookies: list[str] = self._read()
        self._key = ""

    def open_at(self, base: str) -> str:
        """Make a new key for the page at this address; return the address to be opened."""
        with self._lock:
            self.base = base
            return self._new_key()

    def enter(self, key: str) -> str | None:
        """Take the key in exchange for a cookie; None if it is not the one, or was used."""
        with self._lock:
            if not self._key or not hmac.compare_digest(self._key.encode(), key.encode()):
                return None
            cookie = secrets.token_urlsafe(32)
            self._cookies = [*self._cookies, _hash(cookie)][-KEPT:]
            self._new_key()
            return cookie

    def knows(self, cookie: str | None) -> bool:
        """Whether this browser has entered before."""
        if not cookie:
            return False
        shown = _hash(cookie)
        return any(hmac.compare_digest(shown, known) for known in self._cookies)

    def _new_key(self) -> str:
        self._key = secrets.token_urlsafe(24)
        address = f"{self.base}/?key={self._key}"
        _write(self.path, {"address": address, "cookies": self._cookies})
        return address

    def _read(self) -> list[str]:
        try:
            kept = json.loads(self.path.read_text())["cookies"]
            return [str(cookie) for cookie in kept][-KEPT:]
        except (OSError, ValueError, KeyError, TypeError):
            return []


def address(home: Path) -> str | None:
    """Return the address, key included, at which the inbox of a home can be opened now."""
    try:
        return str(json.loads((home / FILE).read_text())["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def local(host: str | None) -> bool:
    """Whether a request names this machine; a name that was made to point here does not."""
    name, port = (host or "").strip().lower(), ""
    if not name.endswith("]"):
        name, _, port = name.rpartition(":") if ":" in name else (name, "", "")
    return name in HOSTS and (not port or port.isdigit())


def _write(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
    aside.replace(path)


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
