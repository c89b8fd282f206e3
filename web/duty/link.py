"""Who comes by a duty link (待办链接): the token says which duty, which person, which episode.

The link is the reader's key, so whoever holds it is recorded as coming "by link of X". A token
that is not ours, or too old, is told from a good one by nothing but a 403.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from config.current import current
from notifications import links
from processes.identity import sign_in
from web.frame import csrf, edge
from web.frame.keys import secrets
from web.frame.session import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A reader before a duty. `episode` is the letter's; None for somebody signed in."""

    reader: Reader
    number: int
    base: str
    episode: int | None = None


class Gone(Exception):
    """The link is good, and its person is no longer here."""


def linked(request: Request, token: str) -> Seen:
    """Return who comes by this link; raises `LinkInvalid`, `LinkExpired` or `Gone`."""
    number, person_id, episode = _read(request, token)
    known = sign_in.person(person_id)
    if known is None:
        raise Gone
    reader = Reader(
        id=known.id,
        code=known.code,
        name=known.name,
        roles=known.roles,
        language=known.language,
        bound=(csrf.LINK, number, known.id, episode),
        via=f"link of {known.code} from {edge.address(request)}",
    )
    request.state.reader = reader
    edge.speak(request, known.language)
    return Seen(reader=reader, number=number, base=f"/d/{token}", episode=episode)


Linked = Annotated[Seen, Depends(linked)]


def _read(request: Request, token: str) -> tuple[int, int, int]:
    life = timedelta(days=current().policy.mail.link_days)
    payload = links.read(secrets(), links.Purpose.DUTY, token, edge.instant(request), life)
    match payload:
        case (int() as number, int() as person_id, int() as episode):
            return number, person_id, episode
    raise links.LinkInvalid
