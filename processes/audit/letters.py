"""Letters about audits that ask for nothing (审核通报): whoever answers for them hears it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from config.current import current
from models import people
from processes.mail.lines import post
from rules.words import LetterKind, Role

Facts = Callable[[str], dict[str, Any]]  # in a reader's language


def planners(session: Session) -> Sequence[int]:
    """Return who answers for the audit programme: the heads of quality, else somebody of it."""
    organisation = people.organisation(session)
    return organisation.holders(Role.QUALITY_HEAD) or organisation.holders(Role.QUALITY)[:1]


def tell(
    session: Session, readers: Iterable[int | None], *, ref: str, at: datetime, facts: Facts
) -> int:
    """Promise each of them who is still here the letter once for this `ref`; return how many."""
    posts = people.organisation(session).posts
    known = [one for one in dict.fromkeys(readers) if one is not None and one in posts]
    told = [one for one in known if posts[one].active]
    for person in told:
        post(
            session,
            letter=LetterKind.PLAN_REPORT,
            ref=ref,
            person_id=person,
            at=at,
            facts=facts(posts[person].language or current().settings.language),
        )
    return len(told)
