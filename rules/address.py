"""Whether a mail address can be written to (邮件地址), judged where it enters and never at sending.

An address is kept in small letters and without the blanks around it, so that one person is
found by it however it was typed.
"""

import re
from typing import Final

from rules.refusal import Refused

LONGEST: Final = 254  # RFC 5321, with its angle brackets 256
LONGEST_NAME: Final = 64
NAME: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class AddressRefused(Refused):
    """What was typed is no address that mail can reach."""

    sentence = "{address} is not a mail address: {why}"


class TooLong(AddressRefused):
    """Longer than SMTP carries."""

    sentence = "the mail address has {length} characters, at most {most} are possible"


class NotOneAt(AddressRefused):
    """No @, or more than one."""

    sentence = "{address} is not a mail address: it needs exactly one @"


class NoSuchName(AddressRefused):
    """The part before the @ cannot be written to."""

    sentence = "{address} is not a mail address: what stands before the @ cannot be written to"


class NoSuchDomain(AddressRefused):
    """The part after the @ is no domain name of two parts or more."""

    sentence = "{address} is not a mail address: {domain} is not a domain name with a dot"


def normalise(typed: str) -> str:
    """Return the address as it is kept, or refuse it by name."""
    address = typed.strip().lower()
    if len(address) > LONGEST:
        raise TooLong(length=len(address), most=LONGEST)
    name, at, domain = address.partition("@")
    if not at or "@" in domain:
        raise NotOneAt(address=address)
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise NoSuchName(address=address)
    return f"{name}@{_domain(address, domain)}"


def _domain(address: str, domain: str) -> str:
    """Return the domain as mail servers know it: 公司.cn is xn--55qx5d.cn."""
    try:
        known = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        raise NoSuchDomain(address=address, domain=domain) from None
    labels = known.split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(part) for part in labels):  # noqa: PLR2004 - host.zone
        raise NoSuchDomain(address=address, domain=domain)
    return known
