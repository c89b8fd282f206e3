"""The service's real processes against a real mail server, killed by SIGKILL hundreds of times.

Two clocks that both believe to lead, a sender beside them, and the pages, which people visit by
the links in the letters they were sent. A day is a second, so that ladders are climbed; a lease
is five days, so that those of killed senders end meanwhile.
"""

import contextlib
import hashlib
import multiprocessing
import os
import random
import socket
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from config import current as configuration
from models import engine
from models.organisation import Person
from processes.duty import climbing, returning
from processes.duty import issued as duties
from processes.mail import delivery, outbox
from processes.nonconformity import raising as nonconformities
from rules.words import Severity
from service.home import opened
from tests.faults import checks, killed
from tests.faults.acts import finish, owe
from tests.faults.campaign import scratch
from tests.faults.relay import MESSAGE_ID, Taken
from tests.faults.visitors import Visitors
from tests.support.smtp import Server

LEASE = timedelta(days=5)
STAFF = 40
FIRST_DUTIES = 120
MOST_OPEN = 200
LIVES = 0.05, 2.5  # seconds: some are killed while they start, most at work
PATIENCE, SLOWEST = 60.0, 4.0
PROMISES = (
    checks.one_line_per_key,
    checks.one_notice_per_line,
    checks.sent_was_delivered,
    checks.every_line_was_told,
    checks.dead_is_alarmed,
    checks.cancelled_only_if_closed,
    checks.one_message_id,
    checks.copies_are_explained,
    checks.no_phantom,
    checks.steps_are_contiguous,
    checks.one_step_a_day,
    checks.trail_holds,
)
SETTINGS = """\
base_url = "http://127.0.0.1:{pages}"
operator = "operator@site.example"
secret_key = "a-secret-for-tests-only-0123456789"
[mail]
host = "127.0.0.1"
port = {mail}
security = "plain"
sender = "pdca@site.example"
[prefect]
unwitnessed = true
[pages]
port = {pages}
"""
ROLES = {
    "clock A": killed.clock,
    "clock B": killed.clock,
    "sender": killed.sender,
    "pages": killed.pages,
}


@dataclass
class Killed:
    """What a campaign of kills came to."""

    kills: int = 0
    seconds: float = 0.0
    mails: int = 0
    lost: int = 0
    phantoms: int = 0
    copies: int = 0
    steps: int = 0
    answers: int = 0
    cut_off: int = 0
    broken: list = field(default_factory=list)
    by_role: Counter = field(default_factory=Counter)

    @property
    def right(self):
        counted = not self.lost and not self.phantoms and self.copies <= self.kills
        return counted and not self.broken


def table(killed):
    """Return the figures as a table."""
    rows = [
        ("kills", killed.kills),
        *((f"  of {role}", n) for role, n in sorted(killed.by_role.items())),
        ("seconds", round(killed.seconds)),
        ("steps taken", killed.steps),
        ("mails delivered", killed.mails),
        ("lost", killed.lost),
        ("phantom", killed.phantoms),
        ("copies (at most the kills)", killed.copies),
        ("forms that a page confirmed", killed.answers),
        ("visits cut off by a kill", killed.cut_off),
        ("promises broken", len(killed.broken)),
    ]
    return "\n".join(
        [f"  {name:28}{number:>8}" for name, number in rows] + [f"    {b}" for b in killed.broken]
    )


def campaign(kills, *, seed=None) -> Killed:
    """Kill so many processes at random, let the others finish, and count."""
    seed = random.randrange(10**6) if seed is None else seed
    print(f"kill -9, seed {seed}")
    with scratch() as folder, Server() as server, _surroundings(Path(folder)):
        home = Path(folder)
        pages = _free_port()
        _set_up(home, server.port, pages)
        return _Killing(home, server, pages, random.Random(seed)).run(kills)


