"""How the relay stands (中继状态): resting after a failure, or paced to its limit.

Kept in rows, because two senders and the next process must know it too: a refused password is
tried once in a quarter of an hour by all of them together. A spell is what lies between two
recoveries: a mail that is declined in one spell, and again in a later one while others are taken,
is what the relay dislikes, and not we are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
REFUSES: Final = "relay_refuses"
TROUBLES: Final = frozenset({DOWN, LOGIN, TLS, REFUSES})
AHEAD: Final = timedelta(minutes=10)  # by which another machine's clock may differ
SUSPECTS: Final = 50  # mails remembered as declined
SURE_AFTER: Final = 3  # spells in which a mail was declined for what sounds like our fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A mail that was declined: in which spell last, in how many, and for what may be itself."""

    spell: int
    times: int
    itself: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Failures in a row, since when, and when it may be asked again.

    `declines` says that it speaks to us and takes no mail, `why` in its own words.
    """

    failures: int = 0
    since: datetime | None = None
    rests_until: datetime | None = None
    declines: bool = False
    why: str = ""
    spell: int = 0
    suspects: Mapping[int, Suspect] = field(default_factory=dict)
    noted_at: datetime | None = None

    def rests(self, at: datetime) -> bool:
        """Whether nobody asks it at this instant; what a wrong clock noted rests nobody."""
        if self.noted_at is not None and self.noted_at > at + AHEAD:
            return False
        return self.rests_until is not None and self.rests_until > at

    def disliked(self) -> frozenset[int]:
        """Return the mails that, declined once more now, are declined for what they are."""
        if self.failures:
            return frozenset()
        return frozenset(
            mail
            for mail, one in self.suspects.items()
            if one.spell < self.spell and (one.itself or one.times >= SURE_AFTER)
        )


def standing(session: Session, relay: str, *, locked: bool = False) -> Standing:
    """Return how this relay stands; another one's failures are not its own."""
    query = select(Beat.facts).where(col(Beat.name) == STATE)
    facts = session.exec(query.with_for_update() if locked else query).first()
    if not facts or facts.get("relay") != relay:
        return Standing()
    return _standing(facts)


def any_standing(session: Session) -> Standing:
    """Return how the relay stands, whichever it is."""
    facts = session.exec(select(Beat.facts).where(col(Beat.name) == STATE)).first()
    return _standing(facts) if facts else Standing()


def name(session: Session) -> str:
    """Return which relay it is that the standing is of; empty if none was tried."""
    facts = session.exec(select(Beat.facts).where(col(Beat.name) == STATE)).first()
    return str(facts["relay"]) if facts else ""


def any_rest(session: Session, at: datetime) -> datetime | None:
    """Return until when the relay rests, whichever it is; None if it does not."""
    found = any_standing(session)
    return found.rests_until if found.rests(at) else None


def rest(
    session: Session,
    relay: str,
    *,
    seen: int,
    at: datetime,
    until: datetime,
    why: str = "",
    declines: bool = False,
) -> Standing:
    """Note a failure after `seen` others: nobody asks this relay again before `until`.

    If another sender has noted one meanwhile, that one stands, but for that it declines: a relay
    that declined goes on declining, whatever else fails, until it takes a mail.
    """
    _row(session, STATE, at)
    before = standing(session, relay, locked=True)
    if before.failures != seen:
        if declines and before.failures and not before.declines:
            return _keep(session, relay, at, replace(before, declines=True, why=why[:300]))
        return before
    failed = replace(
        before,
        failures=seen + 1,
        since=before.since or at,
        rests_until=until,
        why=why[:300],
        declines=before.declines or declines,
    )
    return _keep(session, relay, at, failed)


