"""Approval by three different people (编制、审核、批准三人分离): who is asked, and who may sign.

Nobody reviews what he drew up, and nobody approves what he drew up or reviewed. That holds for
everybody with a hand in it: the absent one who is represented, the delegate who stands in for
him, and the operator who typed it.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from rules.organisation import Organisation
from rules.refusal import Refused


class ApprovalState(StrEnum):
    """Where one version of a document stands."""

    REVIEW = "review"  # 审核中
    APPROVAL = "approval"  # 待批准
    APPROVED = "approved"  # 已批准
    RETURNED = "returned"  # 已退回


class OwnDocument(Refused):
    """Whoever drew it up or judged it already may not judge it again."""

    sentence = (
        "{person} has drawn this document up or judged it already: author, reviewer and approver"
        " are three different people, delegates included"
    )


class NobodyToReview(Refused):
    """None of the named reviewers can be reached and is somebody other than the author."""

    sentence = (
        "nobody can review {title}: none of {named} can be reached and is another than the author"
    )


class NobodyToApprove(Refused):
    """None of the named approvers can be reached and is a third person."""

    sentence = (
        "nobody can approve {title}: none of {named} can be reached and is another than author and"
        " reviewer"
    )


class UnderWay(Refused):
    """A version of this document is being reviewed or approved; one at a time."""

    sentence = "version {version} of {code} is already under review: wait until it is decided"


class AlreadyApproved(Refused):
    """What is approved is never changed, only followed by another version."""

    sentence = "version {version} of {code} is approved: a change needs a new version"


def choose(
    organisation: Organisation, candidates: Iterable[int], *, barred: frozenset[int], day: date
) -> int | None:
    """Return the first candidate who can be reached and is none of the barred, else None.

    An absent one counts as reached by his delegate, unless the delegate is barred himself.
    """
    for person in candidates:
        if person in barred or person not in organisation.posts:
            continue
        if organisation.unreachable(person, day, barred=barred) is None:
            return person
    return None


def anybody(
    organisation: Organisation, candidates: Iterable[int], *, barred: frozenset[int]
) -> int | None:
    """Return the first candidate who works here and may: the ladder finds the one above him."""
    for person in candidates:
        post = organisation.posts.get(person)
        if post is not None and post.active and person not in barred:
            return person
    return None


def another(*, hands: frozenset[int], before: frozenset[int], person: str) -> None:
    """Refuse a judgement by anybody who had a hand in a step before."""
    if hands & before:
        raise OwnDocument(person=person)


def submittable(known: ApprovalState | None, *, code: str, version: int) -> None:
    """Refuse a version that is being judged, or has been approved; a returned one may come."""
    if known in {ApprovalState.REVIEW, ApprovalState.APPROVAL}:
        raise UnderWay(code=code, version=version)
    if known is ApprovalState.APPROVED:
        raise AlreadyApproved(code=code, version=version)
