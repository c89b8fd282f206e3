"""Every reply at which a mail server may fail, and what the product makes of it.

The outcomes are the product's own judgement of these replies (`notifications/replies.py`); that
the connection turns real replies into them is shown on real sockets in `tests/notifications`.
"""

import smtplib

from notifications.replies import Ambiguous, Deferred, Unreachable, judge, judge_login
from tests.support.providers import REPLIES

NOT_NOW, NEVER = b"4.3.2 not now", b"5.7.1 refused by policy"

# The relay takes nothing from us, for the time being.
WHOLE_RELAY = {
    "connect: refused": Unreachable("connection refused"),
    "connect: no banner": Unreachable("timed out waiting for the banner"),
    "banner: 421": Deferred(421, "busy", whole_relay=True, begun=False),
    "banner: 554": Unreachable("554 no service here"),
    "ehlo: hung up": Unreachable("connection unexpectedly closed"),
    "starttls: wrong certificate": Unreachable("certificate verify failed", insecure=True),
    "auth: 454": judge_login(smtplib.SMTPAuthenticationError(454, b"4.7.0 later")),
    "auth: 535": judge_login(smtplib.SMTPAuthenticationError(535, b"5.7.8 wrong password")),
    "auth: hung up": judge_login(ConnectionError("closed while logging in")),
    "mail: 421": judge("mail", 421, b"4.3.2 closing"),
    "mail: 550": judge("mail", 550, b"5.7.1 not your sender"),
}
# Before the text is out: nothing can have been taken.
BEFORE_THE_TEXT = {
    "mail: 451": judge("mail", 451, NOT_NOW),
    "mail: 452": judge("mail", 452, b"4.3.1 no space"),
    "mail: 552": judge("mail", 552, b"5.3.4 too large"),
    "rcpt: 421": judge("rcpt", 421, b"4.3.2 closing"),
    "rcpt: 450": judge("rcpt", 450, b"4.2.0 greylisted"),
    "rcpt: 451": judge("rcpt", 451, NOT_NOW),
    "rcpt: 452": judge("rcpt", 452, b"4.2.2 mailbox full"),
    "rcpt: 550 policy": judge("rcpt", 550, NEVER),
    "rcpt: 552": judge("rcpt", 552, b"5.2.2 over quota"),
    "data: 421": judge("data", 421, b"4.3.2 closing"),
    "data: 451": judge("data", 451, NOT_NOW),
    "data: 554": judge("data", 554, NEVER),
    "text: hung up": Unreachable("reset in the middle of the text", begun=True),
}
# It speaks to us and takes no mail, as the big providers say it: nothing may die of this.
DECLINES = {
    f"declines: {one.provider} {one.stage} {one.text[:30]}": (
        one.stage,
        judge(one.stage, one.code, one.text.encode()),
    )
    for one in REPLIES
    if one.means == "us"
}
DISLIKED = "dot: 554 this message alone"
TOO_FREE = judge("dot", 554, b"5.7.1 this message is not wanted")
NO_SUCH_USER = "rcpt: 550 address"
BAD_ADDRESS = judge("rcpt", 550, b"5.1.1 no such user")
TAKEN = "dot: 250"
# After the final dot; whether the server has the mail is not always what it says.
AFTER_THE_DOT = {
    "dot: 421": (False, judge("dot", 421, b"4.3.2 closing")),
    "dot: 450": (False, judge("dot", 450, NOT_NOW)),
    "dot: 451": (False, judge("dot", 451, NOT_NOW)),
    "dot: 452": (False, judge("dot", 452, b"4.3.1 no space")),
    "dot: 550": (False, judge("dot", 550, NEVER)),
    "dot: 552": (False, judge("dot", 552, b"5.3.4 too large")),
    "dot: 554": (False, judge("dot", 554, b"5.7.1 looks like spam")),
    "dot: hung up, not taken": (False, Ambiguous("reset after the dot")),
    "dot: hung up, taken": (True, Ambiguous("reset after the dot")),
    "dot: silence, taken": (True, Ambiguous("timed out")),
    "dot: nonsense, taken": (True, judge("dot", 354, b"go on")),
}
ALL = (*WHOLE_RELAY, *DECLINES, DISLIKED, *BEFORE_THE_TEXT, NO_SUCH_USER, TAKEN, *AFTER_THE_DOT)
