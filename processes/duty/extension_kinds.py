"""The kind of duty by which a later day is granted or refused (延期审批), for the one door."""

from typing import Final

from processes.duty import extension, forms, says
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.duty.kind import Kind
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


KINDS: Final = (
    Kind(
        kind=DutyKind.DECIDE_EXTENSION,
        model=forms.DecideExtension,
        settle=_decide_extension,
        signature=True,
        check=_check_extension,
    ),
)
