"""A world from a seed: a company, its clock, two sweepers, two senders, people, and faults.

The product's own functions run on a real SQLite file. Every actor is a greenlet that may be put
aside wherever it holds no transaction, and may end without warning at every declared point and
before every statement. Whatever is decided is drawn from the seed, so a seed is a replay.
"""

import random
import sqlite3
import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from greenlet import GreenletExit, getcurrent, greenlet
from sqlalchemy.exc import OperationalError

from config import current as configuration
from config.current import current
from models import crash
from processes.duty import calendar_change, climbing, missed, returning, succession
from processes.duty import issued as duties
from processes.duty.climbing import ClaimLost
from processes.mail import delivery, instance, outbox, resending
from processes.nonconformity import missing as nonconformity_missing
from processes.watch import operator as alarming
from rules.refusal import Refused
from tests.faults import cast, coverage, ground, replies
from tests.faults.acts import Acts
from tests.faults.days import Days, local
from tests.faults.disk import Disk
from tests.faults.oracle import Oracle
from tests.faults.postbox import Postbox
from tests.faults.relay import Server, Wire

MOST_SWEEPS = 40  # steps that one duty may take in one sweep before it is called a loop
DRAIN = timedelta(minutes=17)  # longer than a lease, and than the wait for an unsure one


class Crash(BaseException):
    """The process ends here."""


class Violation(AssertionError):
    """What must never be."""


class Actor:
    """Somebody at work: a process of ours, or a person at a page."""

    def __init__(self, name, work):
        self.name, self.work = name, work
        self.stopped = 0  # ticks for which it is put aside in the middle (SIGSTOP)
        self.seen = set()  # what a sweeper has read as due
        self.at = None
        self.act = None
        self.greenlet = None
        self.inside = False


