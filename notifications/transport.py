"""The connection to the relay (发信通道): finished bytes go out, outcomes come back as values.

Sending has two halves, because of the one gap that SMTP cannot close. `prepare` transmits the
envelope and the text, all of which a server forgets if we go away; `finish` sends the final dot,
and from then on only the server's answer tells whether it has the mail. So a caller may prepare
the next mail while it writes down what became of the last, and finish it when that is written.

yagmail is the connection, and neither composes nor tries again: its own `send` reconnects each
time, sends up to three copies and checks no certificate.
"""

import select
import socket
import ssl
import time
from contextlib import suppress
from typing import Any, Final

import yagmail

from notifications import replies
from notifications.envelope import Envelope, Prepared, stuffed, unfit
from notifications.relay import Relay, Sender, our_name, tls
from notifications.replies import (
    Accepted,
    Ambiguous,
    Declined,
    Deferred,
    Outcome,
    Rejected,
    Unauthorised,
    Unreachable,
)

__all__ = [
    "Accepted",
    "Ambiguous",
    "Declined",
    "Deferred",
    "Envelope",
    "Outcome",
    "Prepared",
    "Rejected",
    "Relay",
    "Sender",
    "Transport",
    "Unauthorised",
    "Unreachable",
]

IDLE_SECONDS: Final = 5.0  # after which a kept connection is asked whether it is still there
OK: Final = frozenset({250, 251})
GO_AHEAD: Final = 354
LOGINS: Final = ("PLAIN", "LOGIN", "CRAM-MD5")
LOGINS_IN_CLEAR: Final = ("CRAM-MD5", "PLAIN", "LOGIN")


