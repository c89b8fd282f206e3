"""Signed links (签名链接): what a mail carries so that its reader need not sign in.

A token says which duty, which person and which episode; it is not secret knowledge of ours but
it is a key of the reader's, so it stands in no log and in no message of an exception. The
instant is an argument on both sides. A token dated after `at` is accepted: we signed it, and
it is the clock that was set back.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from itsdangerous import BadData, Signer, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from rules.refusal import Refused

_COMPACT: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
LONGEST: Final = 2048  # characters; ours have about a hundred

Part = int | str | None
Payload = tuple[Part, ...]


class Purpose(StrEnum):
    """What a token is for; a token of one purpose is worthless for another."""

    DUTY = "duty"  # (duty, person, episode)
    SIGN_IN = "sign-in"  # (person, …)
    SESSION = "session"
    FORM = "form"  # a form's own field against forged posts (CSRF)


class LinkInvalid(Refused):
    """Not signed by us for this purpose, or not signed at all."""

    sentence = "this link is not valid: copy the whole address from the mail, or sign in"


class LinkExpired(Refused):
    """Signed by us, but longer ago than links live."""

    sentence = "this link has expired: open the newest mail about the matter, or sign in"


class _Signer(TimestampSigner):
    """Stamps with the instant it is told, in whole seconds."""

    default_digest_method = staticmethod(sha256)

    def __init__(self, *args: Any, at: datetime, **named: Any) -> None:
        super().__init__(*args, **named)
        self._at = int(at.timestamp())

    def get_timestamp(self) -> int:
        return self._at

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        """Derive the key that signs once; the old ones as they are asked for."""
        return self._key if secret_key is None else super().derive_key(secret_key)

    @cached_property
    def _key(self) -> bytes:
        return super().derive_key()

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        """Refuse also the other spellings of a good signature: base64 has spare bits at its end."""
        return super().verify_signature(value, sig) and base64_encode(base64_decode(sig)) == sig


class _Serializer(URLSafeTimedSerializer):
    """Keeps its signer: nothing in it changes from one token to the next."""

    @cached_property
    def _signer(self) -> Signer:
        return super().make_signer()

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return self._signer if salt is None else super().make_signer(salt)

    def dump_payload(self, obj: Any) -> bytes:
        """Write it small, as the library does, without trying whether packing makes it smaller."""
        return base64_encode(_COMPACT(obj))


def sign(secret: str, purpose: str, payload: Sequence[Part], at: datetime) -> str:
    """Return the token of a payload, dated `at`: letters, digits and `-_.` only."""
    return str(_serializer((secret,), purpose, at).dumps(list(payload)))


def read(
    secrets: Sequence[str], purpose: str, token: str, at: datetime, max_age: timedelta
) -> Payload:
    """Return what was signed, or refuse with `LinkInvalid` or `LinkExpired`.

    `secrets` are the current key first, then those rotated out; a link lives until `max_age`
    whichever of them signed it.
    """
    if not token or len(token) > LONGEST or not token.isascii():
        raise LinkInvalid
    try:
        payload, signed_at = _serializer(tuple(secrets), purpose, at).loads(
            token, return_timestamp=True
        )
    except BadData:
        # Not chained: the library's sentence quotes the signature.
        raise LinkInvalid from None
    if at - signed_at > max_age:
        raise LinkExpired
    return tuple(payload)


def duty_link(base_url: str, token: str) -> str:
    """Return the one address a letter carries for a duty."""
    return f"{base_url.rstrip('/')}/d/{token}"


def sign_in_link(base_url: str, token: str) -> str:
    """Return the address of a sign-in letter."""
    return f"{base_url.rstrip('/')}/sign-in/{token}"


@lru_cache(maxsize=16)  # a sweep signs thousands at one instant
def _serializer(secrets: tuple[str, ...], purpose: str, at: datetime) -> _Serializer:
    # itsdangerous signs with the last key of its list.
    return _Serializer(
        list(reversed(secrets)),
        salt=f"pdca.{purpose}",
        signer=_Signer,
        signer_kwargs={"at": at},
    )


def letter_page(base_url: str, key: str) -> str:
    """Return the page that lists all that one letter tells of, to its reader when signed in."""
    return f"{base_url.rstrip('/')}/letters/{quote(key, safe=':')}"