class World:
    """Run it with `live()`; `wrong` then says what was violated."""

    unkeyed = False  # a mutant's: lines without their unique key

    def __init__(
        self, seed, folder: Path, template: Path, *, crash_at=None, calm=False, trace=False
    ):
        self.seed, self.rng = seed, random.Random(seed)
        self.path = folder / "world.sqlite"
        self.crash_at, self.calm, self.trace = crash_at, calm, trace
        self.template = template
        self.log: list[str] = []
        self.wrong: list[tuple[str, str]] = []
        self.points: list[str] = []
        self.crashed = Counter()  # where processes ended
        self.happened = Counter()  # what else; see coverage.py
        self._choose(calm)

    def _choose(self, calm):
        rng = self.rng
        begins = date(2025, 1, 6) + timedelta(days=rng.randrange(600))
        self.now = datetime(begins.year, begins.month, begins.day, rng.randrange(24), tzinfo=UTC)
        self.mono = 0.0
        self.faulty = True
        self.p_crash = 0.0 if calm else rng.choice([0, 0.002, 0.01, 0.03])
        self.p_error = 0.0 if calm else rng.choice([0, 0, 0, 0.002])
        self.p_full = 0.0 if calm else rng.choice([0, 0, 0.1])
        self.p_locked = 0.0 if calm else rng.choice([0, 0, 0.02])
        self.p_switch = rng.choice([0.1, 0.4, 0.8])
        self.p_stop = 0.0 if calm else rng.choice([0, 0, 0.05])
        self.silent = rng.random() < 0.2  # nobody answers, so the ladder is climbed to its top
        self.ticks = 16 if calm else rng.randint(18, 36) + 8 * self.silent
        self.per_minute = rng.choice([None] * 9 + [20])  # what the relay takes
        self.people = cast.invent(rng, local(self.now).date())
        addresses = [p.address for p in self.people.values() if p.address]
        dead = [] if calm else [a for a in addresses if rng.random() < 0.06]
        self.postbox = Postbox(self.seed, {} if calm else self.people)
        self.server = Server(rng, set(dead), self.postbox)
        self.happened += coverage.company(self.people, self.server.dead)
        more = random.Random(f"relay {self.seed}")  # worlds known by their seed stay what they were
        self.p_declines = 0.0 if calm else more.choice([0, 0, 0.1, 0.3])
        self.server.picky = 0 if calm else more.choice([0, 0, 5, 20])
        self.copied = 0.0 if calm else more.choice([0, 0.3])
        self.more = more
        self.no_way: set[str] = set()  # set aside, and nobody is there any more to send it to
        self.p_trouble = 0.0 if calm else rng.choice([0, 0.05, 0.25])
        self.disk = Disk(self.path)
        calendar = current().calendar
        self.days = Days(calendar.holidays, calendar.make_up)
        self.announced: list[tuple[int, date]] = []  # last row of the trail, and day that changed
        self.oracle = Oracle(self.days, self.people, self._rev)
        self.actors: list[Actor] = []
        self.running: Actor | None = None
        self.claimed: set[tuple[int, int]] = set()
        self.acts = Acts(self)

    # --- the run ----------------------------------------------------------------------------

    def live(self):
        """Live through every tick, then let faults stop, drain and look."""
        from tests.faults import checks  # the checks know the world

        with self._bound(), self._clocked(), self._paced():
            cast.write(self.people)
            instance.ours(self.now)  # as whoever makes a home claims its database
            crash.listen(self._on_point)
            try:
                for _ in range(self.ticks):
                    self._tick()
                self._calm_down()
                self._drain()
            except Violation as violation:
                self.violated(*violation.args)
            finally:
                crash.listen(None)
            if not self.wrong:
                checks.everything(self)
            self.seen_at_the_end = coverage.at_the_end(self.eye)
        return self.wrong

    @contextmanager
    def _bound(self):
        """Put the empty database in place; one engine serves all worlds, its compiling done."""
        database = ground.bound(self.path)
        database.dispose()
        for ending in ("", "-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        self.path.write_bytes(self.template.read_bytes())
        if self.unkeyed:
            ground.drop_key(self.path)
        ground.forget()
        ground.living[:] = [self]
        self.eye = sqlite3.connect(self.path, isolation_level=None)
        try:
            yield
        finally:
            ground.living.clear()
            self.disk.release()
            self.eye.close()
            database.dispose()

    @contextmanager
    def _clocked(self):
        """Give delivery our clock, our settling desk, and nothing to wait for."""
        kept = delivery.time, delivery.ThreadPoolExecutor
        ground.Desk.rng = self.rng
        delivery.time, delivery.ThreadPoolExecutor = self, ground.Desk
        try:
            yield
        finally:
            delivery.time, delivery.ThreadPoolExecutor = kept

    @contextmanager
    def _paced(self):
        """Give the relay of this world its limit."""
        kept = configuration.current()
        mail = kept.settings.mail.model_copy(update={"per_minute": self.per_minute})
        settings = kept.settings.model_copy(update={"mail": mail})
        configuration._current = replace(kept, settings=settings)
        try:
            yield
        finally:
            configuration._current = kept

    def _rev(self, number):
        return self.eye.execute("SELECT rev FROM duty WHERE id=?", (number,)).fetchone()[0]

    def days_change(self, day):
        """A working day becomes a day off, a day off one on which people work."""
        works = self.days.working(day)
        after = self.days.changed(day)
        off, on = self.days.off, self.days.on = after.off, after.on
        self.announced.append((self.eye.execute("SELECT max(seq) FROM trail").fetchone()[0], day))
        kept = configuration.current()
        own = replace(kept.calendar, holidays=frozenset(off), make_up=frozenset(on))
        configuration._current = replace(kept, calendar=own)
        self.happened["calendar: a day off" if works else "calendar: a make-up day"] += 1

    def days_at(self, row):
        """Return the days as they were known when that row of the trail was written."""
        days = self.days
        for last, day in reversed(self.announced):
            if last >= row:
                days = days.changed(day)
        return days

    def monotonic(self):
        return self.mono

    def sleep(self, seconds):
        """Wait for the database: others go on meanwhile."""
        self.mono += seconds
        self.disk.look()
        self.happened["database: waited for"] += 1
        self.passes("waiting")

    def _tick(self):
        self._move_clock()
        self._weather()
        if self.copied and self.oracle.duties and self.more.random() < self.copied:
            self._copy_wakes()
        rng = self.rng
        jobs = []
        # As in the service, nobody wakes for nothing, or seldom; two may wake for one thing.
        if self._has(SWEEPABLE) or self.oracle.due(self.now) or rng.random() < 0.15:
            jobs += [("sweeper A", self.sweep)]
            jobs += [("sweeper B", self.sweep)] if rng.random() < 0.5 else []
        if self._has(SENDABLE) or rng.random() < (0.6 if jobs else 0.15):
            jobs += [("sender A", self.send)]
            jobs += [("sender B", self.send)] if rng.random() < 0.6 else []
        if self.postbox.waiting and rng.random() < 0.5:
            jobs += [("postman A", self.bring)]
            jobs += [("postman B", self.bring)] if rng.random() < 0.3 else []
        visits = rng.choice([0, 0, 0, 1] if self.silent else [0, 0, 1, 1, 2, 3])
        visits += 2 * self.acts.diligent
        jobs += [(f"person {n}", self.acts.something) for n in range(visits)]
        busy = {actor.name for actor in self.actors}
        self.actors += [Actor(name, work) for name, work in jobs if name not in busy]
        self._run_actors()

    def _copy_wakes(self):
        """Somebody starts a copy of this home elsewhere: its rows, and nobody's claim to them."""
        before = len(self.server.taken), self._leased()
        kept = configuration.current()
        elsewhere = kept.settings.model_copy(update={"home": Path("/elsewhere")})
        configuration._current = replace(kept, settings=elsewhere)
        try:
            delivery.deliver(self.now, transport=Wire(self.server, self))
        except OperationalError:
            return
        finally:
            configuration._current = kept
        self.happened["home: copied"] += 1
        if (len(self.server.taken), self._leased()) != before:
            self.violated("a copy sends nothing", f"{len(self.server.taken) - before[0]} mails")

    def _leased(self):
        return self.eye.execute("SELECT sum(lease_token) FROM notice").fetchone()

    def _resend(self):
        """Somebody sends again what was set aside, by its key."""
        query = "SELECT key FROM notice WHERE state = 'refused'"
        for (key,) in self.eye.execute(query).fetchall():
            try:
                resending.one(key, by="operator", at=self.now)
            except Refused:  # whoever was to read it has no address any more
                self.no_way.add(key)
                continue
            self.happened["mail: sent again by hand"] += 1

    def _has(self, query):
        now = self.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return self.eye.execute(query, (now,)).fetchone() is not None

    def _run_actors(self):
        while True:
            ready = [actor for actor in self.actors if not actor.stopped]
            if not ready:
                break
            self._go_on(self.rng.choice(ready))
        for actor in self.actors:
            actor.stopped -= 1

    def _go_on(self, actor):
        self.disk.look()
        if self.faulty and self.p_locked and self.rng.random() < self.p_locked:
            self.disk.lock(self.rng.randint(1, 12))
        if actor.greenlet is None:
            actor.at = self.now
            actor.greenlet = greenlet(lambda: self._guarded(actor))
        self.running = actor
        actor.greenlet.switch()
        self.running = None
        if actor.greenlet.dead:
            self.actors.remove(actor)

    def _guarded(self, actor):
        try:
            actor.work(actor)
        except Crash as ended:
            self.crashed[str(ended)] += 1
            self.say(f"{actor.name} ends at {ended}")
        except (OperationalError, ClaimLost) as failed:
            self.happened[f"gave up: {type(failed).__name__}"] += 1
            self.say(f"{actor.name} gives up: {str(failed).splitlines()[0]}")
        except (Violation, GreenletExit):
            raise
        except Exception as failed:  # noqa: BLE001 - whatever it is, it is a violation
            self.violated("no surprise", f"{actor.name}: {traceback.format_exc(limit=-6)}")
            self.say(f"{actor.name} fails: {failed!r}")

    def _move_clock(self):
        roll = self.rng.random()
        if roll < 0.15:
            what, by = "forward by minutes", timedelta(minutes=self.rng.randint(1, 20))
        elif roll < 0.35:
            what, by = "forward by hours", timedelta(minutes=self.rng.randint(20, 300))
        elif roll < 0.85:
            what, by = "forward by a day", timedelta(hours=self.rng.randint(9, 40))
        elif roll < 0.93:
            what, by = "forward by days", timedelta(days=self.rng.randint(2, 6))
        elif roll < 0.96:
            what, by = "forward by weeks", timedelta(days=self.rng.randint(7, 30))
        else:
            back = self.rng.choice([1, 30, 60, 600, 1500])
            what = f"back by {'minutes' if back < 60 else 'hours' if back < 1440 else 'a day'}"
            by = -timedelta(minutes=back)
        self.now += by
        self.mono += max(0.0, by.total_seconds())
        self.happened[f"clock: {what}"] += 1
        self.say(f"--- {local(self.now):%Y-%m-%d %a %H:%M} ({by})")

    def _weather(self):
        rng, server = self.rng, self.server
        server.trouble = self.p_trouble
        if self.p_trouble and rng.random() < 0.15:
            server.mood = rng.choice([*replies.WHOLE_RELAY])
        elif rng.random() < 0.7:
            server.mood = None
        if self.p_declines and self.more.random() < self.p_declines:
            server.mood = self.more.choice([*replies.DECLINES])
        self.disk.full = bool(self.p_full and rng.random() < self.p_full)

    # --- what our processes do --------------------------------------------------------------

    def sweep(self, actor):
        """Take every step that is due and make letters of what is to be told, as `act` does."""
        at = actor.at
        if self.rng.random() < 0.3:
            returning.welcome_back(at)
            nonconformity_missing.issue_missing(at=at)
        if self.rng.random() < 0.5:
            succession.succeed(at)
            missed.tell_missed(at)
        if self.rng.random() < 0.1:
            alarming.tell_operator(at)
            delivery.drop_old_bytes(at)
        for _ in range(MOST_SWEEPS):
            calendar_change.follow(at)
            ids = duties.due(at)
            actor.seen = self.oracle.due(at)
            if len(ids) == duties.BATCH:  # the rest is for the next batch, if it is still open
                actor.seen &= set(ids)
            if not ids:
                break
            climbing.climb(ids, at=at)
        else:
            raise Violation("at most one step a day", f"{ids} are due again and again at {at}")
        while outbox.gather(at).people:
            pass

    def send(self, actor):
        """Send what the outbox owes."""
        done = delivery.deliver(actor.at, transport=Wire(self.server, self), clock=lambda: self.now)
        for count in fields(done):
            self.happened[f"sender: {count.name}"] += bool(getattr(done, count.name))
        self.say(f"{actor.name}: {done}")

    def bring(self, actor):
        """Read what came back."""
        self.postbox.bring(actor, self)

    # --- faults -----------------------------------------------------------------------------

    def passes(self, name, *, inside=False):
        """An actor passes a point: it may end here, or be put aside while others go on."""
        actor = self.running
        if actor is None:
            return
        self.points.append(name)
        if self.trace:
            self.say(f"    {actor.name}: {name}")
        if self.crash_at is not None and len(self.points) - 1 == self.crash_at:
            raise Crash(name)
        if self.faulty and self.p_crash and self.rng.random() < self.p_crash:
            raise Crash(name)
        if inside or getcurrent() is not actor.greenlet:
            return
        process = not actor.name.startswith("person")  # a visit takes no days
        if process and self.faulty and self.p_stop and self.rng.random() < self.p_stop:
            actor.stopped = self.rng.randint(1, 2)
            self.happened[f"process: {actor.name.split()[0]} stopped and continued"] += 1
            self.say(f"{actor.name} is stopped at {name}")
            actor.greenlet.parent.switch()
        elif self.rng.random() < self.p_switch:
            self.happened["process: put aside while others go on"] += 1
            actor.greenlet.parent.switch()
        self.running = actor

    def _on_point(self, name):
        actor = self.running
        if actor is None:
            return
        if name.endswith("after commit"):
            actor.inside = False
            self.observe(actor, name)
        inside = not name.endswith(("before begin", "after commit"))
        if name.endswith("before commit"):
            self._may_fail()
        self.passes(name, inside=inside)

    def _on_statement(self, *_):
        if self.running is None:
            return
        self._may_fail()
        if self.faulty and self.p_crash and self.rng.random() < self.p_crash / 5:
            raise Crash("a statement")

    def _may_fail(self):
        if self.faulty and self.p_error and self.rng.random() < self.p_error:
            self.disk.failed("disk I/O error")
            raise OperationalError("", {}, sqlite3.OperationalError("disk I/O error"))

    # --- what the oracle is told ------------------------------------------------------------

    def observe(self, actor, name):
        """Something was committed: tell the oracle what, in the order of commits."""
        if name.startswith("calendar_change"):
            self.oracle.days_changed(actor.at)
        elif name.startswith("climbing.climb"):
            self.oracle.climbed(actor.seen, actor.at)
            actor.seen = set()
        elif name.startswith("returning.welcome_back"):
            self.oracle.welcomed(actor.at)
        elif name.startswith("missed.tell_missed"):
            self.acts.missed(actor.at)
        elif name.startswith("succession.succeed"):
            self.acts.succeeded(actor.at)
        elif name.startswith("claiming.claim"):
            self._look_at_claims()
        elif name.startswith(("settling._settle", "bounces._take")):
            self.oracle.refused = {
                row[0] for row in self.eye.execute("SELECT address FROM suppression")
            }
        elif not name.startswith(QUIET):
            self.acts.observe(actor, name)

    def _look_at_claims(self):
        """Nothing is claimed for a first attempt of which a line is over."""
        rows = self.eye.execute(
            "SELECT id, lease_token FROM notice WHERE state='leased' AND attempts=0 AND copies=0"
        ).fetchall()
        for number, token in rows:
            if (number, token) in self.claimed:
                continue
            self.claimed.add((number, token))
            stale = self.eye.execute(STALE, (number,)).fetchall()
            if stale:
                self.violated("nothing claimed after the close", f"notice {number}: {stale}")

    # --- the end ----------------------------------------------------------------------------

    def _calm_down(self):
        self.faulty = False
        self.server.mood, self.server.trouble = None, 0.0
        self.server.picky = 0
        self.disk.full = False
        self.disk.release()
        self.say("=== faults stop")
        for actor in self.actors:
            actor.stopped = 0
        self._run_actors()

    def _drain(self):
        self._resend()
        for turn in range(60):
            self.now += DRAIN if turn < 40 else timedelta(hours=7)
            self.mono += 1020
            self.actors = [Actor("sweeper A", self.sweep), Actor("sender A", self.send)]
            self.actors += [Actor("postman A", self.bring)] if self.postbox.waiting else []
            for actor in list(self.actors):
                while actor in self.actors:
                    self._go_on(actor)
            if self.drained():
                return
        self.violated("drains when faults stop", str(self.waiting()))

    def drained(self):
        return not any(self.waiting()) and not self.postbox.waiting

    def waiting(self):
        """Return the lines without a mail, the mails not sent, and the duties whose step is due."""
        lines = self.eye.execute(
            "SELECT key FROM line WHERE notice_id IS NULL AND dropped_at IS NULL"
        ).fetchall()
        mails = self.eye.execute(
            "SELECT id, state, error FROM notice WHERE state IN ('pending', 'leased')"
        ).fetchall()
        return lines, mails, sorted(self.oracle.due(self.now))

    def violated(self, promise, what):
        self.say(f"VIOLATION: {promise}: {what}")
        self.wrong.append((promise, what))

    def say(self, sentence):
        self.log.append(sentence)


SWEEPABLE = (
    "SELECT 1 FROM duty WHERE state='open' AND next_at <= ? UNION ALL"
    " SELECT 1 FROM line WHERE notice_id IS NULL AND dropped_at IS NULL"
)
SENDABLE = (
    "SELECT 1 FROM notice WHERE state='pending' AND next_try_at <= ? UNION ALL"
    " SELECT 1 FROM notice WHERE state='leased'"
)
# Transactions in which nobody does anything to a duty.
QUIET = ("outbox.", "claiming.", "settling.", "settle:", "relaying.", "record.")
# Lines that still say something true when their duty has ended.
TRUE_LATER = "('over', 'extension_decided', 'code', 'sign_in', 'alarm')"
STALE = (
    "SELECT l.key FROM line l JOIN duty d ON d.id = l.duty_id WHERE l.notice_id = ?"
    f" AND l.dropped_at IS NULL AND l.letter NOT IN {TRUE_LATER}"
    " AND (d.state <> 'open' OR d.episode <> l.episode)"
)
