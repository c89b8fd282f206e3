"""Real processes against a real mail server, killed by SIGKILL hundreds of times.

Two processes climb, gather and send; a third one is people at their pages. A day is a second, so
that ladders are climbed; a lease is five days, so that those of killed senders end meanwhile.
"""

import contextlib
import hashlib
import multiprocessing
import os
import random
import sqlite3
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from config import current as configuration
from config.settings import Mail, Settings
from models import engine, migrate
from models.organisation import Person
from processes import answers, climbing, delivery, duties, outbox, returning
from processes.climbing import ClaimLost
from rules.refusal import Refused
from rules.words import Severity
from tests.faults import checks
from tests.faults.acts import finish, owe
from tests.faults.campaign import scratch
from tests.faults.relay import MESSAGE_ID, Taken
from tests.support.smtp import Server

HOME = "FAULTS_HOME"  # tells the process from which workers are forked where to look
BEGINS = datetime(2026, 1, 5, 1, tzinfo=UTC)
SPEED = 86_400  # seconds to a second
LEASE = timedelta(days=5)
STAFF = 40
FIRST_DUTIES = 120
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
        ("promises broken", len(killed.broken)),
    ]
    return "\n".join(
        [f"  {name:28}{number:>8}" for name, number in rows] + [f"    {b}" for b in killed.broken]
    )


# --- what runs in the killed processes -------------------------------------------------------


def settings(home: Path) -> Settings:
    port = int((home / "port").read_text())
    return Settings(
        home=home,
        operator="operator@site.example",
        secret_key="a-secret-for-tests-only-0123456789",
        mail=Mail(host="127.0.0.1", port=port, security="plain", sender="pdca@site.example"),
    )


if HOME in os.environ:  # loaded once, in the process from which the workers are forked
    configuration.use(settings(Path(os.environ[HOME])))


def clock(began):
    return BEGINS + timedelta(seconds=(time.time() - began) * SPEED)


def serve(began, seed):
    """Climb, gather and send until killed."""
    engine.bind(configuration.current().settings.url)
    while True:
        turn(clock(began), lambda: clock(began))
        time.sleep(random.Random(seed).uniform(0, 0.02))


def turn(at, mail_clock):
    """Do what the service does in one round."""
    returning.welcome_back(at)
    with contextlib.suppress(ClaimLost):
        while ids := duties.due(at):
            climbing.climb(ids, at=at)
    while outbox.gather(mail_clock()).people:
        pass
    delivery.deliver(mail_clock(), clock=mail_clock)


def visit(began, seed):
    """Give, acknowledge and end duties until killed."""
    engine.bind(configuration.current().settings.url)
    rng = random.Random(seed)
    while True:
        with contextlib.suppress(Refused):
            _one_visit(rng, clock(began))
        time.sleep(rng.uniform(0, 0.05))


def _one_visit(rng, at):
    with engine.reading() as session:
        numbers = session.connection().exec_driver_sql(
            "SELECT id, owner_id FROM duty WHERE state='open' ORDER BY id"
        )
        open_ = list(numbers)
    if len(open_) < 150:
        severity, subject = rng.choice(list(Severity)), f"X-{rng.randrange(10**9)}"
        owner, days = rng.randint(1, STAFF), rng.randint(1, 6)
        owe(owner=owner, days=days, severity=severity, subject=subject, at=at)
    number, owner = rng.choice(open_) if open_ else (None, None)
    if number is not None and rng.random() < 0.5:
        answers.acknowledge(number, person_id=owner, at=at, via="session")
    elif number is not None and rng.random() < 0.4:
        finish(duty=number, by=rng.choice([owner, None]), at=at)


# --- the campaign ----------------------------------------------------------------------------


def campaign(kills, *, seed=None) -> Killed:
    """Kill so many processes at random, let the others finish, and count."""
    seed = random.randrange(10**6) if seed is None else seed
    print(f"kill -9, seed {seed}")
    with scratch() as folder, Server() as server:
        home = Path(folder)
        _set_up(home, server.port)
        return _Killing(home, server, random.Random(seed)).run(kills)


def _set_up(home, port):
    (home / "port").write_text(str(port))
    (home / "config").mkdir()
    lease = f"[mail]\nlease_minutes = {LEASE // timedelta(minutes=1)}\n"
    (home / "config" / "notifications.toml").write_text(lease)
    os.environ[HOME] = str(home)
    chosen = configuration.use(settings(home)).settings
    engine.bind(chosen.url)
    migrate.upgrade()
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
                    roles=["quality_head"] if number == 2 else [],
                )
            )
            session.flush()
    for number in range(FIRST_DUTIES):
        severity = list(Severity)[number % 3]
        subject, owner = f"Y-{number}", number % STAFF + 1
        owe(owner=owner, days=number % 7, severity=severity, subject=subject, at=BEGINS)


ROLES = {"worker A": serve, "worker B": serve, "pages": visit}


class _Killing:
    def __init__(self, home, server, rng):
        self.home, self.server, self.rng = home, server, rng
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([__name__])
        self.began = time.time()
        self.killed = Killed()
        self.at_work = {}

    def run(self, kills):
        for role in ROLES:
            self._start(role)
        while self.killed.kills < kills:
            time.sleep(self.rng.uniform(0.05, 0.6))
            role = self.rng.choice([*ROLES])
            self._kill(role)
            self._start(role)
        for process in self.at_work.values():
            process.kill()
            process.join()
        self._drain()
        self._count()
        self.killed.seconds = time.time() - self.began
        return self.killed

    def _start(self, role):
        work, seed = ROLES[role], self.rng.randrange(10**9)
        process = self.context.Process(target=work, args=(self.began, seed), daemon=True)
        process.start()
        self.at_work[role] = process

    def _kill(self, role):
        process = self.at_work[role]
        alive = process.is_alive()
        process.kill()
        process.join()
        if not alive:
            self.killed.broken.append(f"{role} ended by itself with {process.exitcode}")
        self.killed.kills += 1
        self.killed.by_role[role] += 1

    def _drain(self):
        """Let what is left be sent: the ladder stands still, the mail's clock goes on."""
        at = mail_at = clock(self.began)
        for _ in range(60):
            mail_at += LEASE
            turn(at, lambda at=mail_at: at)
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
        killed.lost = len([*checks.every_line_was_told(seen), *checks.sent_was_delivered(seen)])
        killed.steps = sum(len(steps) for steps in checks._steps(seen).values())
        for promise in PROMISES:
            killed.broken += [f"{promise.__doc__}: {what}" for what in list(promise(seen))[:3]]


def _taken(mail):
    found = MESSAGE_ID.search(mail.data)
    digest = hashlib.sha256(mail.data).hexdigest()
    return Taken(found.group(1).decode() if found else "", mail.recipient, digest, None)


if __name__ == "__main__":
    print(table(campaign(int(sys.argv[1]))))
