"""Sending: our deliveries beside one kept smtplib connection that hands over the same bytes.

Both hand over to the same sink, a process of its own that keeps nothing. Ours claims, and
commits each result with `synchronous=FULL` before the next final dot; the floor remembers
nothing at all. Runs alternate, and the ratio is the median of the pairs.
"""

import argparse
import asyncio
import smtplib
import sqlite3
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope
from sqlmodel import col

from bench import ground
from models import engine
from models.notice import Notice, NoticeBytes, NoticeState
from notifications.transport import Relay, Transport
from processes.duty import climbing
from processes.duty import issued as duties
from processes.mail import delivery, outbox
from tests.support.smtp import Authority

SENDER = "pdca@localhost"


class Nothing:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        return "250 OK"


async def sink(certificate: str) -> None:
    """Serve until killed; the port is the first line printed."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            Nothing(), hostname="sink", tls_context=context, require_starttls=bool(context)
        ),
        "127.0.0.1",
        0,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running_sink(certificate: Path | None) -> Iterator[int]:
    command = [sys.executable, "-m", "bench.sending", "--sink", str(certificate or "")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def letters(count: int) -> None:
    """Climb so many duties into so many finished mails, as the `act` flow does."""
    ground.people(count, managers=count)
    ground.duties(count, owners=count, first_owner=count + 1, due=count, nth=2)
    while ids := duties.due(ground.NOW):
        climbing.climb(ids, at=ground.NOW)
    while outbox.gather(ground.NOW).people:
        pass


def waiting(count: int) -> list[tuple[str, bytes]]:
    """Return address and bytes of the mails that go next."""
    with engine.reading() as session:
        rows = session.execute(
            sa.select(col(Notice.address), col(NoticeBytes.mime))
            .join(NoticeBytes, col(NoticeBytes.notice_id) == col(Notice.id))
            .where(col(Notice.state) == NoticeState.PENDING)
            .order_by(col(Notice.rank), col(Notice.id))
            .limit(count)
        )
        return [(row.address, row.mime) for row in rows]


def ours(transport: Transport, count: int) -> float:
    def run() -> None:
        done = delivery.deliver(
            ground.NOW, transport=transport, limit=count, clock=lambda: datetime.now(UTC)
        )
        assert done.sent == count, done

    return count / ground.timed(run)


def floor(connection: smtplib.SMTP, mails: list[tuple[str, bytes]]) -> float:
    def run() -> None:
        for address, mime in mails:
            connection.sendmail(SENDER, [address], mime)

    return len(mails) / ground.timed(run)


def compare(security: str, port: int, authority: Path | None, *, rounds: int, count: int) -> None:
    relay = Relay(
        host="127.0.0.1",
        port=port,
        ca_file=authority,
        security="starttls" if authority else "plain",
    )
    transport = Transport(relay)
    connection = smtplib.SMTP("127.0.0.1", port)
    if authority:
        connection.starttls(context=ssl.create_default_context(cafile=str(authority)))
    mine, floors = [], []
    for turn in range(rounds):
        mails = waiting(count)
        if turn % 2:
            floors.append(floor(connection, mails))
        mine.append(ours(transport, count))
        if not turn % 2:
            floors.append(floor(connection, mails))
    connection.quit()
    transport.close()
    ratio = median(m / f for m, f in zip(mine, floors, strict=True))
    ground.say(f"sending, {security}: {rounds} x {count} mails", f"{median(mine):,.0f} mails/s")
    ground.say("  floor: one kept smtplib connection", f"{median(floors):,.0f} mails/s")
    ground.say("  rate beside the floor (median of pairs)", f"{ratio:.2f}", "must be at least 0.60")


def commits(folder: Path, count: int = 1000) -> None:
    """What the disk allows: one small row changed and made durable, raw."""
    base = sqlite3.connect(folder / "commits.sqlite", isolation_level=None)
    base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (n)")
    base.execute("INSERT INTO t VALUES (0)")

    def run() -> None:
        for n in range(count):
            base.executescript(f"BEGIN IMMEDIATE; UPDATE t SET n = {n}; COMMIT")

    ground.say("  durable commits of this disk, raw", f"{count / ground.timed(run):,.0f} /s")
    base.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--count", type=int, default=400)
    options.add_argument("--sink", default=None, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.sink is not None:
        asyncio.run(sink(chosen.sink))
        return
    with ground.home() as folder, tempfile.TemporaryDirectory() as made:
        authority = Authority(Path(made))
        authority.context()
        letters(2 * chosen.rounds * chosen.count)
        with running_sink(None) as port:
            compare("plain", port, None, rounds=chosen.rounds, count=chosen.count)
        with running_sink(Path(made) / "127.0.0.1-30.pem") as port:
            compare("STARTTLS", port, authority.file, rounds=chosen.rounds, count=chosen.count)
        commits(folder)


if __name__ == "__main__":
    main()
