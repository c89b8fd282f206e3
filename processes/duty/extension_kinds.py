"""The kind of duty by which a later day is granted or refused (延期审批), for the one door."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models.duty import Duty
from models.extension import Extension
from processes.duty import extension, forms, says
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from processes.duty.office import Office, Seat
from rules import gates
from rules.words import DutyKind


def _check_extension(deed: Deed, form: forms.DecideExtension) -> None:
    asked = extension.asked_by_decision(deed.session, deed.duty)
    owner = duties.open_for_update(deed.session, asked.duty_id).owner_id
    gates.grantor(
        deciders=deed.hands, asker=asked.asked_by_id, owner=owner, person=deed.person.name
    )
    if form.decision is forms.Grant.REFUSE:
        gates.reason(form.note)


def _decide_extension(deed: Deed, form: forms.DecideExtension) -> str:
    granted = form.decision is forms.Grant.GRANT
    extension.decide(
        deed.session,
        deed.duty,
        by_id=deed.person_id,
        granted=granted,
        note=form.note,
        at=deed.at,
    )
    deed.discharge()
    if granted:
        return says.GRANTED
    return says.NOT_GRANTED


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.DECIDE_EXTENSION,
        asks="Decide on the extension",
        follows="If you grant it, everyone who was told hears of the new day.",
        advice="Please decide whether the extension is granted.",
        form=forms.DecideExtension,
        settle=_decide_extension,
        signature=True,
        check=_check_extension,
    ),
)


def _may_grant(session: Session, decision: Duty, person: int) -> bool:
    asked = _asked(session, decision)
    if asked is None:
        return True
    about = session.get_one(Duty, asked.duty_id)
    return extension.standing_above(session, about, asked)(person)


def _office(session: Session, decision: Duty, at: datetime) -> Office | None:
    """Return whether whoever decides still stands above the request, and who does today."""
    asked = _asked(session, decision)
    if asked is None:
        return None
    about = session.get_one(Duty, asked.duty_id)
    if extension.standing_above(session, about, asked)(decision.owner_id):
        return Office(held=True)
    return Office(held=False, successor=extension.decider(session, about, asked, at=at))


def _asked(session: Session, decision: Duty) -> Extension | None:
    return session.exec(
        select(Extension).where(col(Extension.decide_duty_id) == decision.id)
    ).one_or_none()


OFFICES: Final = {DutyKind.DECIDE_EXTENSION: Seat(of=_office, may=_may_grant)}