def suspect(session: Session, relay: str, mail: int, *, itself: bool, at: datetime) -> None:
    """Note that this mail was declined in the present spell."""
    _row(session, STATE, at)
    now = standing(session, relay, locked=True)
    known = now.suspects.get(mail)
    if known is not None and known.spell == now.spell:
        return
    times = known.times + 1 if known else 1
    mine = {mail: Suspect(spell=now.spell, times=times, itself=itself)}
    others = {number: one for number, one in now.suspects.items() if number != mail}
    newest = sorted(others.items(), key=lambda one: one[1].spell)[-SUSPECTS + 1 :]
    _keep(session, relay, at, replace(now, suspects=dict(newest) | mine))


def probe(session: Session, relay: str, *, at: datetime, until: datetime) -> bool:
    """Take the one trial of a relay that has rested; False if another sender was faster."""
    before = standing(session, relay, locked=True)
    if before.rests(at):
        return False
    _keep(session, relay, at, replace(before, rests_until=until))
    return True


def recovered(session: Session, relay: str, *, seen: int, at: datetime) -> None:
    """Note that it takes mail again after `seen` failures: forget them and end its alarms.

    What was taken before the newest failure is no recovery from that one: a sender that stood
    still for days may say so only now.
    """
    _row(session, STATE, at)
    before = standing(session, relay, locked=True)
    if before.failures != seen:
        return
    healed = Standing(spell=before.spell + 1, suspects=before.suspects)
    _keep(session, relay, at, healed)
    for kind in sorted(TROUBLES):
        alarms.clear_alarm(session, kind=kind, ref=relay, at=at)


def allowance(session: Session, *, at: datetime, per_minute: int, wanted: int) -> int:
    """Return how many mails may go now under the relay's limit, and note them as gone.

    A full minute passes between the last mail of one portion and the first of the next, so no
    minute ever sees more than the limit.
    """
    _row(session, PACE, at)
    facts = _facts(session, PACE)
    taken = facts["taken"] if facts and _runs(facts, at) else 0
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


def paced_until(session: Session, per_minute: int, at: datetime) -> datetime | None:
    """Return when the next portion may go; None if this one is not used up."""
    facts = session.exec(select(Beat.facts).where(col(Beat.name) == PACE)).first()
    if not facts or facts["taken"] < per_minute or not _runs(facts, at):
        return None
    return _read(facts["until"])


def _runs(facts: Mapping[str, Any], at: datetime) -> bool:
    """Whether a portion's minute runs; one that a wrong clock began is over."""
    return at < _read(facts["until"]) <= at + MINUTE + AHEAD


def _keep(session: Session, relay: str, at: datetime, now: Standing) -> Standing:
    facts = {
        "relay": relay,
        "failures": now.failures,
        "since": _written(now.since),
        "until": _written(now.rests_until),
        "declines": now.declines,
        "why": now.why,
        "at": at.isoformat(),
        "spell": now.spell,
        "suspects": {
            str(mail): [one.spell, one.times, one.itself] for mail, one in now.suspects.items()
        },
    }
    _write(session, STATE, at, facts)
    return now


def _standing(facts: Mapping[str, Any]) -> Standing:
    return Standing(
        failures=facts["failures"],
        since=_read(facts["since"]) if facts["since"] else None,
        rests_until=_read(facts["until"]) if facts["until"] else None,
        declines=facts.get("declines", False),
        why=facts.get("why", ""),
        spell=facts.get("spell", 0),
        noted_at=_read(facts["at"]) if facts.get("at") else None,
        suspects={
            int(mail): Suspect(spell=spell, times=times, itself=itself)
            for mail, (spell, times, itself) in facts.get("suspects", {}).items()
        },
    )


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _row(session: Session, name: str, at: datetime) -> None:
    insert_new(session, Beat, [{"name": name, "at": at, "facts": {}}])


def _facts(session: Session, name: str) -> dict[str, Any]:
    query = select(Beat.facts).where(col(Beat.name) == name).with_for_update()
    return dict(session.exec(query).first() or {})


def _write(session: Session, name: str, at: datetime, facts: dict[str, Any]) -> None:
    session.execute(sa.update(Beat).where(col(Beat.name) == name).values(at=at, facts=facts))


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)
