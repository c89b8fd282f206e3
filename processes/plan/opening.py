"""What a kind of planned activity adds (活动类别): how it is opened, and what its end means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlmodel import Session

from models.plan import Activity
from processes import plug
from processes.duty.deed import Deed
from rules.words import DutyKind

PLAIN: Final = "other"  # a kind that nobody declares is opened and done like these


@dataclass(frozen=True, slots=True)
class Opening:
    """How one kind of activity is opened and done; each as for all others, if not given.

    `opens` owes what the activities ask for: (session, activities, at, actor). Each comes with
    `owner_id`, `checker_id` and `due_at` set, and `opens` may set `duty_id`. `duty` is how the
    carrying out is owed; `finished` is told when it is done for good, `sent_back` which duty the
    owner owes anew; `told_elsewhere` says that the walk through a cycle has a record of it already.
    """

    opens: Callable[[Session, Sequence[Activity], datetime, str], None]
    duty: DutyKind = DutyKind.CARRY_OUT
    finished: Callable[[Deed, Activity], None] = lambda _deed, _activity: None
    sent_back: Callable[[Deed, Activity, int], None] = lambda _deed, _activity, _duty: None
    told_elsewhere: Callable[[Session, Activity], bool] = lambda _session, _activity: False


def of(kind: str) -> Opening:
    """Return what a kind of activity adds."""
    return cast("Opening", plug.one("activities", kind if plug.has("activities", kind) else PLAIN))
