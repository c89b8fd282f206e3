"""What a duty's page shows (待办页内容): the duty, what it is about, why it is seen, what next.

Read-only: every piece comes from rows through `processes/`. A duty to decide on an extension
shows the duty whose extension is asked, and the matter behind that one.
"""

from dataclasses import dataclass
from datetime import datetime

from processes import answers, coming, history, registers
from processes.answers import Standing
from processes.coming import Coming
from processes.history_rows import DutyHistory, Extended, NonconformityHistory
from processes.register_query import Filters
from processes.register_rows import DutyRow
from rules.refusal import NotFound
from rules.words import DutyKind, DutyState
from web.late import Late, lateness
from web.timeline import Entry, timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A duty as one reader sees it. `extended` is set where an extension is to be decided."""

    duty: DutyRow
    matter: NonconformityHistory | None
    extended: DutyRow | None
    request: Extended | None
    standing: Standing
    coming: Coming | None
    late: Late | None
    told_level: int | None
    stands_in_for: str | None
    ended_by: str | None
    undecided: Extended | None
    entries: list[Entry]

    @property
    def open(self) -> bool:
        return self.duty.state == DutyState.OPEN

    @property
    def files(self) -> frozenset[int]:
        """The evidence that belongs to this page."""
        found = self.matter.evidence if self.matter else ()
        return frozenset(file.id for file in found if file.deleted_at is None)


def of(number: int, *, person_id: int, at: datetime) -> View:
    """Return the duty as this person sees it; raises `NotFound`."""
    own = history.of_duty(number, at=at)
    extended = _extended(own.duty, at)
    matter = _matter(extended or own.duty, at)
    standing = answers.standing(number, person_id, at)
    is_open = own.duty.state == DutyState.OPEN
    return View(
        duty=own.duty,
        matter=matter,
        extended=extended,
        request=_request(extended, own.duty, at),
        standing=standing,
        coming=coming.next_step(number),
        late=lateness(own.duty.due_at, at) if is_open else None,
        told_level=_told_level(own, person_id),
        stands_in_for=own.duty.owner_name if standing.stands_in_for else None,
        ended_by=_ended_by(own),
        undecided=next((one for one in own.extensions if one.granted is None), None),
        entries=timeline(matter or own),
    )


def _extended(duty: DutyRow, at: datetime) -> DutyRow | None:
    if duty.kind != DutyKind.DECIDE_EXTENSION or not duty.subject.isdecimal():
        return None
    rows = registers.duties(Filters(ids=(int(duty.subject),)), at=at).rows
    return rows[0] if rows else None


def _matter(duty: DutyRow, at: datetime) -> NonconformityHistory | None:
    try:
        return history.of_nonconformity(duty.subject, at=at)
    except NotFound:
        return None  # a kind of duty about something else: the page shows the duty alone


def _request(extended: DutyRow | None, decision: DutyRow, at: datetime) -> Extended | None:
    if extended is None:
        return None
    asked = history.of_duty(extended.id, at=at).extensions
    return next((one for one in asked if one.asked_at == decision.issued_at), None)


def _told_level(own: DutyHistory, person_id: int) -> int | None:
    levels = [
        told.level
        for told in own.told
        if told.level is not None
        and told.episode == own.duty.episode
        and person_id in {who.id for who in (told.person, told.on_behalf_of) if who}
    ]
    return max(levels, default=None)


def _ended_by(own: DutyHistory) -> str | None:
    last = [answer.person.name for answer in own.answers if answer.act == "answer"]
    return last[-1] if last else own.duty.ended_by
