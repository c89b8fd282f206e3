"""What a relay's answers mean (应答判定): the outcomes of sending, as values.

The distinction that matters is whose fault it is. What the recipient's side refuses concerns one
mail; what the relay refuses us (connection, login, sender) concerns all of them, and one refused
password must not become ten thousand dead letters.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Stage = Literal["size", "mail", "rcpt", "data", "dot"]

CLOSING: Final = 421  # "service not available, closing the channel"
LOGIN_NEEDED: Final = frozenset({530, 534, 535, 538})
NO_SUCH_ADDRESS: Final = frozenset({550, 551, 553})
TOO_LARGE: Final = 552
# Enhanced codes (RFC 3463) that speak of the address; 5.7.x is policy, 5.3.x the server itself.
ABOUT_THE_ADDRESS: Final = re.compile(r"5\.(1\.\d+|2\.1|4\.1)\b")
ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
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
    """Never (5xx), or more than the relay takes."""

    code: int
    text: str
    stage: Stage

    @property
    def bad_address(self) -> bool:
        """Whether it is the address that is refused, and not this mail or us."""
        if self.stage != "rcpt" or self.code not in NO_SUCH_ADDRESS:
            return False
        enhanced = ENHANCED.match(self.text)
        return enhanced is None or ABOUT_THE_ADDRESS.match(self.text) is not None


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


Outcome = Accepted | Deferred | Rejected | Ambiguous | Unauthorised | Unreachable


def judge(stage: Stage, code: int, text: bytes) -> Outcome:
    """Return what an answer means at its stage."""
    said = clean(text)
    match code // 100:
        case 2 if stage == "dot":
            return Accepted(said)
        case 4:
            return Deferred(code, said, whole_relay=code == CLOSING)
        case 5 if _about_us(stage, code):
            return Unauthorised(code, said)
        case 5:
            return Rejected(code, said, stage)
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


def _about_us(stage: Stage, code: int) -> bool:
    return code in LOGIN_NEEDED or (stage == "mail" and code != TOO_LARGE)


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