@contextlib.contextmanager
def _surroundings(home):
    """Give the processes to come their home and the hour at which all began."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("PDCA_")]:
        del os.environ[name]
    os.environ.update({"PDCA_HOME": str(home), killed.BEGAN: str(time.time())})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
        configuration._current = None


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _set_up(home, mail, pages):
    (home / "pdca.toml").write_text(SETTINGS.format(mail=mail, pages=pages))
    (home / "config").mkdir()
    lease = f"[mail]\nlease_minutes = {LEASE // timedelta(minutes=1)}\n"
    (home / "config" / "notifications.toml").write_text(lease)
    with pytest.MonkeyPatch.context() as hands:
        hands.setattr(opened, "datetime", killed.Quick)
        opened.open_home()
    with engine.writing() as session:
        for number in range(1, STAFF + 1):
            manager = (number + 2) // 4 if number > 1 else None  # a tree of threes and fours
            session.add(
                Person(
                    id=number,
                    code=f"p{number:02}",
                    name=f"员工{number}",
                    email=f"p{number:02}@site.example",
                    manager_id=manager,
                    roles=["quality_head", "quality"] if number == 2 else [],
                )
            )
            session.flush()
    for number in range(FIRST_DUTIES):
        severity = list(Severity)[number % 3]
        subject, owner = f"Y-{number}", number % STAFF + 1
        at = killed.now()
        owe(owner=owner, days=number % 7, severity=severity, subject=subject, at=at)


class _Office(threading.Thread):
    """Raises what is not right, and ends what is done: somebody who is not killed."""

    def __init__(self, seed):
        super().__init__(daemon=True)
        self.rng, self.stop = random.Random(seed), threading.Event()

    def run(self):
        while not self.stop.wait(self.rng.uniform(0.05, 0.3)):
            with contextlib.suppress(duties.AlreadyAnswered, duties.Withdrawn):
                self._one_thing()

    def _one_thing(self):
        rng = self.rng
        with engine.reading() as session:
            query = "SELECT id, owner_id, kind FROM duty WHERE state='open'"
            open_ = list(session.connection().exec_driver_sql(query))
        if len(open_) < MOST_OPEN:
            nonconformities.raise_(
                title="巡检记录缺失",
                owner_code=f"p{rng.randint(1, STAFF):02}",
                severity=rng.choice(list(Severity)),
                at=killed.now(),
            )
        loose = [(number, owner) for number, owner, kind in open_ if kind == "patrol"]
        if loose and rng.random() < 0.3:
            number, owner = rng.choice(loose)
            finish(duty=number, by=rng.choice([owner, None]), at=killed.now())


class _Killing:
    def __init__(self, home, server, pages, rng):
        self.home, self.server, self.rng = home, server, rng
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([killed.__name__])
        self.began = time.monotonic()
        self.killed = Killed()
        self.at_work, self.dies_at = {}, {}
        self.slow = 1.0
        self.visitors = Visitors(server, pages, rng.randrange(10**9))
        self.office = _Office(rng.randrange(10**9))

    def run(self, kills):
        for role in ROLES:
            self._start(role)
        self.visitors.start()
        self.office.start()
        self._all_at_work()
        while self.killed.kills < kills:
            role = min(self.dies_at, key=self.dies_at.__getitem__)
            time.sleep(max(0.0, self.dies_at[role] - time.monotonic()))
            self._kill(role)
            self._start(role)
        self._stop()
        self._drain()
        self._count()
        self.killed.seconds = time.monotonic() - self.began
        return self.killed

    def _all_at_work(self):
        """Wait for the first confirmed form; a slow machine lets its processes live longer."""
        began = time.monotonic()
        while not self.visitors.confirmed and time.monotonic() - began < PATIENCE:
            time.sleep(0.05)
        self.slow = min(max(1.0, (time.monotonic() - began) / 4), SLOWEST)
        for role in ROLES:
            self.dies_at[role] = time.monotonic() + self._life()

    def _life(self):
        return self.slow * self.rng.uniform(*LIVES)

    def _start(self, role):
        process = self.context.Process(
            target=ROLES[role], args=(self.rng.randrange(10**9),), daemon=True
        )
        process.start()
        self.at_work[role] = process
        longer = 2 if role == "pages" else 1  # a visit takes several requests
        self.dies_at[role] = time.monotonic() + longer * self._life()

    def _kill(self, role):
        process = self.at_work[role]
        alive = process.is_alive()
        process.kill()
        process.join()
        if not alive:
            said = killed.log_file().read_text()[-600:]
            self.killed.broken.append(f"{role} ended by itself: {process.exitcode}\n{said}")
        self.killed.kills += 1
        self.killed.by_role[role.split()[0]] += 1

    def _stop(self):
        for thread in (self.visitors, self.office):
            thread.stop.set()
            thread.join()
        for process in self.at_work.values():
            process.kill()
            process.join()

    def _drain(self):
        """Let what is left be sent: the ladder stands still, the mail's clock goes on."""
        at = mail_at = killed.now()
        for _ in range(60):
            mail_at += LEASE
            _turn(at, mail_at)
            if not self._waits():
                return
        self.killed.broken.append("drains when faults stop")

    def _waits(self):
        with engine.reading() as session:
            return (
                session.connection()
                .exec_driver_sql(
                    "SELECT (SELECT count(*) FROM notice WHERE state IN ('pending', 'leased'))"
                    " + (SELECT count(*) FROM line WHERE notice_id IS NULL AND dropped_at IS NULL)"
                )
                .scalar()
            )

    def _count(self):
        taken = [_taken(mail) for mail in self.server.mails]
        eye = sqlite3.connect(self.home / "pdca.sqlite")
        seen = SimpleNamespace(eye=eye, server=SimpleNamespace(taken=taken))
        killed = self.killed
        known = {row[0] for row in eye.execute("SELECT message_id FROM notice")}
        copies = Counter(mail.message_id for mail in taken)
        killed.mails = len(taken)
        killed.phantoms = sum(1 for mail in taken if mail.message_id not in known)
        killed.copies = sum(n - 1 for n in copies.values())
        killed.answers = self.visitors.confirmed.total()
        killed.cut_off = self.visitors.happened["cut off"]
        killed.steps = sum(len(steps) for steps in checks._steps(seen).values())
        unsaid = [*checks.every_line_was_told(seen), *checks.sent_was_delivered(seen)]
        forgotten = self.visitors.kept(eye)
        killed.lost = len(unsaid) + len(forgotten)
        killed.broken += forgotten[:3]
        for promise in PROMISES:
            killed.broken += [f"{promise.__doc__}: {what}" for what in list(promise(seen))[:3]]
        for what in ("steps", "mails", "answers"):
            if not getattr(killed, what):
                killed.broken.append(f"no {what}: nothing was at work, so nothing was shown")


def _turn(at, mail_at):
    returning.welcome_back(at)
    while ids := duties.due(at):
        climbing.climb(ids, at=at)
    while outbox.gather(mail_at).people:
        pass
    delivery.deliver(mail_at, clock=lambda: mail_at)


def _taken(mail):
    found = MESSAGE_ID.search(mail.data)
    digest = hashlib.sha256(mail.data).hexdigest()
    return Taken(found.group(1).decode() if found else "", mail.recipient, digest, None)
