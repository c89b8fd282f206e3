"""A mail server in memory that fails at each reply, and remembers what it really took."""

import hashlib
import re
import zlib
from collections import Counter
from dataclasses import dataclass

from notifications.replies import Declined, judge
from notifications.transport import Prepared
from tests.faults import replies

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

    def __init__(self, rng, dead, postbox):
        self.rng, self.dead, self.postbox = rng, dead, postbox
        self.mood, self.trouble = None, 0.0
        self.picky = 0  # of a hundred messages, how many it dislikes for themselves
        self.known: dict[bytes, int] = {}  # Message-IDs that it has been asked about, in order
        self.log = []  # (taken, Message-ID), in order; None: declined for its size
        self.taken: list[Taken] = []
        self.replies = Counter()

    def take(self, envelope, at):
        found = MESSAGE_ID.search(envelope.mime)
        message_id = found.group(1).decode() if found else ""
        digest = hashlib.sha256(envelope.mime).hexdigest()
        self.log.append((True, message_id))
        self.taken.append(Taken(message_id, envelope.recipient, digest, at))
        self.postbox.taken(message_id, envelope.recipient)

    def refuses(self, recipient):
        """Return an outcome before the text is transmitted, or None."""
        if self.mood in replies.DECLINES:
            stage, outcome = replies.DECLINES[self.mood]
            return None if stage == "dot" else self._says(self.mood, outcome)
        if self.mood is not None:
            return self._says(self.mood, replies.WHOLE_RELAY[self.mood])
        if recipient in self.dead:
            return self._says(replies.NO_SUCH_USER, replies.BAD_ADDRESS)
        if self.rng.random() >= self.trouble:
            return None
        one_of = replies.WHOLE_RELAY if self.rng.random() < 0.2 else replies.BEFORE_THE_TEXT
        reply = self.rng.choice([*one_of])
        return self._says(reply, one_of[reply])

    def answers(self, envelope, at):
        """Return what is heard after the final dot; the mail may or may not be taken."""
        if self.mood in replies.DECLINES:
            return self._says(self.mood, replies.DECLINES[self.mood][1])
        if self.dislikes(envelope):
            return self._says(replies.DISLIKED, replies.TOO_FREE)
        if not self.trouble or self.rng.random() >= self.trouble:
            self.take(envelope, at)
            return self._says(replies.TAKEN, judge("dot", 250, b"2.0.0 kept"))
        reply = self.rng.choice([*replies.AFTER_THE_DOT])
        taken, outcome = replies.AFTER_THE_DOT[reply]
        if taken:
            self.take(envelope, at)
        return self._says(reply, outcome)

    def dislikes(self, envelope):
        """Whether it is this message that it does not want, whatever else it takes."""
        found = MESSAGE_ID.search(envelope.mime)
        if not found:
            return False
        # By the order in which it came, not by its name: a name is another one in each home.
        place = self.known.setdefault(found.group(1), len(self.known))
        return zlib.crc32(str(place).encode()) % 100 < self.picky

    def _says(self, reply, outcome):
        self.replies[reply] += 1
        return outcome


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
            self.heard(envelope, outcome)
            return outcome
        self.at_hand = envelope
        return Prepared(envelope.recipient)

    def finish(self, _prepared):
        self.world.passes("wire: before the dot")
        envelope, self.at_hand = self.at_hand, None
        outcome = self.server.answers(envelope, self.world.now)
        self.heard(envelope, outcome)
        self.world.passes("wire: after the dot")
        return outcome

    def heard(self, envelope, outcome):
        """Keep what was said of which message, if it was a no to us or to it."""
        if isinstance(outcome, Declined):
            found = MESSAGE_ID.search(envelope.mime)
            said = None if outcome.alone else False
            self.server.log.append((said, found.group(1).decode() if found else ""))

    def abort(self):
        self.at_hand = None

    def close(self):
        self.at_hand = None
