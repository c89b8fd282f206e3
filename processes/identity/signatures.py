"""Signing with a mailed code (签署验证码): 8 digits, 10 minutes, 5 tries, used once, 3 an hour.

A code is bound to the person, the duty and the content of the form: who changes the form after
asking for a code needs another. Only a keyed hash of it is kept, and the line that carried it
to the mail forgets it when it is used or too old.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.settings import Misconfigured
from models.duty import Duty, Line
from models.record import Code
from notifications.keys import loose_key
from processes.mail.lines import post
from rules.organisation import Post
from rules.refusal import Refused
from rules.words import LetterKind

DIGITS: Final = 8
MINUTES: Final = 10
TRIES: Final = 5
AN_HOUR: Final = 3
AHEAD: Final = timedelta(minutes=10)  # by which another machine's clock may differ
DOUBLE_CLICK: Final = timedelta(seconds=60)  # asked again so soon, the mail is still under way


class CodeNeeded(Refused):
    """Not a no: the act is signed by the code that was just mailed."""

    sentence = (
        "this is a signature: a code was sent to {sent_to}; enter it within {minutes} minutes"
    )


class CodeWrong(Refused):
    """The code is not the one that was mailed for this."""

    sentence = "the code is wrong; {left} tries are left"


class CodeUsedUp(Refused):
    """Too old, used, tried too often, or asked for another content."""

    sentence = "this code is not valid any more: send the form without a code to get a new one"


class TooManyCodes(Refused):
    """Three codes an hour are enough for an honest person."""

    sentence = "{most} codes an hour at most: wait until {again}"


class NoAddress(Refused):
    """A signature needs a mail address to send the code to."""

    sentence = "{person} has no mail address for the code: have it entered first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What is to be signed: by whom, to what, with which content."""

    person: Post
    duty: Duty
    content: str  # a hash

    @property
    def where(self) -> tuple[sa.ColumnElement[bool], ...]:
        """Select the codes that were mailed for exactly this."""
        return (
            col(Code.person_id) == self.person.id,
            col(Code.duty_id) == self.duty.id,
            col(Code.content_hash) == self.content,
        )


def content_hash(act: str, content: Mapping[str, Any]) -> str:
    """Return the hash of a form's content, whatever the order of its fields."""
    told = json.dumps([act, content], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def ask(session: Session, signed: Signed, *, at: datetime) -> CodeNeeded:
    """Mail a code and return what to tell the person; the caller commits before raising it."""
    address = signed.person.address
    if not address:
        raise NoAddress(person=signed.person.name)
    needed = CodeNeeded(sent_to=masked(address), minutes=MINUTES)
    if _just_sent(session, signed, at):
        return needed
    _refuse_too_many(session, signed.person.id, at)
    forget_old(session, at)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    assert signed.duty.id is not None
    row = Code(
        person_id=signed.person.id,
        duty_id=signed.duty.id,
        content_hash=signed.content,
        code_hash=_hashes(code, signed)[0],
        at=at,
        expires_at=at + timedelta(minutes=MINUTES),
    )
    session.add(row)
    session.flush()
    post(
        session,
        letter=LetterKind.CODE,
        ref=_ref(row),
        person_id=signed.person.id,
        duty_id=signed.duty.id,
        at=at,
        facts={"code": code, "minutes": MINUTES},
    )
    return needed


def redeem(session: Session, signed: Signed, code: str, *, at: datetime) -> Refused | None:
    """Use the code up; None if it was right, else what to tell the person after committing."""
    row = session.exec(
        select(Code)
        .where(
            *(*signed.where, col(Code.used_at).is_(None)),
            col(Code.expires_at) > at,
            col(Code.at) <= at + AHEAD,  # one that a wrong clock gave has no ten minutes
        )
        .order_by(col(Code.id).desc())
        .limit(1)
        .with_for_update()
    ).first()
    if row is None or row.tries >= TRIES:
        return CodeUsedUp()
    row.tries += 1
    session.add(row)
    typed = "".join(code.split())
    if not any(hmac.compare_digest(row.code_hash, known) for known in _hashes(typed, signed)):
        session.flush()
        return CodeWrong(left=TRIES - row.tries) if row.tries < TRIES else CodeUsedUp()
    row.used_at = at
    session.flush()
    _forget(session, [row])
    return None


def forget_old(session: Session, at: datetime) -> None:
    """Take codes that are over out of the lines that carried them to the mail."""
    day_before = at - timedelta(days=1)
    _forget(
        session,
        session.exec(
            select(Code).where(col(Code.expires_at) <= at, col(Code.expires_at) > day_before)
        ).all(),
    )


def masked(address: str) -> str:
    """Return an address as a page may show it: l***@company.example."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"


def _just_sent(session: Session, signed: Signed, at: datetime) -> bool:
    found = session.exec(
        select(Code.id).where(
            *signed.where,
            col(Code.used_at).is_(None),
            col(Code.tries) < TRIES,
            col(Code.expires_at) > at,
            col(Code.at) > at - DOUBLE_CLICK,
            col(Code.at) <= at,
        )
    ).first()
    return found is not None


def _refuse_too_many(session: Session, person: int, at: datetime) -> None:
    sent = session.exec(
        select(Code.at)
        .where(
            col(Code.person_id) == person,
            col(Code.at) > at - timedelta(hours=1),
            col(Code.at) <= at,
        )
        .order_by(col(Code.at))
    ).all()
    if len(sent) >= AN_HOUR:
        again = (sent[-AN_HOUR] + timedelta(hours=1)).astimezone(current().settings.zone)
        raise TooManyCodes(most=AN_HOUR, again=f"{again:%H:%M}")


def _hashes(code: str, signed: Signed) -> list[str]:
    """Return the code's hash under each key, the present key first."""
    settings = current().settings
    if settings.secret_key is None:
        raise Misconfigured("secret_key is not set: `pdca up` or `pdca init` makes one")
    bound = f"{signed.person.id}:{signed.duty.id}:{signed.content}:{code}".encode()
    return [
        hmac.new(key.get_secret_value().encode(), b"pdca-code:" + bound, "sha256").hexdigest()
        for key in (settings.secret_key, *settings.old_secret_keys)
    ]


def _ref(row: Code) -> str:
    return f"code:{row.id}"


def _forget(session: Session, rows: Any) -> None:
    keys = [loose_key(LetterKind.CODE, _ref(row), row.person_id) for row in rows]
    if not keys:
        return
    for line in session.exec(select(Line).where(col(Line.key).in_(keys))):
        if "code" in line.facts and line.notice_id is not None:
            line.facts = {name: value for name, value in line.facts.items() if name != "code"}
            session.add(line)
    session.flush()
