"""`pdca turn` and `pdca deliver`: the wheel by hand, and the mails (转动与投递)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

PHASES: Final = ("plan", "do", "check", "act")
LAST_MINUTE: Final = time(23, 59, 59)


PLACE = 40  # in the list of commands


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("turn")(turn)
    app.command("deliver")(deliver)


def turn(
    at: Annotated[
        str | None,
        typer.Option(help="As of this instant; a date is 09:00 of the site. Now if absent."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="And on each day after it, up to and with this one.")
    ] = None,
    phase: Annotated[
        str | None, typer.Option(help="Only plan, do, check or act.", metavar="PHASE")
    ] = None,
    witness: Annotated[
        bool, typer.Option("--witness", help="Record it as Prefect flow runs too.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Turn the wheel as of an instant, in this process; sends nothing."""
    if phase is not None and phase not in PHASES:
        raise typer.BadParameter(t("{phase} is no phase: plan, do, check or act", phase=phase))
    zone = opened()
    instants = list(days(_present(at, zone), until, zone))
    _say_if_before_what_is_known(instants[0], zone)
    from flows.turning import turn as turn_once

    turned: list[dict[str, Any]] = []
    for instant in _progress(instants):
        found = turn_once(instant, phase=phase, witness=witness)  # type: ignore[arg-type]
        results = {phase: found} if phase else found
        turned.append({"at": instant.astimezone(zone).isoformat(), **_plain(results)})
        if not json:
            _tell(instant, results, zone)
    if json:
        showing.as_json(turned)


def _present(at: str | None, zone: ZoneInfo) -> datetime:
    """Return the instant that was named, or this machine's present one if it can be so."""
    instant = words.instant(at, zone)
    if at is None:
        from processes.watch import window

        window.trusted(instant)
    return instant


def _say_if_before_what_is_known(instant: datetime, zone: ZoneInfo) -> None:
    """Say that a turn lies before what is on record; it goes on, and changes nothing of that."""
    from processes.watch import window

    newest = window.remembered().newest
    if newest is not None and instant < newest:
        sentence = "this turn lies before what is on record already (up to {newest})"
        showing.note(t(sentence, newest=showing.cell(newest, zone)))


def days(first: datetime, until: str | None, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instant, and the same time of day on every later day up to `until`."""
    yield first
    if until is None:
        return
    last = words.instant(until, zone)
    if words.is_day(until):
        last = datetime.combine(last.astimezone(zone).date(), LAST_MINUTE, zone).astimezone(UTC)
    if last < first:
        raise typer.BadParameter(t("--until lies before --at"))
    local = first.astimezone(zone)
    while True:
        local = datetime.combine(local.date() + timedelta(days=1), local.time(), zone)
        if local > last:
            return
        yield local.astimezone(UTC)


def _progress(instants: list[datetime]) -> Iterator[datetime]:
    """Show how far it is on stderr, when there is much to do and somebody looks."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if len(instants) < 10 or not console.is_terminal:  # noqa: PLR2004 - a glance is enough
        yield from instants
        return
    yield from track(instants, description=t("Turning"), console=console)


def _tell(instant: datetime, results: dict[str, Any], zone: ZoneInfo) -> None:
    swept = results.get("act")
    counts = {
        name: getattr(swept, name, 0) for name in ("reminded", "overdue", "escalated", "mails")
    }
    showing.line(
        t(
            "{at}: {reminded} reminded, {overdue} overdue, {escalated} escalated, {mails} mails",
            at=showing.cell(instant, zone),
            **counts,
        )
    )


def deliver(
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Send what the outbox owes."""
    zone = opened()
    instant = _present(at, zone)
    from processes.mail import delivery, instance, restoring
    from processes.watch import other_path
    from service.deeds import gather_all

    restoring.refuse_on_hold()
    instance.refuse_to_send(instant)
    gather_all(instant)
    with _somebody_takes_it():
        done = delivery.deliver(instant)
    if done.rests_until:
        other_path.tell(instant)  # the service does so by itself within two minutes
    if json:
        showing.as_json(asdict(done))
        return
    sentence = "{sent} sent, {dead} refused for good, {deferred} to be tried again"
    showing.line(t(sentence, sent=done.sent, dead=done.dead, deferred=done.deferred))
    if done.refused:
        showing.line(t("{n} set aside: the mail server takes others and not these", n=done.refused))
    if done.rests_until:
        until = showing.cell(done.rests_until, zone)
        showing.line(t("the mail server is not asked before {until}", until=until))


@contextmanager
def _somebody_takes_it() -> Iterator[None]:
    """Without a relay the home's own sink takes the mails: the one that runs, or one for now."""
    from config.current import current

    settings = current().settings
    if settings.mail.host is not None:
        yield
        return
    from service.inbox.sink import ensure_sink

    with ensure_sink(settings.home):
        yield


def _plain(results: Any) -> dict[str, Any]:
    return {
        name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        for name, value in results.items()
    }