class Transport(yagmail.Client):  # type: ignore[misc]
    """One kept connection to one relay. Not for two threads at once."""

    smtp: Any  # smtplib.SMTP, which only yagmail imports

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.name = f"{relay.host}:{relay.port}"
        self._alive = False
        self._begun = False  # whether the server has begun to hear of the mail at hand
        self._used = 0.0
        context = tls(relay.ca_file) if relay.security != "plain" else None
        super().__init__(
            user="",  # the login is ours: yagmail makes "pdca" into pdca@gmail.com
            host=relay.host,
            port=relay.port,
            smtp_ssl=relay.security == "ssl",
            smtp_starttls={"context": context} if relay.security == "starttls" else False,
            smtp_skip_login=True,
            soft_email_validation=False,
            timeout=relay.reply_seconds,
            local_hostname=our_name(relay.host),
            **({"context": context} if relay.security == "ssl" else {}),
        )

    def prepare(self, envelope: Envelope) -> Prepared | Outcome:
        """Transmit everything but the final dot; nothing is handed over yet.

        A kept connection that turns out to be gone is opened anew, once: nothing was sent that
        a server could have kept.
        """
        kept = self._alive
        self._begun = False
        try:
            return self._transmit(envelope)
        except OSError as gone:
            self.abort()
            if not kept:
                return Unreachable(replies.sentence(gone), begun=self._begun)
        try:
            return self._transmit(envelope)
        except OSError as gone:
            self.abort()
            return Unreachable(replies.sentence(gone), begun=self._begun)

    def finish(self, prepared: Prepared) -> Outcome:  # noqa: ARG002 - proof that there is one
        """Send the final dot and say what became of the mail."""
        try:
            if self._has_spoken():
                raise ConnectionError("the server closed the connection before the final dot")
            self.smtp.sock.settimeout(self.relay.dot_seconds)
            self.smtp.send(b".\r\n")
        except OSError as gone:
            self.abort()
            return Unreachable(replies.sentence(gone), begun=True)
        try:
            code, text = self.smtp.getreply()
            self.smtp.sock.settimeout(self.relay.reply_seconds)
        except OSError as gone:
            self.abort()
            return Ambiguous(replies.sentence(gone))
        return self._judged("dot", code, text)

    def send(self, envelope: Envelope) -> Outcome:  # type: ignore[override, unused-ignore]
        """Transmit and finish one mail."""
        prepared = self.prepare(envelope)
        return self.finish(prepared) if isinstance(prepared, Prepared) else prepared

    def probe(self) -> Outcome | None:
        """Connect, secure and log in, and send nothing; None if all of it went well."""
        return self._connected()

    def abort(self) -> None:
        """Drop the connection without a word: what has no final dot is forgotten by the server."""
        self._alive = False
        if self.smtp is not None:
            with suppress(OSError):
                self.smtp.close()

    def close(self) -> None:
        """Say goodbye, if anybody is listening."""
        self.is_closed = True
        if self._alive:
            with suppress(OSError):
                self.smtp.sock.settimeout(1)
                self.smtp.quit()
        self.abort()

    def _transmit(self, envelope: Envelope) -> Prepared | Outcome:
        refused = self._connected() or unfit(envelope, self.smtp.esmtp_features)
        if refused is not None:
            return refused
        self._begun = True
        self._used = time.monotonic()
        for stage, (code, text) in self._dialogue(self._commands(envelope)):
            if code not in ({GO_AHEAD} if stage == "data" else OK):
                return self._judged(stage, code, text)
        self.smtp.send(stuffed(envelope.mime))
        return Prepared(envelope.recipient)

    def _commands(self, envelope: Envelope) -> dict[replies.Stage, str]:
        options = ""
        if self.smtp.has_extn("size"):
            options += f" SIZE={len(envelope.mime)}"
        if not envelope.mime.isascii():
            options += " BODY=8BITMIME"
        if not (envelope.recipient + envelope.sender).isascii():
            options += " SMTPUTF8"
        return {
            "mail": f"MAIL FROM:<{envelope.sender}>{options}\r\n",
            "rcpt": f"RCPT TO:<{envelope.recipient}>\r\n",
            "data": "DATA\r\n",
        }

    def _dialogue(self, commands: dict[replies.Stage, str]) -> list[tuple[replies.Stage, Any]]:
        """Say the commands and return the answers, up to the first that is a refusal.

        A server that takes them in one go spares two journeys; if it wants the text although
        it refused the recipient, there is nobody to send it to, and we hang up.
        """
        answers: list[tuple[replies.Stage, Any]] = []
        if self.smtp.has_extn("pipelining"):
            self.smtp.send("".join(commands.values()).encode())
            for stage in commands:
                answers.append((stage, self.smtp.getreply()))
                if answers[-1][1][0] == replies.CLOSING:
                    return answers
            if answers[-1][1][0] == GO_AHEAD and any(
                code not in OK for _, (code, _) in answers[:2]
            ):
                self.abort()
            return answers
        for stage, command in commands.items():
            self.smtp.send(command.encode())
            answers.append((stage, self.smtp.getreply()))
            if answers[-1][1][0] not in OK:
                break
        return answers

    def _judged(self, stage: replies.Stage, code: int, text: bytes) -> Outcome:
        """Make a value of an answer, and the connection ready for the next mail."""
        outcome = replies.judge(stage, code, text)
        if (
            not isinstance(outcome, Accepted | Rejected | Declined | Deferred)
            or code == replies.CLOSING
        ):
            self.abort()
        elif stage in {"mail", "rcpt", "data"} and self._alive:
            try:
                self.smtp.docmd("RSET")
            except OSError:
                self.abort()
        return outcome

    def _connected(self) -> Outcome | None:
        """Return None with a connection that answers, or why there is none."""
        if self._alive and time.monotonic() - self._used > IDLE_SECONDS and not self._answers():
            self.abort()
        if self._alive:
            return None
        self.smtp = None
        try:
            self.login()  # yagmail connects and, where asked for, starts TLS
            self.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.smtp.ehlo_or_helo_if_needed()
        except OSError as failed:
            return self._not_connected(failed)
        refused = self._sign_in()
        if refused is not None:
            self.abort()
            return refused
        self._alive = True
        return None

    def _not_connected(self, failed: OSError) -> Outcome:
        code = getattr(failed, "smtp_code", 0)
        insecure = isinstance(failed, ssl.SSLError) and not isinstance(failed, ssl.SSLEOFError)
        if self.relay.security == "starttls" and not code and self.smtp is not None:
            # The greeting was read, so what is missing is the offer of STARTTLS.
            insecure = insecure or (self.smtp.does_esmtp and not self.smtp.has_extn("starttls"))
        self.abort()
        if replies.passing(code):
            said = replies.clean(getattr(failed, "smtp_error", b""))
            return Deferred(code, said, whole_relay=True, begun=False)
        return Unreachable(replies.sentence(failed), insecure=insecure)

    def _sign_in(self) -> Outcome | None:
        """Log in with one mechanism: a wrong password is one failed login there, not three."""
        if not self.relay.user:
            return None
        offered = self.smtp.esmtp_features.get("auth", "").upper().split()
        preferred = LOGINS_IN_CLEAR if self.relay.security == "plain" else LOGINS
        known = [mechanism for mechanism in preferred if mechanism in offered]
        if not known:
            return Unauthorised(0, "the server offers no login that we know")
        self.smtp.esmtp_features["auth"] = known[0]
        try:
            self.smtp.login(self.relay.user, self.relay.password or "")
        except UnicodeError:
            return Unauthorised(0, "account name and password must be ASCII")
        except OSError as failed:
            return replies.judge_login(failed)
        return None

    def _answers(self) -> bool:
        try:
            return self.smtp.noop()[0] in OK
        except OSError:
            return False

    def _has_spoken(self) -> bool:
        """Whether the server said something, or hung up, while it should have been listening."""
        connection = self.smtp.sock
        if connection is None:
            return True
        if not select.select([connection], [], [], 0)[0]:
            return False
        connection.settimeout(0)
        try:
            connection.recv(1)  # whatever it is, this mail ends here
        except (ssl.SSLWantReadError, BlockingIOError):
            return False  # TLS talking to itself
        return True
