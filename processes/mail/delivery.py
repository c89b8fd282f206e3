"""Delivery (投递): claim, call, settle; nothing is sent unclaimed, and nothing twice by us.

The result of one mail is committed before the final dot of the next, while the text of the next
is already on its way. That order leaves a crash one single mail that may arrive twice.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from config.current import current
from models import outbox as rows
from models.engine import database, reading, transaction
from models.outbox_queries import Claimed
from notifications.transport import Declined, Outcome, Prepared, Sender
from processes.mail import claiming, forgetting, instance, live, relaying, settling
from processes.mail.claiming import Claim
from processes.mail.delivered import Delivered
from processes.mail.settling import Settled

__all__ = ["Delivered", "deliver", "drop_old_bytes"]

BATCH: Final = 16  # mails leased at once: what a sender that dies leaves to wait
LISTED: Final = 2000  # mails looked up at once
SHARE: Final = 3  # a dot goes out in the first third of its lease: its answer may take the rest
PATIENCE: Final = 60.0  # seconds that a result waits for a database that is locked or full
PAUSE: Final = 1.0


def deliver(
    at: datetime,
    *,
    transport: Sender | None = None,
    limit: int | None = None,
    clock: Callable[[], datetime] | None = None,
    stop: threading.Event | None = None,
) -> Delivered:
    """Send what is due at `at`, at most `limit` mails, until nothing is or the relay must rest.

    From a database that another instance has claimed nothing is sent.

    With a `clock` every claim and every result carries its own instant; without one they carry
    `at`, and a long delivery ends early (`more`) rather than lease by a stale one. `stop` ends
    it after the mail at hand and gives the others back.
    """
    if not instance.ours(at):
        return Delivered()
    with ExitStack() as opened:
        if transport is None:
            transport = relaying.transport()
            opened.callback(transport.close)
        desk = opened.enter_context(ThreadPoolExecutor(1, "settle"))
        written = opened.enter_context(database().writer.connect())
        made = _Round(at, transport, desk, written, clock, stop or threading.Event())
        done = made.run(limit)
    if made.keys:
        forgetting.forget(made.keys)
    if done.sent and current().settings.mail.host is not None and not live.noted():
        live.begin(at)
    return done


@transaction
def drop_old_bytes(session: Session, at: datetime, limit: int = 1000) -> int:
    """Drop the text of up to `limit` mails older than the policy's days; return how many."""
    before = at - timedelta(days=current().policy.mail.retention_days)
    return rows.drop_bytes(session, before=before, limit=limit)


def _one_clock(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """Return this machine's clock, set to that of a database that several machines share."""
    if database().sqlite:
        return clock
    with reading() as session:
        theirs: datetime = session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    ahead = theirs - clock()
    return lambda: clock() + ahead


class _Round:
    """One delivery under way."""

    def __init__(
        self,
        at: datetime,
        transport: Sender,
        desk: ThreadPoolExecutor,
        written: sa.Connection,
        clock: Callable[[], datetime] | None,
        stop: threading.Event,
    ) -> None:
        self.transport, self.desk, self.written, self.stop = transport, desk, written, stop
        self.relay = transport.name
        self.live = clock is not None
        self.now = _one_clock(clock) if clock else lambda: at
        self.window = current().policy.mail.lease_minutes * 60 / SHARE
        self.begun = self.leased = time.monotonic()
        self.done = Delivered()
        self.keys: list[int] = []  # mails that let their readers in, and are out

    def run(self, limit: int | None) -> Delivered:
        """Send listing after listing; every one begins with the severest again."""
        left = LISTED if limit is None else limit
        while left > 0:
            numbers, done = claiming.listed(self.now(), relay=self.relay, limit=min(left, LISTED))
            self.done += done
            before = self.done
            if not numbers or not self._through(numbers):
                return self.done
            if self.done == before:  # other senders were faster
                return self.done
            left -= len(numbers) if limit is not None else 0
        return replace(self.done, more=True)

    def _through(self, numbers: Sequence[int]) -> bool:
        """Claim and send the listed mails; False if this delivery is to end.

        It ends early, to be listed anew, when a code or a sign-in link has come meanwhile:
        somebody sits and waits for it.
        """
        newest, before = claiming.newest(), self.done
        for first in range(0, len(numbers), BATCH):
            if self.done != before and claiming.urgent_since(newest, self.now()):
                return True
            stale = not self.live and time.monotonic() - self.begun > self.window
            if stale or self.stop.is_set():
                self.done = replace(self.done, more=True)
                return False
            self.leased = time.monotonic()
            claim = claiming.claim(numbers[first : first + BATCH], self.now(), relay=self.relay)
            self.done += claim.done
            if claim.rests or (claim.mails and not self._send(claim)):
                return False
        return True

    def _send(self, claim: Claim) -> bool:
        """Send what was claimed, one final dot at a time; False if the relay is to rest."""
        mails = claim.mails
        at_hand: Prepared | Outcome = self.transport.prepare(relaying.envelope(mails[0]))
        for place, mail in enumerate(mails):
            if isinstance(at_hand, Prepared):
                if self._late():
                    return self._leave(mails[place:])
                at_hand = self.transport.finish(at_hand)
            if isinstance(at_hand, Declined) and mail.id in claim.disliked:
                at_hand = replace(at_hand, alone=True)
            if settling.concerns_all(at_hand):
                self.done += relaying.failed(
                    mail, mails[place + 1 :], at_hand,
                    at=self.now(), relay=self.relay, seen=claim.seen,
                )  # fmt: skip
                return False
            settled, at_hand = self._settle(claim, place, at_hand)
            self.done += settled.done
            if settled.done.sent and forgetting.is_key(mail.letter):
                self.keys.append(mail.id)
            if not settled.next_is_ours:
                return self._leave(mails[place + 1 :])
        if current().settings.mail.per_minute:
            relaying.portion_ends(self.now())
        return True

    def _settle(
        self, claim: Claim, place: int, outcome: Outcome
    ) -> tuple[Settled, Prepared | Outcome]:
        """Write one result while the next mail's text goes out; both before the next final dot."""
        mail = claim.mails[place]
        following = claim.mails[place + 1] if place + 1 < len(claim.mails) else None
        writing = self.desk.submit(self._write, mail, outcome, following, self.now(), claim.seen)
        try:
            at_hand: Prepared | Outcome = outcome  # of no meaning after the last one
            if following is not None:
                at_hand = self.transport.prepare(relaying.envelope(following))
            return writing.result(), at_hand
        except BaseException:
            self.transport.abort()
            raise

    def _write(
        self,
        mail: Claimed,
        outcome: Outcome,
        following: Claimed | None,
        at: datetime,
        seen: int,
    ) -> Settled:
        """Settle, and wait for a database that is busy: the mail is out, its result is not in."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return settling.settle(
                    self.written, mail, outcome, following, at=at, relay=self.relay, seen=seen
                )
            except (OperationalError, IntegrityError):  # locked, full; another one said the same
                if time.monotonic() > until:
                    raise
                time.sleep(PAUSE)

    def _late(self) -> bool:
        return self.stop.is_set() or time.monotonic() - self.leased > self.window

    def _leave(self, mails: Sequence[Claimed]) -> bool:
        """Drop what is half transmitted and give the mails back."""
        self.transport.abort()
        self.done += Delivered(returned=relaying.give_back(mails))
        return True
