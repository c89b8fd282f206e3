"""Contacts who left or whose mail bounces (联系人失效), and what becomes of their data.

The manager of the contract owes somebody else, or an address that works. Data of a contact are
kept while a contract needs them: an erasure that is asked for before is done on its day.
"""

from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.contract import contract_policy
from config.current import current
from config.language import say
from models import trail
from models.contract import Contact, Contract, ContractContact
from models.duty import Answer, Duty
from models.engine import transaction
from models.notice import Suppression
from models.record import Trail
from processes.contract import standing
from processes.contract.forms import MendContact, Mended
from processes.duty import beside
from processes.duty import issued as duties
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
from processes.duty.subject import Subject
from rules import contract as rule
from rules import gates
from rules.address import AddressRefused, normalise
from rules.contract import ContractState
from rules.refusal import NotFound, Refused
from rules.words import DutyKind, DutyState

KIND: Final = "contact"
DONE: Final = "Recorded: the contract can be reached again."
NOBODY: Final = "Recorded: the other contacts are enough."
WORKS_AGAIN: Final = "the contact can be reached again"
ERASED: Final = "–"  # what stands for a name that was erased


class NobodyLeft(Refused):
    """Nobody else at the customer's can be reached."""

    sentence = "{contract} has no other contact: name somebody who can be reached"


class NothingToMend(Refused):
    """A correction or a successor without an address."""

    sentence = "give an address that works"


class NoName(Refused):
    """A successor without a name."""

    sentence = "give the successor's name"


def by_code(session: Session, code: str) -> Contact:
    """Return a contact, or refuse by code."""
    found = session.exec(select(Contact).where(col(Contact.code) == code)).one_or_none()
    if found is None:
        raise NotFound(what="contact", code=code)
    return found


def contracts_of(session: Session, contact: Contact) -> list[Contract]:
    """Return the contracts that a contact speaks for."""
    found = session.exec(
        select(Contract)
        .join(ContractContact, col(ContractContact.contract_id) == col(Contract.id))
        .where(col(ContractContact.contact_id) == contact.id)
        .order_by(col(Contract.code))
    )
    return list(found)


def lost(session: Session) -> list[Contact]:
    """Return the contacts who left, or whose address a server refused for good."""
    dead = sa.select(sa.func.lower(col(Suppression.address)))
    return list(
        session.exec(
            select(Contact)
            .where(
                col(Contact.erased_at).is_(None),
                sa.or_(
                    col(Contact.active).is_(False),
                    sa.func.lower(col(Contact.email)).in_(dead),
                ),
            )
            .order_by(col(Contact.code))
        )
    )


def owe_lost(session: Session, at: datetime) -> int:
    """Owe each contact who is lost to the manager of the contract; return how many are new."""
    day, new = current().calendar.day(at), 0
    for contact in lost(session):
        contract = next(iter(_running(session, contact, day)), None)
        owner = standing.manager_of(session, contract) if contract else None
        if contract is None or owner is None or not _to_mend(session, contact):
            continue
        duties.issue(
            session,
            kind=DutyKind.MEND_CONTACT,
            subject_kind=KIND,
            subject=contact.code,
            title=contract.name,
            owner_id=owner,
            due_at=current().calendar.working_days(
                at, contract_policy().contacts.mend_working_days
            ),
            at=at,
        )
        new += 1
    return new


def _running(session: Session, contact: Contact, day: date) -> list[Contract]:
    found = contracts_of(session, contact)
    return [one for one in found if standing.state_on(one, day) is ContractState.IN_FORCE]


def _to_mend(session: Session, contact: Contact) -> bool:
    """Whether nothing is owed about this contact, and nobody has mended it since it was lost."""
    query = (
        select(Duty.ended_at)
        .where(
            col(Duty.subject_kind) == KIND,
            col(Duty.subject) == contact.code,
            col(Duty.kind) == DutyKind.MEND_CONTACT,
        )
        .order_by(col(Duty.id).desc())
        .limit(1)
    )
    ended = session.exec(query).all()
    if not ended:
        return True
    if ended[0] is None:
        return False
    since = select(Suppression.since).where(
        sa.func.lower(col(Suppression.address)) == (contact.email or "").lower()
    )
    bounced = session.exec(since).first()
    return contact.active and bounced is not None and bounced > ended[0]


