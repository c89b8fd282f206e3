"""What `pdca doctor` looks at (体检项目): one function a part, each answering with findings.

A finding says whether all is well, and if not, what to do. Nothing here changes a row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from config import secret
from config.calendar import calendar_alarm
from config.current import current
from config.reading import Misconfigured
from config.schedule import load_schedule
from models import health, migrate
from models import relay as relays
from models.alarms import open_alarms
from models.engine import database, reading
from models.people import organisation
from notifications.replies import Outcome
from processes import plug
from processes.mail import refusing, relaying, restoring
from processes.organisation import hanging
from processes.watch import mending, other_path, switches, waking, window
from rules.words import Role
from service.home import private
from service.home.opened import keeper, refuse_gone
from service.prefect import server as prefect_server
from service.up.refusals import loopback

THOROUGH_UP_TO: Final = 200_000_000  # bytes: every index is compared with its table
LISTED: Final = 10

OK, WARNING, FAILURE = "ok", "warning", "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `exit` is the code that a failure of it means."""

    part: str
    state: str
    sentence: str
    facts: dict[str, Any]
    exit: int = 0


def _well(part: str, sentence: str, **facts: Any) -> Finding:
    return Finding(part=part, state=OK, sentence=sentence, facts=facts)


def _warn(part: str, sentence: str, **facts: Any) -> Finding:
    return Finding(part=part, state=WARNING, sentence=sentence, facts=facts)


def _fail(part: str, sentence: str, *, code: int = 3, **facts: Any) -> Finding:
    return Finding(part=part, state=FAILURE, sentence=sentence, facts=facts, exit=code)


def finding(part: str, sentence: str, *, failed: bool = False, **facts: Any) -> Finding:
    """Return a finding of somebody else's look: well, or failed by the environment."""
    return (_fail if failed else _well)(part, sentence, **facts)


def examine() -> Iterator[Finding]:
    """Look at every part; without a database there is nothing to say about what is in it."""
    usable = True
    for finding in database_and_shape():
        usable = usable and finding.state != FAILURE
        yield finding
    parts: tuple[Callable[[], Iterator[Finding]], ...] = (calendar_years, mail, secrets)
    if usable:
        parts = (calendar_years, people, mail, holds, time, clock, prefect, secrets, alarms)
    for part in parts:
        yield from part()
    if usable:
        yield from processes()


def database_and_shape() -> Iterator[Finding]:
    """Whether the database is there, sound, and of this program's shape."""
    bound = database()
    name = bound.url.render_as_string(hide_password=True)
    try:
        if bound.path is not None:
            if not bound.path.exists():
                refuse_gone(current().settings.home)
                yield _fail("database", "{name} is not there yet: import something", name=name)
                return
            small = bound.path.stat().st_size <= THOROUGH_UP_TO
            for warning in health.check(bound.path, thorough=small):
                yield _warn("database", "{why}", why=warning)
        if migrate.pending():
            yield _fail("migrations", "an upgrade is pending: the next `pdca up` makes it")
            return
    except Misconfigured as gone:
        yield _fail("database", "{why}", why=gone.said(current().settings.language))
        return
    except (SQLAlchemyError, health.Unhealthy, migrate.WrongDatabase) as broken:
        yield _fail("database", "{why}", why=str(broken).partition("\n")[0])
        return
    yield _well("database", "{name} is sound and up to date", name=name)


def calendar_years() -> Iterator[Finding]:
    """Whether the years that deadlines fall into are known."""
    now = current()
    said = calendar_alarm(now.calendar, now.calendar.day(_now()), language=now.settings.language)
    if said:
        yield _warn("calendar", "{why}", why=said)
    else:
        yield _well("calendar", "every year in use is confirmed")


