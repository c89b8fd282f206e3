"""A mail server in memory that fails at each reply, and remembers what it really took."""

import hashlib
import re
from dataclasses import dataclass

from notifications.replies import Ambiguous, Deferred, Unreachable, judge
from notifications.transport import Prepared

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Taken:
    """One mail for which the server is answerable."""

    message_id: str
    recipient: str
    digest: str
    at: object


class Server:
    """`mood` is how it is today, `trouble` how often a single mail fails in a good mood."""

    def __init__(self, rng, dead):
        self.rng, self.dead = rng, dead
        self.mood, self.trouble = "up", 0.0
        self.taken: list[Taken] = []

    def take(self, envelope, at):
        found = MESSAGE_ID.search(envelope.mime)
        message_id = found.group(1).decode() if found else ""
        digest = hashlib.sha256(envelope.mime).hexdigest()
        self.taken.append(Taken(message_id, envelope.recipient, digest, at))

    def refuses(self, recipient):
        """Return an outcome before the text is transmitted, or None."""
        if self.mood == "down":
            return Unreachable("connection refused")
        if self.mood == "locked":
            return judge("rcpt", 535, b"5.7.8 authentication failed")
        if self.mood == "closing":
            return Deferred(421, "closing", whole_relay=True, begun=False)
        if recipient in self.dead:
            return judge("rcpt", 550, b"5.1.1 no such user")
        if self.rng.random() >= self.trouble:
            return None
        return self.rng.choice(
            [
                judge("rcpt", 450, b"4.2.0 greylisted"),
                judge("rcpt", 452, b"4.3.1 no space"),
                judge("data", 451, b"4.3.0 try again"),
                judge("mail", 421, b"4.3.2 closing"),
                Unreachable("reset in the middle of the text", begun=True),
                Unreachable("timed out waiting for the banner"),
            ]
        )

    def answers(self, envelope, at):
        """Return what is heard after the final dot; the mail may or may not be taken."""
        roll = self.rng.random() if self.trouble else 1.0
        if roll >= self.trouble:
            self.take(envelope, at)
            return judge("dot", 250, b"2.0.0 kept")
        what = self.rng.randrange(6)
        if what == 0:
            self.take(envelope, at)
        if what <= 1:
            return Ambiguous("reset after the dot")
        if what == 2:
            return judge("dot", 554, b"5.7.1 looks like spam")
        if what == 3:
            return judge("dot", 421, b"4.3.2 closing")
        return judge("dot", 451, b"4.3.0 try again")


class Wire:
    """One sender's connection: the transport that delivery is given."""

    name = "relay.example:25"

    def __init__(self, server, world):
        self.server, self.world = server, world
        self.at_hand = None

    def prepare(self, envelope):
        self.world.passes("wire: before connect")
        outcome = self.server.refuses(envelope.recipient)
        if outcome is not None:
            return outcome
        self.at_hand = envelope
        return Prepared(envelope.recipient)

    def finish(self, _prepared):
        self.world.passes("wire: before the dot")
        envelope, self.at_hand = self.at_hand, None
        outcome = self.server.answers(envelope, self.world.now)
        self.world.passes("wire: after the dot")
        return outcome

    def abort(self):
        self.at_hand = None

    def close(self):
        self.at_hand = None
