"""A form's own field against forged posts (防伪字段): signed for one reader, and only for him.

Without it a page elsewhere could make a signed-in person's browser act. It is bound to the
session, or to the duty link, for which the form was shown.
"""

from datetime import datetime, timedelta
from typing import Final

from notifications import links
from notifications.links import Part
from rules.refusal import Refused
from web.frame.keys import secrets

FIELD: Final = "csrf"
SESSION: Final = (
    "session"  # what is bound: (SESSION, person, nonce) or (LINK, duty, person, episode)
)
LINK: Final = "link"


class FormForged(Refused):
    """The form's own field is missing or was made for somebody else."""

    sentence = "this form was not sent from our page: open the page again and send it from there"


class FormExpired(Refused):
    """Ours, but shown longer ago than a form lives: nothing is lost, send it once more."""

    sentence = "the page was open for too long: check what you wrote below and send it once more"


def field(bound: tuple[Part, ...], at: datetime) -> str:
    """Return the value of the hidden field for this reader."""
    return links.sign(secrets()[0], links.Purpose.FORM, bound, at)


def check(value: str, bound: tuple[Part, ...], at: datetime, *, life: timedelta) -> None:
    """Refuse a form that we did not show to this reader."""
    try:
        shown_to = links.read(secrets(), links.Purpose.FORM, value, at, life)
    except links.LinkExpired:
        raise FormExpired from None
    except Refused:
        raise FormForged from None
    if shown_to == bound:
        return
    if bound[0] == SESSION and shown_to[:2] == bound[:2]:
        raise FormExpired  # of the same person's earlier session: nothing is done, nothing is lost
    raise FormForged
