"""The database's file in trouble, really: full, or locked by somebody else.

Full is SQLite's own limit of pages, put where the file ends today; locked is a connection of
another program that holds the write lock. What the product then meets are SQLite's own errors.
"""

import sqlite3
from collections import Counter

NO_LIMIT = 1_073_741_823  # pages
KINDS = {"full": "disk full", "locked": "locked database", "I/O": "disk error"}


class Disk:
    """`full` until told otherwise; a lock lasts as many looks as `lock` was given."""

    def __init__(self, path):
        self.path, self.full = path, False
        self.met = Counter()  # what the product ran into, by kind
        self._stranger, self._looks = None, 0

    def lock(self, looks):
        """Let a stranger hold the write lock."""
        if self._stranger is None:
            self._stranger = sqlite3.connect(self.path, timeout=0, isolation_level=None)
            self._stranger.execute("BEGIN IMMEDIATE")
        self._looks = looks

    def look(self):
        """Somebody goes on, or has waited: the stranger is done at some time."""
        self._looks -= 1
        if self._looks <= 0:
            self.release()

    def release(self):
        if self._stranger is not None:
            self._stranger.close()
            self._stranger = None

    def begun(self, connection):
        """A transaction begins on this connection: nothing more fits, or everything does."""
        if connection.info.get("full", False) is not self.full:
            connection.info["full"] = self.full
            pages = 1 if self.full else NO_LIMIT  # SQLite takes no less than there are
            connection.connection.cursor().execute(f"PRAGMA max_page_count={pages}")

    def failed(self, error):
        """Count an error of the database by its kind."""
        for word, kind in KINDS.items():
            if word in str(error):
                self.met[kind] += 1
