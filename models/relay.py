"""How the relay stands (中继状态): resting after a failure, or paced to its limit.

Kept in rows, because two senders and the next process must know it too: a refused password is
tried once in a quarter of an hour by all of them together.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models import alarms
from models.record import Beat
from models.upsert import insert_new

STATE: Final = "mail.relay"
PACE: Final = "mail.pace"
MINUTE: Final = timedelta(minutes=1)
DOWN, LOGIN, TLS = "relay_down", "mail_login", "mail_tls"  # kinds of alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Failures in a row, since when, and when it may be asked again."""

    failures: int = 0
    since: datetime | None = None
    rests_until: datetime | None = None

    def rests(self, at: datetime) -> bool:
        return self.rests_until is not None and self.rests_until > at


def standing(session: Session, relay: str, *, locked: bool = False) -> Standing:
    """Return how this relay stands; another one's failures are not its own."""
    query = select(Beat.facts).where(col(Beat.name) == STATE)
    facts = session.exec(query.with_for_update() if locked else query).first()
    if not facts or facts.get("relay") != relay:
        return Standing()
    return Standing(
        failures=facts["failures"], since=_read(facts["since"]), rests_until=_read(facts["until"])
    )


def any_standing(session: Session) -> Standing:
    """Return how the relay stands, whichever it is."""
    facts = session.exec(select(Beat.facts).where(col(Beat.name) == STATE)).first()
    return standing(session, facts["relay"]) if facts else Standing()


def any_rest(session: Session) -> datetime | None:
    """Return until when the relay rests, whichever it is; None if it does not."""
    facts = session.exec(select(Beat.facts).where(col(Beat.name) == STATE)).first()
    return _read(facts["until"]) if facts else None


def rest(session: Session, relay: str, *, seen: int, at: datetime, until: datetime) -> Standing:
    """Note a failure after `seen` others: nobody asks this relay again before `until`.

    If another sender has noted one meanwhile, that one stands.
    """
    _row(session, STATE, at)
    before = standing(session, relay, locked=True)
    if before.failures != seen:
        return before
    return _keep(
        session, relay, at, Standing(failures=seen + 1, since=before.since or at, rests_until=until)
    )


def probe(session: Session, relay: str, *, at: datetime, until: datetime) -> bool:
    """Take the one trial of a relay that has rested; False if another sender was faster."""
    before = standing(session, relay, locked=True)
    if before.rests(at):
        return False
    _keep(session, relay, at, replace(before, rests_until=until))
    return True


def recovered(session: Session, relay: str, *, at: datetime) -> None:
    """It takes mail again: forget its failures and end its alarms."""
    _write(session, STATE, at, {})
    for kind in (DOWN, LOGIN, TLS):
        alarms.clear_alarm(session, kind=kind, ref=relay, at=at)


def allowance(session: Session, *, at: datetime, per_minute: int, wanted: int) -> int:
    """Return how many mails may go now under the relay's limit, and note them as gone.

    A full minute passes between the last mail of one portion and the first of the next, so no
    minute ever sees more than the limit.
    """
    _row(session, PACE, at)
    facts = _facts(session, PACE)
    taken = facts["taken"] if facts and _read(facts["until"]) > at else 0
    granted = max(0, min(wanted, per_minute - taken))
    if granted:
        portion = {"taken": taken + granted, "until": (at + MINUTE).isoformat()}
        _write(session, PACE, at, portion)
    return granted


def portion_ends(session: Session, *, at: datetime) -> None:
    """Note when the last mail of a portion went: the minute runs from there."""
    facts = _facts(session, PACE)
    if facts:
        _write(session, PACE, at, {**facts, "until": (at + MINUTE).isoformat()})


def paced_until(session: Session, per_minute: int) -> datetime | None:
    """Return when the next portion may go; None if this one is not used up."""
    facts = session.exec(select(Beat.facts).where(col(Beat.name) == PACE)).first()
    return _read(facts["until"]) if facts and facts["taken"] >= per_minute else None


def _keep(session: Session, relay: str, at: datetime, now: Standing) -> Standing:
    facts = {
        "relay": relay,
        "failures": now.failures,
        "since": (now.since or at).isoformat(),
        "until": (now.rests_until or at).isoformat(),
    }
    _write(session, STATE, at, facts)
    return now


def _row(session: Session, name: str, at: datetime) -> None:
    insert_new(session, Beat, [{"name": name, "at": at, "facts": {}}])


def _facts(session: Session, name: str) -> dict[str, Any]:
    query = select(Beat.facts).where(col(Beat.name) == name).with_for_update()
    return dict(session.exec(query).first() or {})


def _write(session: Session, name: str, at: datetime, facts: dict[str, Any]) -> None:
    session.execute(sa.update(Beat).where(col(Beat.name) == name).values(at=at, facts=facts))


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)