def people() -> Iterator[Finding]:
    """Whether every chain leads somewhere, and a quality head can be reached."""
    with reading() as session:
        known = organisation(session)
        left = hanging.of_leavers(session)
    for one in left[:LISTED]:
        for sentence, things in one.said():
            yield _warn("people", sentence, **things)
    for post in known.gaps()[:LISTED]:
        facts = {"person": post.code, "manager": post.manager_code}
        yield _warn("people", "the manager {manager} of {person} is nobody we know", **facts)
    for post in known.unled()[:LISTED]:
        wrong = (
            "{person} has no manager and is not top management: from there the head of quality"
            " is told"
        )
        yield _warn("people", wrong, person=post.code)
    for ring in known.circles()[:LISTED]:
        if len(ring) == 1:
            yield _warn("people", "{person} is entered as their own manager", person=ring[0].code)
            continue
        named = " → ".join(post.code for post in (*ring[:LISTED], ring[0]))
        yield _warn("people", "these people report to one another: {people}", people=named)
    day, heads = current().calendar.day(_now()), known.holders(Role.QUALITY_HEAD)
    if any(known.unreachable(head, day, barred=frozenset()) is None for head in heads):
        yield _well("people", "{n} people; a quality head can be reached", n=len(known.posts))
        return
    yield _fail(
        "people",
        "no quality head can be reached: give somebody with an address the role quality_head",
        code=1,
    )


def processes() -> Iterator[Finding]:
    """What each process finds amiss in what it keeps (`doctor`); the first few of each part."""
    for name, look in plug.every("doctor").items():
        if switches.off(plug.owner("doctor", name).name):
            continue
        with reading() as session:
            found = look(session, _now())
        for sentence, facts in found[:LISTED]:
            yield _warn(name, sentence, **facts)
        if len(found) > LISTED:
            yield _warn(name, "and {n} more", n=len(found) - LISTED)
        if not found:
            yield _well(name, "nothing amiss")


def mail() -> Iterator[Finding]:
    """Whether the relay takes our connection, its encryption and our password."""
    settings = current().settings
    try:
        transport = relaying.transport()
        refused: Outcome | None = transport.probe()
        transport.close()
    except Misconfigured as wrong:
        yield _warn("mail", "{why}", why=wrong.said(settings.language))
        return
    where = settings.mail.host or "127.0.0.1"
    if refused is None:
        yield _well("mail", "{host} takes our connection", host=where)
    else:
        yield _fail("mail", "{host} does not: {why}", host=where, why=_reason(refused))
    yield from _standing()
    if settings.mail.host is not None and not other_path.separate(settings):
        sentence = "not set (alarm_mail, alarm_command): if {host} fails, nobody hears of it"
        yield _warn("other_path", sentence, host=where)


def _standing() -> Iterator[Finding]:
    """Whether the relay takes what it is given: a connection alone says little."""
    try:
        with reading() as session:
            now, name = relays.any_standing(session), relays.name(session)
            aside = refusing.count(session)
    except SQLAlchemyError:
        return  # without a database, which is a finding of its own
    if now.declines and now.since is not None:
        since = f"{now.since.astimezone(current().settings.zone):%Y-%m-%d %H:%M}"
        sentence = "{host} refuses our mail since {since}: {why}"
        yield _fail("mail", sentence, host=name, since=since, why=now.why)
    if aside:
        yield _warn("mail", "{n} letters are set aside: see `pdca resend --dead`", n=aside)


def holds() -> Iterator[Finding]:
    """Whether sending is on hold, and what would go if it were released."""
    found = restoring.holding()
    if found is None:
        return
    would = restoring.would_send(_now())
    yield _warn(
        "holds",
        "sending waits since {since} ({by}): {mails} mails to {people} people; see `pdca held`",
        since=f"{found.since.astimezone(current().settings.zone):%Y-%m-%d %H:%M}",
        by=found.by,
        mails=would.mails,
        people=len(would.people),
    )


def clock() -> Iterator[Finding]:
    """Whether a clock is at work, and nothing owed is late."""
    found = waking.health(_now())
    if keeper(current().settings) is None and "clock" in found["late"]:
        yield _warn("clock", "the service is not running: `pdca up` starts it")
    elif "clock" in found["late"]:
        yield _fail("clock", "the clock has not looked for {n} s", n=found["clock"]["seconds"])
    elif "steps" in found["late"]:
        yield _fail("clock", "a step is {n} s late", n=found["steps"]["overdue_seconds"])
    else:
        yield _well("clock", "nothing is late")


