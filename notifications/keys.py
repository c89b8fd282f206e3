"""Keys of lines, notices, messages and threads (幂等键): written here and nowhere else.

A key says *what* is told to *whom* and never *when* or *where to*: the same step taken twice, after
a crash or by two sweeps, makes the same key, and the unique index refuses the second.
"""

import hashlib
from typing import Final

OPERATOR: Final = "operator"  # stands where no person is: the operator's address
LINE_LIMIT: Final = 120  # characters of `line.key`


def line_key(
    duty: int, episode: int, nth: int, letter: str, person: int | None, *, round_: int | None = None
) -> str:
    """Return `duty:{id}:{episode}:{nth}:{letter}:{person}`: one thing told to one person.

    `round_` is for a letter that may be due twice within one step, such as the answers to two
    extensions asked between two sweeps.
    """
    once = f"duty:{duty}:{episode}:{nth}:{letter}:{_whom(person)}"
    return once if round_ is None else f"{once}:{round_}"


def loose_key(letter: str, ref: str, person: int | None) -> str:
    """Return the key of a line without a duty (a code, a sign-in link, an alarm).

    `ref` names the occasion: the number of the code or of the alarm. A long one is replaced by
    its hash, because a key that is cut is no longer a key.
    """
    whole = f"{letter}:{ref}:{_whom(person)}"
    return whole if len(whole) <= LINE_LIMIT else f"{letter}:{_digest(ref)}:{_whom(person)}"


def notice_key(first_line: str) -> str:
    """Return the key of the mail whose first line this is."""
    return f"mail:{first_line}"


def message_id(key: str, domain: str, installation: str = "") -> str:
    """Return the Message-ID of the notice with this key: the same for every copy of it.

    `installation` keeps two homes that send from one domain (a trial and the real one) from
    using the same identifiers: mail servers silently drop what they believe to have seen.
    """
    return f"<{_digest(installation, key)}@{_domain(domain)}>"


def thread_root(subject_kind: str, subject: str, domain: str, installation: str = "") -> str:
    """Return what every mail about one subject refers to, so that they stand in one thread.

    No mail carries it: whoever hears first is different for each subject and each reader.
    """
    return f"<thread.{_digest(installation, subject_kind, subject)}@{_domain(domain)}>"


def _whom(person: int | None) -> str:
    return OPERATOR if person is None else str(person)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _domain(domain: str) -> str:
    """Return the domain as a header may carry it, whatever an address or URL was cut into."""
    kept = "".join(c for c in domain.lower() if c.isascii() and (c.isalnum() or c in ".-"))
    return kept.strip(".-")[:100] or "localhost"