def withdraw_mended(session: Session, at: datetime) -> int:
    """Withdraw what is owed about contacts who can be reached again; return how many."""
    still = {one.code for one in lost(session)}
    found = session.exec(
        select(Duty).where(
            col(Duty.kind) == DutyKind.MEND_CONTACT,
            col(Duty.state) == DutyState.OPEN,
        )
    ).all()
    over = [one for one in found if one.subject not in still]
    for duty in over:
        duties.withdraw(session, duty, at=at, why=WORKS_AGAIN)
    return len(over)


def _check(deed: Deed, form: MendContact) -> None:
    contact = by_code(deed.session, deed.duty.subject)
    if form.decision is Mended.NOBODY:
        for contract in contracts_of(deed.session, contact):
            others = standing.contacts(deed.session, contract.id or 0)
            if not [one for one in others if one.id != contact.id]:
                raise NobodyLeft(contract=contract.code)
        return
    if not form.email:
        raise NothingToMend
    try:
        normalise(form.email)
    except AddressRefused as refused:
        raise refused from None
    if form.decision is Mended.REPLACED and not form.name:
        raise NoName


def _settle(deed: Deed, form: MendContact) -> str:
    contact = by_code(deed.session, deed.duty.subject)
    deed.discharge()
    if form.decision is Mended.NOBODY:
        contact.active = False
        deed.session.add(contact)
        return NOBODY
    if form.decision is Mended.CORRECTED:
        contact.email, contact.active, contact.left_on = normalise(form.email), True, None
        contact.phone = form.phone or contact.phone
        deed.session.add(contact)
        deed.record("contact.corrected", f"{KIND}:{contact.id}")
        return DONE
    contact.active = False
    contact.left_on = contact.left_on or current().calendar.day(deed.at)
    deed.session.add(contact)
    _successor(deed, contact, form)
    return DONE


def _successor(deed: Deed, contact: Contact, form: MendContact) -> None:
    session = deed.session
    new = Contact(
        code=_free_code(session, contact.code),
        name=form.name[:200],
        customer_id=contact.customer_id,
        email=normalise(form.email),
        phone=form.phone[:64] or None,
        language=contact.language,
        basis=contact.basis,
    )
    session.add(new)
    session.flush()
    assert new.id is not None
    for contract in contracts_of(session, contact):
        assert contract.id is not None
        session.add(ContractContact(contract_id=contract.id, contact_id=new.id))
    deed.record("contact.replaced", f"{KIND}:{contact.id}", after={"by": new.id})


def _free_code(session: Session, code: str) -> str:
    stem, number = code[:58].rpartition("~")[0] or code[:58], 2
    known = set(session.exec(select(Contact.code)))
    while f"{stem}~{number}" in known:
        number += 1
    return f"{stem}~{number}"


@transaction
def refuse(session: Session, code: str, *, reason: str, at: datetime, actor: str) -> None:
    """Keep that a contact wants neither surveys nor reports; twice is harmless."""
    contact = by_code(session, code)
    said = gates.reason(reason)
    if contact.refused_at is None:
        contact.refused_at = at
        session.add(contact)
        _record(session, contact, "refused", at=at, actor=actor, reason=said)


@transaction
def exported(session: Session, code: str, *, at: datetime, actor: str) -> dict[str, Any]:
    """Return everything that is kept about a contact, and keep that it was handed out."""
    contact = by_code(session, code)
    _record(session, contact, "exported", at=at, actor=actor)
    acts = session.exec(
        select(Trail).where(col(Trail.subject) == f"{KIND}:{contact.id}").order_by(col(Trail.seq))
    )
    return {
        **contact.model_dump(exclude={"id", "customer_id"}),
        "basis": contact.basis.value,
        "contracts": [one.code for one in contracts_of(session, contact)],
        "kept_until": kept_until(session, contact),
        "history": [{"at": one.at, "action": one.action} for one in acts],
    }


