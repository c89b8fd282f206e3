"""From lines to one letter (起草信函): to whom, in which language, in which thread."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from config.current import current
from models import people, stamps
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
) -> Letter:
    """Return the letter that tells one person these lines; None is the operator.

    `merged` says which line is told as a second mark on which other: a straight-up report and
    a step of the ladder about the same thing are one item of one mail.
    """
    settings = current().settings
    organisation = people.organisation(session)
    post = organisation.posts.get(person) if person is not None else None
    second = {merged[one.line.id]: one for one in lines if one.line.id in merged}
    return Letter(
        key=notice_key(lines[0].line.key),
        shape=shape,
        letter=LetterKind(lines[0].line.letter),
        language=(post.language if post else None) or settings.language,
        zone=settings.zone,
        at=at,
        to_name=post.name if post else "",
        to_address=_address(post),
        items=tuple(
            item(organisation, one, at=at, also=second.get(one.line.id))
            for one in lines
            if one.line.id not in merged
        ),
        thread=_thread(session, lines[0]) if shape is Shape.SINGLE else None,
        organisation=settings.organisation,
        base_url=settings.base_url,
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
