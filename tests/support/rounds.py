"""Worker processes that climb, gather and send on one database, as several machines would."""

import contextlib
import multiprocessing
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from config import current as configuration
from config.settings import Mail, Settings
from models import engine
from models.duty import Duty, Line
from models.engine import reading
from models.notice import Notice
from processes.duty import climbing
from processes.duty import issued as duties
from processes.duty.climbing import ClaimLost
from processes.mail import delivery, outbox

BEGINS = datetime(2026, 9, 28, 1, tzinfo=UTC)
DAYS = 12


def settings(home: Path, url: str, port: int) -> Settings:
    return Settings(
        home=home,
        operator="operator@site.example",
        secret_key="a-secret-for-tests-only-0123456789",
        database_url=url,
        mail=Mail(host="127.0.0.1", port=port, security="plain", sender="pdca@site.example"),
    )


def work(home, url, port, begun):
    """Do every day's round as the service does; go on when the database went away."""
    configuration.use(settings(home, url, port))
    engine.bind(url)
    begun.wait()
    for day in range(DAYS):
        at = BEGINS + timedelta(days=day)
        until = time.monotonic() + 60
        while not _round(at) and time.monotonic() < until:
            time.sleep(0.1)
    engine.database().dispose()


def _round(at):
    """One sweep; False if it has to be taken again."""
    try:
        while ids := duties.due(at, limit=20):
            with contextlib.suppress(ClaimLost):
                climbing.climb(ids, at=at)
        while outbox.gather(at, limit=10).people:
            pass
        delivery.deliver(at, clock=lambda: at)
        return _drained(at)
    except DBAPIError as lost:
        with (configuration.current().settings.home / "lost").open("a") as kept:
            kept.write(f"{lost}\n")
        return False


def _drained(at):
    """Whether nothing of this day is left, whoever has done it."""
    with reading() as session:
        waiting = session.exec(select(Notice.id).where(col(Notice.state) == "pending")).first()
        leased = session.exec(select(Notice.id).where(col(Notice.state) == "leased")).first()
        line = session.exec(select(Line.id).where(col(Line.notice_id).is_(None))).first()
        due = session.exec(
            select(Duty.id).where(col(Duty.state) == "open", col(Duty.next_at) <= at)
        ).first()
    return (waiting, leased, line, due) == (None, None, None, None)


def run(count, home, url, port, meanwhile=lambda: None):
    """Let so many processes work at once, until all of them are through."""
    context = multiprocessing.get_context("spawn")
    begun = context.Event()
    workers = [
        context.Process(target=work, args=(home, url, port, begun), daemon=True)
        for _ in range(count)
    ]
    for worker in workers:
        worker.start()
    begun.set()
    meanwhile()
    for worker in workers:
        worker.join(180)
    codes = [worker.exitcode for worker in workers]
    for worker in workers:
        worker.kill()
    return codes
