"""The kinds of duty that can be answered (待办种类): each with its form and what follows.

`check` is asked before a code is mailed, so that nobody signs what a rule refuses; `settle`
does it and returns a sentence that says what happens next. Kinds without a signature are
judged by `settle` alone.
"""

from typing import Final

from processes.approval import kinds as approval_kinds
from processes.audit import kinds as audit_kinds
from processes.check import kinds as check_kinds
from processes.duty import extension_kinds
from processes.duty.kind import Kind
from processes.kpi import kinds as kpi_kinds
from processes.kpi import special_kinds
from processes.nonconformity import kinds as nonconformity_kinds
from processes.plan import activity_kinds
from processes.review import kinds as review_kinds
from rules.refusal import Refused


class NoSuchKind(Refused):
    """A duty of a kind that is not answered here."""

    sentence = "a duty of the kind “{kind}” cannot be answered"


def of(kind: str) -> Kind:
    """Return the kind, or refuse by its name."""
    try:
        return KINDS[kind]
    except KeyError:
        raise NoSuchKind(kind=kind) from None


KINDS: Final[dict[str, Kind]] = {
    kind.kind.value: kind
    for process in (
        nonconformity_kinds,
        extension_kinds,
        approval_kinds,
        audit_kinds,
        activity_kinds,
        review_kinds,
        check_kinds,
        special_kinds,
        kpi_kinds,
    )
    for kind in process.KINDS
}
