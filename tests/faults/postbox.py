"""What comes back of mail that a server has taken: hours or days later, once or twice.

Some addresses take everything and return it; any mail may find a full mailbox, be delayed on
its way or be answered by a machine. A postman brings what waits to the product's own reading.
"""

import random
from collections import Counter

from processes.mail import bounces
from tests.support.returned import AWAY, bounce, reply

FINAL = {"gone": {}, "full": {"status": "5.2.2", "says": "smtp; 552 mailbox full"}}
LATER = {"delayed": {"status": "4.4.1", "action": "delayed", "says": "smtp; 450 later"}}


class Postbox:
    """The folder of returned mail of one world."""

    def __init__(self, seed, people):
        rng = self.rng = random.Random(f"returned {seed}")
        busy = rng.random() < 0.4
        self.chance = rng.choice([0.02, 0.1]) if busy else 0.0
        theirs = [person.address for person in people.values() if person.address]
        self.gone = {one for one in theirs if busy and rng.random() < 0.1}
        self.waiting: list[tuple[str, bytes]] = []  # what it is, and its bytes
        self.fate: dict[str, str | None] = {}  # Message-ID: what becomes of its last copy
        self.returned: set[str] = set()  # Message-IDs of which some copy was sent back for good
        self.happened = Counter()

    def taken(self, message_id, recipient):
        """A copy was taken: it may come back."""
        what = "gone" if recipient in self.gone else None
        if what is None and self.rng.random() < self.chance:
            what = self.rng.choice(["full", "delayed", "automatic"])
        self.fate[message_id] = what
        if what in FINAL:  # another copy may be on its way: it was sent again by hand
            self.returned.add(message_id)
        if what is None:
            return
        if what == "automatic":
            raw = reply(message_id, headers=self.rng.choice(AWAY), sender=recipient)
        else:
            raw = bounce(message_id, recipient=recipient, **{**FINAL, **LATER}[what])
        mark = f"X-Queue: {self.rng.random()}\r\n".encode()  # no two are the same bytes
        self.waiting.append((what, mark + raw))

    def bring(self, actor, world):
        """Have everything that waits read; what is not taken out is read again."""
        for one in list(self.waiting):
            what, raw = one
            found = bounces.take(raw, actor.at)
            self.happened[f"returned: {what if found else 'read again'}"] += 1
            if found and found[1]:
                self.happened["returned: ended a mail"] += 1
            world.passes("postbox: read, not taken out")
            if one in self.waiting and self.rng.random() < 0.9:
                self.waiting.remove(one)
