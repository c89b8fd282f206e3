"""What every act through the door leaves behind (办理记录): a signature, an answer, a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from config.language import say
from models import trail
from models.duty import Answer
from models.engine import transaction
from processes.duty import says
from processes.duty.deed import Deed
from processes.identity import signatures
from processes.identity.signatures import CodeNeeded, Signed, content_hash
from rules.refusal import AlreadyAnswered, NotFound, Refused, Withdrawn
from rules.words import DutyKind

# Not a rule's no to something new, so not worth a line in the trail.
UNREMARKABLE: Final = (AlreadyAnswered, Withdrawn, NotFound, CodeNeeded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """It is recorded; `says` tells the person in his language what happens next."""

    duty_id: int
    says: str


@transaction
def note_refusal(
    session: Session, subject: str, person_id: int, refused: Refused, at: datetime, via: str
) -> None:
    """Keep a rule's no in the trail; a wrong code as well, because somebody may be guessing."""
    if isinstance(refused, UNREMARKABLE):
        return
    trail.record(
        session,
        at=at,
        actor=f"person:{person_id}",
        action="refused",
        subject=subject[:120],
        after={"why": type(refused).__name__, "via": via[:300]},
    )


def raised(result: Answered | Refused) -> Answered:
    """Raise what was only returned so that its transaction could commit."""
    if isinstance(result, Refused):
        raise result
    return result


def sign(
    deed: Deed, act: DutyKind | str, content: Mapping[str, Any], code: str | None
) -> Refused | None:
    """Return what stands in the way of the signature; None if it was given."""
    signed = Signed(person=deed.person, duty=deed.duty, content=content_hash(str(act), content))
    if code is None or not code.strip():
        return signatures.ask(deed.session, signed, at=deed.at)
    return signatures.redeem(deed.session, signed, code, at=deed.at)


def keep(deed: Deed, act: str, data: dict[str, Any]) -> None:
    """Keep word for word what was answered, by whom, for whom and by which way in."""
    assert deed.duty.id is not None
    deed.session.add(
        Answer(
            duty_id=deed.duty.id,
            act=act,
            person_id=deed.person_id,
            on_behalf_of_id=deed.on_behalf_of_id,
            via=deed.via[:300],
            data=data,
            at=deed.at,
        )
    )


def answered(deed: Deed, then: str, *, provisional: bool = False) -> Answered:
    """Say in the person's language what happens next, and whether a word is still wanted."""
    language = deed.person.language or current().settings.language
    assert deed.duty.id is not None
    sentences = (then, says.PROVISIONAL) if provisional else (then,)
    return Answered(
        duty_id=deed.duty.id, says=" ".join(say(language, sentence) for sentence in sentences)
    )
