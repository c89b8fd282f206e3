"""What a relay's answers mean (应答判定): the outcomes of sending, as values.

The distinction that matters is whose fault it is, and the code alone does not tell: `550` may mean
a person who is not there, a quota that is used up, or a word that a filter dislikes. So the stage
and the enhanced status (RFC 3463) decide together. Only a no about the recipient's address ends a
mail; a no to us, to the relay's rules or to this message is declined, and the mail waits.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Stage = Literal["size", "mail", "rcpt", "data", "dot"]

CLOSING: Final = 421  # "service not available, closing the channel"
LOGIN_NEEDED: Final = frozenset({526, 530, 534, 535, 538})
NO_SUCH_ADDRESS: Final = frozenset({550, 551, 553})
TOO_LARGE: Final = 552
# Enhanced codes (RFC 3463) that speak of the recipient; 5.1.7 and 5.1.8 speak of the sender.
ABOUT_THE_ADDRESS: Final = re.compile(r"5\.(1\.(?![78]\b)\d+|2\.1|4\.1)\b")
MAILBOX_FULL: Final = re.compile(r"5\.2\.2\b")
MESSAGE_TOO_LARGE: Final = re.compile(r"5\.(3\.4|2\.3)\b")
ABOUT_THE_MESSAGE: Final = re.compile(r"5\.[67]\.\d+\b")
ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
# What servers say that give no enhanced code: the address is not there; or it is about us.
NOBODY: Final = re.compile(
    r"(?i)no such (user|mailbox|recipient|address)|unknown (user|recipient)|"
    r"user (is )?(unknown|not (found|exist))|invalid (user|rcptto|recipient|mailbox)|"
    r"(user|mailbox|account|recipient)[^.;]{0,40}? (is )?"
    r"(not found|unavailable|disabled|does(n't| not|nt) exist|not exist)|"
    r"does(n't| not) have an? \S+ account|account (is )?(disabled|closed)|"
    r"用户不存在|不存在该用户|邮箱不存在|地址不存在|无此用户|收件人不存在|帐号不存在|账号不存在|查无此"
)
TOWARDS_US: Final = re.compile(
    r"(?i)relay|spam|block|black ?list|\bpolicy\b|authenticat|denied|reputation|suspect|"
    r"not (permitted|allowed|authori[sz]ed)|frequency|\brates?\b|quota|limit|too many|"
    r"\bspf\b|dkim|dmarc|\bip\b|content|sender|"
    r"垃圾|频率|频繁|配额|超出|超过|限制|拒绝|黑名单|内容|认证|发信"
)
RUNNING_OUT: Final = re.compile(
    r"(?i)quota|limit|frequency|\brates?\b|too many|频率|频繁|配额|超出|超过|限制"
)
LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server has it: 250 after the final dot."""

    text: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now (4xx); `whole_relay` if it concerns every mail and not this one.

    `begun` says that the server had begun to hear of this very mail.
    """

    code: int
    text: str
    whole_relay: bool = False
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: the address is refused."""

    code: int
    text: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Declined:
    """Not from us, or not this message (5xx): nothing is said against the address.

    `alone` says that it is certainly this one message: it is too large, or in a form that the relay
    does not take. Otherwise it may be every mail, and only the next one tells.
    """

    code: int
    text: str
    stage: Stage
    alone: bool = False

    @property
    def may_be_the_message(self) -> bool:
        """Whether a word or a form in this message may be what is disliked, and not us."""
        said = self.text.removeprefix("#")
        if ENHANCED.match(said) and not ABOUT_THE_MESSAGE.match(said):
            return False
        return RUNNING_OUT.search(self.text) is None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The final dot went out and no answer came: the server may or may not have the mail."""

    text: str


@dataclass(frozen=True, slots=True)
class Unauthorised:
    """The relay takes nothing from us: password, login or sender refused."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No connection, or lost before the final dot; `insecure` if TLS was wanting."""

    text: str
    insecure: bool = False
    begun: bool = False


Outcome = Accepted | Deferred | Rejected | Declined | Ambiguous | Unauthorised | Unreachable


def judge(stage: Stage, code: int, text: bytes) -> Outcome:
    """Return what an answer means at its stage."""
    said = clean(text)
    match code // 100:
        case 2 if stage == "dot":
            return Accepted(said)
        case 4:
            return Deferred(code, said, whole_relay=code == CLOSING)
        case 5:
            return _never(stage, code, said)
        case _ if stage == "dot":
            return Ambiguous(f"not an answer to the final dot: {code} {said}")
        case _:
            return Unreachable(f"not an answer to {stage.upper()}: {code} {said}", begun=True)


def judge_login(failed: OSError) -> Outcome:
    """Return what a failed login means; a server that hangs up is not a wrong password."""
    code = int(getattr(failed, "smtp_code", 0))
    if not code:
        return Unreachable(sentence(failed))
    said = clean(getattr(failed, "smtp_error", b""))
    if passing(code):
        return Deferred(code, said, whole_relay=True, begun=False)
    return Unauthorised(code, said)


def passing(code: int) -> bool:
    """Whether the server asks to be tried again later (RFC 5321 4.2.1)."""
    return 400 <= code < 500  # noqa: PLR2004 - the first digit is the meaning


def _never(stage: Stage, code: int, said: str) -> Outcome:
    """Return whom a final no concerns: us, this message, or the address."""
    said = said.removeprefix("#")
    if _too_large(stage, code, said):
        return Declined(code, said, stage, alone=True)
    if code in LOGIN_NEEDED or stage == "mail":
        return Unauthorised(code, said)
    if ABOUT_THE_ADDRESS.match(said):
        # Said of a text it is too late to be sure of; but it is certainly this one letter.
        return Rejected(code, said, stage) if stage == "rcpt" else Declined(code, said, stage, True)
    if stage != "rcpt":
        return Declined(code, said, stage)
    return _never_to_this_one(code, said)


def _never_to_this_one(code: int, said: str) -> Outcome:
    """Return what a no to the recipient means that has no status of an address."""
    if MAILBOX_FULL.match(said):
        return Deferred(code, said)  # mailboxes are emptied: the letter waits
    if ENHANCED.match(said):
        return Declined(code, said, "rcpt")
    if NOBODY.search(said):
        return Rejected(code, said, "rcpt")
    if code == TOO_LARGE:
        return Deferred(code, said)  # RFC 5321: more than this mailbox may hold
    if TOWARDS_US.search(said):
        return Declined(code, said, "rcpt")
    return (Rejected if code in NO_SUCH_ADDRESS else Declined)(code, said, "rcpt")


def _too_large(stage: Stage, code: int, said: str) -> bool:
    given = ENHANCED.match(said)
    if given is not None:
        return MESSAGE_TOO_LARGE.match(said) is not None
    return code == TOO_LARGE and stage != "rcpt" and RUNNING_OUT.search(_sizeless(said)) is None


def _sizeless(said: str) -> str:
    """Return the words without those that limit a size and not a number of mails."""
    return re.sub(
        r"(?i)size (limit|exceed\w*)|(exceed\w*|over) [^.]{0,30}size\w*( limit)?", "", said
    )


def sentence(failed: OSError) -> str:
    """Return what an error says, on one line."""
    code, said = getattr(failed, "smtp_code", None), getattr(failed, "smtp_error", None)
    if code is not None and said is not None:
        return f"{code} {clean(said)}"
    return clean(str(failed)) or type(failed).__name__


def clean(text: bytes | str) -> str:
    """Return a server's words on one line, without what cannot be shown, cut to length."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())[:LONGEST]
