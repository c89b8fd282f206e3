"""What a duty's page shows (待办页内容): the duty, what it is about, why it is seen, what next.

Read-only: every piece comes from rows through `processes/`. A duty to decide on an extension
shows the duty whose extension is asked, and the matter behind that one.
"""

from dataclasses import dataclass
from datetime import datetime

from models.duty import Duty
from models.engine import reading
from processes.duty import answers, coming, extension
from processes.duty.answers import Standing
from processes.duty.coming import Coming
from processes.history import told as history
from processes.history.rows import Attached, DutyHistory, Extended, NonconformityHistory
from processes.register.rows import DutyRow
from rules.refusal import NotFound
from rules.words import DutyKind, DutyState
from web.duty.late import Late, lateness
from web.duty.timeline import Entry, timeline


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
    attached: tuple[Attached, ...] = ()  # the evidence of this duty itself

    @property
    def open(self) -> bool:
        return self.duty.state == DutyState.OPEN

    @property
    def files(self) -> frozenset[int]:
        """The evidence that belongs to this page."""
        found = self.matter.evidence if self.matter else self.attached
        return frozenset(file.id for file in found if file.deleted_at is None)


def of(number: int, *, person_id: int, at: datetime) -> View:
    """Return the duty as this person sees it; raises `NotFound`."""
    own = history.of_duty(number, at=at)
    matter = _matter(own.duty, at)
    request = _asked(own.duty, matter)
    standing = answers.standing(number, person_id, at)
    is_open = own.duty.state == DutyState.OPEN
    return View(
        duty=own.duty,
        matter=matter,
        extended=_extended(request, matter),
        request=request,
        standing=standing,
        coming=coming.next_step(number),
        late=lateness(own.duty.due_at, at) if is_open else None,
        told_level=_told_level(own, person_id),
        stands_in_for=own.duty.owner_name if standing.stands_in_for else None,
        ended_by=_ended_by(own),
        undecided=next((one for one in own.extensions if one.granted is None), None),
        entries=timeline(matter or own),
        attached=own.evidence,
    )


def _asked(duty: DutyRow, matter: NonconformityHistory | None) -> Extended | None:
    """Return the request that a duty to decide on an extension is about."""
    if duty.kind != DutyKind.DECIDE_EXTENSION or matter is None:
        return None
    with reading() as session:
        decision = session.get(Duty, duty.id)
        assert decision is not None
        try:
            asked = extension.asked_by_decision(session, decision)
        except NotFound:
            return None
        known = (asked.duty_id, asked.asked_at)
    return next((one for one in matter.extensions if (one.duty, one.asked_at) == known), None)


def _extended(request: Extended | None, matter: NonconformityHistory | None) -> DutyRow | None:
    if request is None or matter is None:
        return None
    return next((row for row in matter.duties if row.id == request.duty), None)


def _matter(duty: DutyRow, at: datetime) -> NonconformityHistory | None:
    try:
        return history.of_nonconformity(duty.subject, at=at)
    except NotFound:
        return None  # a kind of duty about something else: the page shows the duty alone


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
