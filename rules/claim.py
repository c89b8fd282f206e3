"""Who may send from a database (发信归属): its claimants, and never a copy of it.

The home and the database of a test environment begin as a copy of the real ones, and would write to
the real people. So whoever comes from elsewhere while the claim of another stands is held, until
somebody says which of them it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ALIVE: Final = timedelta(minutes=5)  # seen so lately, a claimant is still at work


class Verdict(StrEnum):
    """What becomes of somebody who would send."""

    OURS = "ours"
    NEW = "new"  # may claim it
    HELD = "held"  # another's


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimant:
    """One instance, by its own name or by host and path; `database` is where it sees the rows."""

    name: str
    named: bool
    host: str
    home: str
    database: str
    seen_at: datetime | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Return where it runs."""
        return self.host, self.home

    def shares(self, other: "Claimant") -> bool:
        """Whether both see the same database; a named one may change its host, as containers do."""
        if self.database != other.database:
            return False
        on_a_server = not self.database.startswith("/")
        return on_a_server or self.named or other.named or self.host == other.host


def judge(mine: Claimant, standing: Iterable[Claimant], at: datetime) -> Verdict:
    """Return whether one may send, given the claims that were never released."""
    known = {one.name: one for one in standing}
    before = known.get(mine.name)
    if before is not None:
        return Verdict.OURS if _the_same(mine, before, at) else Verdict.HELD
    if not known:
        return Verdict.NEW
    replica = mine.named and any(mine.shares(one) for one in known.values())
    return Verdict.NEW if replica else Verdict.HELD


def _the_same(mine: Claimant, before: Claimant, at: datetime) -> bool:
    """Whether a claim of this name is one's own, and not that of a second one at work elsewhere."""
    if not mine.named:
        return True
    if not mine.shares(before):
        return False
    lately = before.seen_at is not None and abs(at - before.seen_at) < ALIVE
    return mine.place == before.place or not lately
