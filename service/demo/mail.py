"""The sample company's post (示例公司的邮件): the real outbox, sent to the real local sink.

Letters are gathered and handed over at the virtual instants at which they are due. Codes are
read from the letters, as a person would read them.
"""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aiosmtpd.smtp import SMTP, Envelope

from models.engine import reading
from models.organisation import Person
from notifications.transport import Transport
from processes.mail import delivery, outbox, relaying
from service.demo.people import Mailbox, newest_code
from service.inbox.sink import Server, served

REFUSED: Final = "550 5.7.1 message rate of the sender exceeded"
PORTION: Final = 100  # people whose letters are put together at once


class Moody(Server):
    """A local sink that can be told to take nothing, as a relay does on a bad morning."""

    refuses = False

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.just_taken: dict[str, list[bytes]] = {}  # by whom it is for

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail, or refuse it as a relay that has had enough of its sender."""
        if self.refuses:
            return REFUSED
        assert isinstance(envelope.content, bytes)
        for recipient in envelope.rcpt_tos:
            self.just_taken.setdefault(recipient, []).append(envelope.content)
        return await super().handle_DATA(server, session, envelope)


class LocalMailbox(Mailbox):
    """The outbox of a home with a local sink of its own behind it, while inside."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._sink = Moody(home)
        self._opened = ExitStack()
        self._relay: Transport | None = None

    def __enter__(self) -> Self:
        self._opened.enter_context(served(self._sink))
        self._relay = relaying.transport()
        self._opened.callback(self._relay.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.__exit__(kind, failure, trace)

    def send(self, at: datetime) -> None:
        """Put what waits into letters and send them."""
        while outbox.gather(at, limit=PORTION).people >= PORTION:
            pass
        self._sink.refuses = self.refuses
        delivery.deliver(at, transport=self._relay)

    def code(self, person_id: int, at: datetime) -> str:
        """Return the code in the newest letter that brought somebody one.

        It is read where it arrives: once it is sent its text is nowhere in the database.
        """
        self._sink.just_taken.clear()
        self.send(at)
        with reading() as session:
            address = session.get_one(Person, person_id).email
        return newest_code(self._sink.just_taken[str(address)])
