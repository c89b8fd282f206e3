"""A mail server that fails where and how a test says, on real sockets, and remembers everything.

`server.on("rcpt", Say(450, "greylisted"))` is for the next time, `server.always(…)` for every
time. Stages: connect ehlo starttls auth mail rcpt data body dot noop rset.
"""

import base64
import hmac
import ipaddress
import socket
import ssl
import threading
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Say:
    """Answer this instead of what is right."""

    code: int
    text: str = "as the test says"


@dataclass(frozen=True)
class Drop:
    """Hang up: at `dot` the mail may be `taken` before, at `body` after so many characters."""

    taken: bool = False
    after: int = 1


@dataclass(frozen=True)
class Stall:
    """Say nothing until the other side or the test has had enough."""


@dataclass(frozen=True)
class Mail:
    """One mail that was taken: `connection` counts from 1."""

    sender: str
    recipient: str
    data: bytes
    connection: int
    encrypted: bool


class _Gone(Exception):
    pass


class Server:
    """Listens on 127.0.0.1 while the `with` lasts."""

    def __init__(
        self,
        *,
        extensions=("SIZE 10000000", "8BITMIME"),
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        account: tuple[str, str] | None = None,
        mechanisms="PLAIN LOGIN CRAM-MD5",
    ):
        self.extensions, self.account, self.mechanisms = extensions, account, mechanisms
        self.starttls, self.tls = starttls, tls
        self.mails: list[Mail] = []
        self.commands: list[str] = []
        self.connections = self.logins = self.failed_logins = 0
        self._once: defaultdict[str, deque[object]] = defaultdict(deque)
        self._always: dict[str, object] = {}
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._ended = threading.Event()

    def on(self, stage, *actions):
        self._once[stage].extend(actions)
        return self

    def always(self, stage, action):
        self._always[stage] = action
        return self

    def heal(self):
        self._once.clear()
        self._always.clear()

    def hang_up(self):
        """Close every connection, as a restart or a change of address does."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @property
    def recipients(self):
        return [mail.recipient for mail in self.mails]

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    def _accept(self):
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.opened(connection)
            self.connections += 1
            number = self.connections
            thread = threading.Thread(target=self._serve, args=(connection, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection, number):
        talk = _Talk(self, connection, number)
        try:
            talk.run()
        except (OSError, _Gone):
            pass
        finally:
            talk.close()

    def opened(self, connection):
        with self._lock:
            self._open.append(connection)

    def planned(self, stage):
        with self._lock:
            waiting = self._once[stage]
            return waiting.popleft() if waiting else self._always.get(stage)

    def wait(self):
        self._ended.wait(30)


class _Talk:
    def __init__(self, server, connection, number):
        self.server, self.connection, self.number = server, connection, number
        self.encrypted = False
        self.sender = self.recipient = ""

    def run(self):
        if self.server.tls:
            self._encrypt(self.server.tls)
        self.file = self.connection.makefile("rb")
        self._do("connect", 220, "test ready")
        while True:
            line = self._line().decode("utf-8", "replace").rstrip("\r\n")
            self.server.commands.append(line)
            verb = line.split(" ")[0].upper()
            if verb == "QUIT":
                return self._say(221, "bye")
            getattr(self, f"_{verb.lower()}", self._unknown)(line)

    def close(self):
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _ehlo(self, _line):
        offered = list(self.server.extensions)
        if self.server.starttls and not self.encrypted:
            offered.append("STARTTLS")
        if self.server.account:
            offered.append(f"AUTH {self.server.mechanisms}")
        if self._planned("ehlo"):
            return
        lines = ["test", *offered]
        first, last = lines[:-1], lines[-1]
        text = "".join(f"250-{line}\r\n" for line in first) + f"250 {last}\r\n"
        self.connection.sendall(text.encode())

    def _starttls(self, _line):
        if not self._planned("starttls"):
            self._say(220, "go ahead")
            self._encrypt(self.server.starttls)

    def _encrypt(self, context):
        with suppress(AttributeError):
            self.file.close()
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.server.opened(self.connection)
        self.encrypted = True
        self.file = self.connection.makefile("rb")

    def _auth(self, line):
        if self._planned("auth"):
            self.server.failed_logins += 1
            return
        mechanism, given = line.split(" ")[1], line.split(" ")[2:]
        if mechanism.upper() == "PLAIN":
            user, password = base64.b64decode(given[0]).decode().split("\0")[1:]
        elif mechanism.upper() == "LOGIN":
            user = base64.b64decode(given[0]).decode()
            self._say(334, "UGFzc3dvcmQ6")
            password = base64.b64decode(self._line()).decode()
        else:
            self._say(334, base64.b64encode(b"<1@test>").decode())
            user, proof = base64.b64decode(self._line()).decode().split(" ")
            right = self.server.account[1]
            proven = hmac.new(right.encode(), b"<1@test>", "md5").hexdigest() == proof
            password = right if proven else ""
        if (user, password) == self.server.account:
            self.server.logins += 1
            self._say(235, "welcome")
        else:
            self.server.failed_logins += 1
            self._say(535, "5.7.8 authentication failed")

    def _mail(self, line):
        self.sender = line.partition("<")[2].partition(">")[0]
        self._do("mail", 250, "ok")

    def _rcpt(self, line):
        self.recipient = line.partition("<")[2].partition(">")[0]
        self._do("rcpt", 250, "ok")

    def _data(self, _line):
        if self._planned("data"):
            return
        self._say(354, "go ahead")
        body = self.server.planned("body")
        if isinstance(body, Drop):
            self.file.read(body.after)
            raise _Gone
        if isinstance(body, Stall):
            self.server.wait()
            raise _Gone
        lines = []
        while (line := self._line()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        action = self.server.planned("dot")
        if action is None or (isinstance(action, Drop) and action.taken):
            self.server.mails.append(
                Mail(self.sender, self.recipient, b"".join(lines), self.number, self.encrypted)
            )
        self._act(action) if action else self._say(250, "kept")

    def _noop(self, _line):
        self._do("noop", 250, "ok")

    def _rset(self, _line):
        self._do("rset", 250, "ok")

    def _unknown(self, _line):
        self._say(500, "what?")

    def _do(self, stage, code, text):
        if not self._planned(stage):
            self._say(code, text)

    def _planned(self, stage):
        action = self.server.planned(stage)
        if action is not None:
            self._act(action)
        return action is not None

    def _act(self, action):
        if isinstance(action, Say):
            self._say(action.code, action.text)
            if action.code == 421:
                raise _Gone
        elif isinstance(action, Stall):
            self.server.wait()
            raise _Gone
        else:
            raise _Gone

    def _say(self, code, text):
        self.connection.sendall(f"{code} {text}\r\n".encode())

    def _line(self):
        line = self.file.readline()
        if not line:
            raise _Gone
        return line


class Authority:
    """A certificate authority of the test's own; its servers are good, expired or another's."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.file = folder / "authority.pem"
        certificate = self._signed(self.name, self.key.public_key(), days=30, authority=True)
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, *, name="127.0.0.1", days=30):
        """Return a server's side of TLS; negative days make an expired certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._signed(subject, key.public_key(), days=days, san=name)
        path = self.folder / f"{name}-{days}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(self, subject, key, *, days, authority=False, san=None):
        end = datetime.now(UTC) + timedelta(days=days)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(end - timedelta(days=60))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if san:
            known = _name(san)
            builder = builder.add_extension(x509.SubjectAlternativeName([known]), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _name(san):
    try:
        return x509.IPAddress(ipaddress.ip_address(san))
    except ValueError:
        return x509.DNSName(san)
