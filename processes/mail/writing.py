"""From lines to one letter (起草信函): to whom, in which language, in which thread."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from config.current import current
from models import people, stamps
from notifications import links
from notifications.keys import notice_key, thread_root
from notifications.letters import Letter, Shape
from processes.mail.items import Told, item
from rules.organisation import Post
from rules.words import LetterKind


def letter_to(
    session: Session,
    person: int | None,
    shape: Shape,
    lines: Sequence[Told],
    merged: Mapping[int, int],
    at: datetime,
    *,
    key: str | None = None,
) -> Letter:
    """Return the letter that tells one person these lines; None is the operator.

    `merged` says which line is told as a second mark on which other: a straight-up report and
    a step of the ladder about the same thing are one item of one mail, and so are the reminder
    and the assignment of one duty. `key` is of a mail that is written anew.
    """
    settings = current().settings
    organisation = people.organisation(session)
    post = organisation.posts.get(person) if person is not None else None
    items = [one for one in lines if one.line.id not in merged]
    second: dict[int, list[Told]] = defaultdict(list)
    for one in lines:
        if one.line.id in merged:
            second[merged[one.line.id]].append(one)
    key = key or notice_key(lines[0].line.key)
    return Letter(
        key=key,
        shape=shape,
        letter=LetterKind(items[0].line.letter),
        language=(post.language if post else None) or settings.language,
        zone=settings.zone,
        at=at,
        to_name=post.name if post else "",
        to_address=_address(post),
        items=tuple(
            item(organisation, one, at=at, also=second.get(one.line.id, ())) for one in items
        ),
        thread=_thread(session, items[0]) if shape is Shape.SINGLE else None,
        organisation=settings.organisation,
        base_url=settings.base_url,
        listed_at=links.letter_page(settings.base_url, key) if post else "",
        sender=settings.mail.sender,
        installation=stamps.installation(session),
    )


def _thread(session: Session, told: Told) -> str | None:
    """Return the root that every single letter about one subject refers to."""
    if told.duty is None:
        return None
    domain = current().settings.mail.sender.rpartition("@")[2]
    return thread_root(
        told.duty.duty_subject_kind,
        told.duty.duty_subject,
        domain,
        stamps.installation(session),
    )


def _address(post: Post | None) -> str:
    if post is None:
        return current().settings.operator
    return post.address or ""
