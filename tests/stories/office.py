"""An office to tell stories in: people, days and mailboxes, on the product's own code.

Days pass by turning the wheel at nine and delivering what it wrote. Whatever is delivered lies
in a mailbox until somebody expects it; what nobody expected fails the story at its end.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlmodel import col, select

from config.current import current
from flows.turning import turn
from models.duty import Duty
from models.engine import reading
from models.organisation import Person
from notifications.transport import Accepted, Envelope, Outcome, Prepared
from processes.duty.answers import acknowledge, answer, ask_extension, straight_up
from processes.duty.handing_over import hand_over
from processes.identity.signatures import CodeNeeded
from processes.mail import outbox
from processes.mail.delivery import deliver
from processes.nonconformity import raising as nonconformities
from rules.words import DutyState
from tests.support.cast import at


@dataclass(frozen=True)
class Mail:
    """A delivered mail as its reader sees it."""

    to: str
    subject: str
    letter: str
    text: str
    html: str
    thread: str
    at: datetime
    calendar: str = ""  # the invitation in it, if there is one

    @property
    def link(self) -> str:
        return re.search(r"https?://\S+/d/\S+", self.text)[0]

    @property
    def code(self) -> str:
        return re.search(r"\b\d{8}\b", self.text)[0]


@dataclass
class Postman:
    """A transport that remembers what it delivered; the relay never fails in a story."""

    name: str = "postman"
    delivered: list[Mail] = field(default_factory=list)
    _at_hand: Envelope | None = None

    def prepare(self, envelope: Envelope) -> Prepared | Outcome:
        self._at_hand = envelope
        return Prepared(envelope.recipient)

    def finish(self, prepared: Prepared) -> Outcome:
        assert self._at_hand is not None
        assert prepared.recipient == self._at_hand.recipient
        self.delivered.append(read(self._at_hand))
        return Accepted("250 remembered")

    def abort(self) -> None:
        self._at_hand = None

    def close(self) -> None:
        pass


def read(envelope: Envelope) -> Mail:
    message = message_from_bytes(envelope.mime, policy=policy.default)
    return Mail(
        to=envelope.recipient.partition("@")[0],
        subject=message["Subject"],
        letter=message["X-PDCA-Letter"],
        text=message.get_body(("plain",)).get_content(),
        html=message.get_body(("html",)).get_content(),
        thread=str(message["References"] or ""),
        at=message["Date"].datetime,
        calendar=_calendar(message),
    )


def _calendar(message: EmailMessage) -> str:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return part.get_payload(decode=True).decode()
    return ""


@dataclass
class Mailbox:
    """What one person found and nobody has spoken of yet."""

    owner: str
    mails: list[Mail] = field(default_factory=list)

    def expect(self, *words: str, letter: str | None = None) -> Mail:
        """Take out the oldest mail of that kind whose subject or text has all these words."""
        for mail in self.mails:
            said = all(word in mail.subject or word in mail.text for word in words)
            if said and letter in {None, mail.letter}:
                self.mails.remove(mail)
                return mail
        found = [(mail.letter, mail.subject) for mail in self.mails]
        wanted = (*words, letter) if letter else words
        raise AssertionError(f"{self.owner} has no mail with {wanted}; there are {found}")

    def expect_none(self) -> None:
        assert not self.mails, f"{self.owner} also got {[mail.subject for mail in self.mails]}"


@dataclass
class Member:
    """One person of the office, acting at the office's hour."""

    office: "Office"
    code: str

    @property
    def id(self) -> int:
        with reading() as session:
            return session.exec(select(Person.id).where(col(Person.code) == self.code)).one()

    def raises(self, title: str, *, owner: str, **facts) -> str:
        code = nonconformities.raise_(
            title=title, owner_code=owner, raised_by=self.code, at=self.office.at, **facts
        )
        self.office.post_comes()
        return code

    def answers(self, kind: str, *, about: str, **fields) -> str:
        """Answer the open duty of a kind; a code that is mailed is read from the mail."""
        duty = self.office.duty(kind, about)
        named = {"person_id": self.id, "data": fields, "at": self.office.at, "via": "story"}
        try:
            said = answer(duty.id, **named)
        except CodeNeeded:
            self.office.post_comes()
            code = self.office.mailbox(self.code).expect("验证码").code
            said = answer(duty.id, code=code, **named)
        self.office.post_comes()
        return said.says

    def acknowledges(self, kind: str, *, about: str) -> str:
        duty = self.office.duty(kind, about)
        return acknowledge(duty.id, person_id=self.id, at=self.office.at, via="story").says

    def asks_for_time(self, kind: str, *, about: str, until: str, reason: str) -> None:
        duty = self.office.duty(kind, about)
        ask_extension(
            duty.id,
            person_id=self.id,
            until=datetime.fromisoformat(until).date(),
            reason=reason,
            at=self.office.at,
            via="story",
        )
        self.office.post_comes()

    def hands_over(self, kind: str, *, about: str, to: str, reason: str) -> str:
        duty = self.office.duty(kind, about)
        said = hand_over(
            duty.id, person_id=self.id, to=to, reason=reason, at=self.office.at, via="story"
        )
        self.office.post_comes()
        return said.says

    def reports_straight_up(self, code: str, reason: str) -> None:
        straight_up(code, person_id=self.id, reason=reason, at=self.office.at, via="story")
        self.office.post_comes()


class Office:
    """The cast, a clock and a postman."""

    def __init__(self, day: str) -> None:
        self.at = at(day)
        self.postman = Postman()
        self._boxes: dict[str, Mailbox] = {}

    def __getattr__(self, code: str) -> Member:
        return Member(self, code)

    def mailbox(self, code: str) -> Mailbox:
        return self._boxes.setdefault(code, Mailbox(code))

    def on(self, day: str, clock: str = "10:00") -> "Office":
        """Let the days pass until this hour; every morning the wheel turns."""
        until = at(day, clock)
        while (morning := self._next_morning()) <= until:
            self._morning(morning)
        self.at = until
        return self

    def fast_forward(self, *, working_days: int) -> "Office":
        """Let so many working days pass, to the same hour."""
        then = current().calendar.add(self.at, working_days)
        local = then.astimezone(current().settings.zone)
        return self.on(f"{local:%Y-%m-%d}", f"{local:%H:%M}")

    def post_comes(self) -> None:
        """Make letters of what is to be told, deliver them, sort them into the boxes."""
        while outbox.gather(self.at).people:
            pass
        seen = len(self.postman.delivered)
        deliver(self.at, transport=self.postman)
        for mail in self.postman.delivered[seen:]:
            self.mailbox(mail.to).mails.append(mail)

    def duty(self, kind: str, about: str) -> Duty:
        with reading() as session:
            return session.exec(
                select(Duty).where(
                    col(Duty.kind) == kind,
                    col(Duty.subject) == about,
                    col(Duty.state) == DutyState.OPEN,
                )
            ).one()

    def expect_no_other_letter(self) -> None:
        """Fail on any letter that nobody expected."""
        left = {box.owner: [mail.subject for mail in box.mails] for box in self._boxes.values()}
        assert not any(left.values()), {who: what for who, what in left.items() if what}

    def _next_morning(self) -> datetime:
        local = self.at.astimezone(current().settings.zone)
        nine = local.replace(hour=9, minute=0, second=0, microsecond=0)
        return nine if nine > local else nine + timedelta(days=1)

    def _morning(self, morning: datetime) -> None:
        self.at = morning
        turn(morning)
        self.post_comes()