def kept_until(session: Session, contact: Contact) -> date | None:
    """Return the day until which contracts need the data; None while one has no end."""
    ends = [one.end for one in contracts_of(session, contact)]
    return rule.kept_until(ends, contract_policy().contacts.retention_years)


@transaction
def erase(session: Session, code: str, *, reason: str, at: datetime, actor: str) -> date:
    """Erase a contact's data, or say on which day they are; return that day.

    While a contract needs them the contact is struck from every list at once, and the data are
    kept until the retention is over.
    """
    contact, said = by_code(session, code), gates.reason(reason)
    day = current().calendar.day(at)
    if contact.erased_at is not None:
        raise rule.AlreadyErased(contact=code, day=current().calendar.day(contact.erased_at))
    until = kept_until(session, contact)
    if until is None:
        open_ = next(one for one in contracts_of(session, contact) if one.end is None)
        raise rule.RetainedOpen(contact=code, contract=open_.code)
    contact.active, contact.erase_on = False, max(day, until)
    contact.refused_at = contact.refused_at or at
    session.add(contact)
    _record(session, contact, "erasure_asked", at=at, actor=actor, reason=said)
    if until <= day:
        _erase(session, contact, at=at, actor=actor)
    return contact.erase_on


def erase_due(session: Session, at: datetime) -> int:
    """Erase what was asked for and is not needed any more; return how many."""
    day = current().calendar.day(at)
    due = session.exec(
        select(Contact).where(col(Contact.erase_on) <= day, col(Contact.erased_at).is_(None))
    ).all()
    for contact in due:
        until = kept_until(session, contact)
        if until is not None and until <= day:
            _erase(session, contact, at=at, actor="clock")
        elif until is not None:
            contact.erase_on = until  # the contract was prolonged since
            session.add(contact)
    return sum(one.erased_at is not None for one in due)


def _erase(session: Session, contact: Contact, *, at: datetime, actor: str) -> None:
    _erase_answers(session, contact)
    contact.name, contact.erased_at = ERASED, at
    contact.email = contact.phone = contact.title = contact.language = None
    session.add(contact)
    _record(session, contact, "erased", at=at, actor=actor)


def _erase_answers(session: Session, contact: Contact) -> None:
    """Take a contact's data out of the answers by which it was named."""
    answers = session.exec(
        select(Answer)
        .join(Duty, col(Duty.id) == col(Answer.duty_id))
        .where(col(Duty.kind) == DutyKind.MEND_CONTACT)
    )
    own = {contact.name, contact.email, contact.phone} - {None, ""}
    for answer in answers:
        kept = {name: ERASED if text in own else text for name, text in answer.data.items()}
        if kept != answer.data:
            answer.data = kept
            session.add(answer)


def _record(
    session: Session, contact: Contact, what: str, *, at: datetime, actor: str, **said: Any
) -> None:
    trail.record(
        session,
        at=at,
        actor=actor,
        action=f"contact.{what}",
        subject=f"{KIND}:{contact.id}",
        after=said or None,
    )


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return whom it is about, and who else can be reached."""
    contact = by_code(session, duty.subject)
    lines = [(say(language, "Contact"), f"{contact.name} {contact.email or ''}".strip())]
    for contract in contracts_of(session, contact):
        others = standing.contacts(session, contract.id or 0)
        named = ", ".join(one.name for one in others if one.id != contact.id)
        lines.append((f"{contract.code} {contract.name}", named or say(language, "nobody else")))
    why = "has left" if not contact.active else "the address was refused for good"
    return [*lines, (say(language, "Why"), say(language, why))]


KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.MEND_CONTACT,
        form=MendContact,
        check=_check,
        settle=_settle,
        handed_over=True,
        asks="Name somebody whom the contract can reach",
        follows="Reports and surveys of this contract go to whoever you name.",
        advice="Please correct the address of a contact who has left or cannot be reached by"
        " mail, or name somebody else.",
    )
)
FACTS: Final = {DutyKind.MEND_CONTACT: _facts}
SUBJECTS: Final = {KIND: Subject(called="Contact {code}")}