def time() -> Iterator[Finding]:
    """Whether this machine's clock can be right, and what a wrong one has written."""
    at, judge = _now(), window.of(load_schedule(current().settings.home))
    found = judge.doubt(at)
    if found is not None:  # a home that is tried out may live in any year
        said = _warn if keeper(current().settings) is None else _fail
        yield said("time", "{why}", why=found.message)
    left = mending.ahead(at, leap=judge.leap)
    if left.acts:
        sentence = "{n} acts are dated later than now, {first} to {last}: by a wrong clock?"
        yield _warn("time", sentence, n=left.acts, first=_local(left.first), last=_local(left.last))
    known = mending.mended()
    if known is not None:
        when, done = known
        sentence = (
            "the clock had been ahead, until {last}; on {when} {duties} duties were put back and"
            " {letters} letters marked; {issued} duties issued by it keep their dates"
        )
        facts = {"duties": done.duties, "letters": done.letters, "issued": done.issued}
        yield _warn("time", sentence, last=_local(done.last), when=_local(when), **facts)
    if found is None and not left.acts and known is None:
        yield _well("time", "this machine's clock can be right")


def _local(at: datetime | None) -> str:
    return "–" if at is None else f"{at.astimezone(current().settings.zone):%Y-%m-%d %H:%M}"


def prefect() -> Iterator[Finding]:
    """Whether Prefect answers and its scheduler schedules."""
    settings = current().settings
    if settings.prefect.unwitnessed:
        yield _well("prefect", "not used: prefect.unwitnessed is set")
    elif prefect_server.healthy(settings, timeout=3):
        if prefect_server.ours(settings, timeout=3):
            yield from _scheduler()
            return
        sentence = "what answers on port {port} is not our own server: give prefect.port another"
        yield _fail("prefect", sentence, port=settings.prefect.port)
    elif keeper(settings) is None and not settings.prefect.api_url:
        yield _warn("prefect", "the service is not running: `pdca up` starts it")
    else:
        yield _fail("prefect", "{url} does not answer", url=prefect_server.ui_url(settings))


def _scheduler() -> Iterator[Finding]:
    with reading() as session:
        silent = [one for one in open_alarms(session) if one.kind == "prefect_scheduler"]
    if silent:
        yield _fail("prefect", "{why}", why=silent[0].message)
    else:
        yield _well("prefect", "answers and schedules")


def secrets() -> Iterator[Finding]:
    """Whether keys are strong and readable by their owner alone."""
    settings, sound = current().settings, True
    key = settings.secret_key.get_secret_value() if settings.secret_key else ""
    if key and len(key) < secret.SHORTEST:
        sound = False
        sentence = "secret_key has fewer than {n} characters: links could be forged"
        yield _fail("secrets", sentence, n=secret.SHORTEST)
    open_to_others = list(private.exposed(settings.home, database().path))
    for path in open_to_others[:LISTED]:
        sound = False
        mode = "700" if path.is_dir() else "600"
        sentence = "others can read {path}: chmod {mode} {path}; the next `pdca up` does it"
        yield _warn("secrets", sentence, path=str(path), mode=mode)
    if len(open_to_others) > LISTED:
        yield _warn("secrets", "and {n} more", n=len(open_to_others) - LISTED)
    url = urlsplit(settings.base_url)
    if url.scheme == "http" and not loopback(url.hostname or ""):
        sound = False
        yield _warn("secrets", "links are sent over http: use https in base_url")
    if sound:
        yield _well("secrets", "strong, and nobody else's to read")


def alarms() -> Iterator[Finding]:
    """What is open for the operator to mend."""
    with reading() as session:
        found = open_alarms(session)
    for one in found[:LISTED]:
        yield _warn("alarms", "{kind}: {message}", kind=one.kind, message=one.message)
    if not found:
        yield _well("alarms", "none are open")


def _reason(outcome: Outcome) -> str:
    return str(getattr(outcome, "text", None) or getattr(outcome, "why", None) or outcome)[:200]


def _now() -> datetime:
    return datetime.now(UTC)
