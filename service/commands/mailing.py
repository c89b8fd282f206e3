"""Mail in an operator's hands: `pdca suppressions`, `lift`, `resend`, `bounces`, `hold`, `held`.

Sending that is on hold stands still until somebody releases it; what would be sent is said first.
"""

from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

PLACE = 70  # in the list of commands


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("suppressions")(suppressions)
    app.command("lift")(lift)
    app.command("resend")(resend)
    app.command("bounces")(bounces)
    app.command("held")(held)
    app.command("hold")(hold)
    app.command("release")(release)


def suppressions(
    json: options.Json = False,
) -> None:
    """List the addresses to which nothing more is sent, and why."""
    zone = opened()
    from processes.mail.suppressions import listed
    from processes.register.rows import plain

    found = listed()
    if json:
        showing.rows_as_json(plain(asdict(one), zone) for one in found)
        return
    showing.table(
        [t(head) for head in ("Address", "Whose", "Reason", "Since")],
        (
            (one.address, ", ".join(one.people), one.reason, showing.cell(one.since, zone))
            for one in found
        ),
    )


def lift(
    address: Annotated[str, typer.Argument(help="The address that was mended.", metavar="ADDRESS")],
) -> None:
    """Send to an address again to which nothing was sent any more."""
    zone = opened()
    from processes.mail import suppressions as process

    whose = process.lift(address, by=words.operator(), at=words.instant(None, zone))
    showing.line(
        t(
            "mail to {address} is sent again; it reaches: {people}",
            address=address,
            people=", ".join(whose) or "–",
        )
    )


def resend(
    key: Annotated[
        str | None, typer.Argument(help="The key of one mail; see `pdca list notices`.")
    ] = None,
    dead: Annotated[
        bool, typer.Option("--dead", help="Everything that is dead or was refused.")
    ] = False,
    since: Annotated[
        str | None, typer.Option(help="What was written since this date or time.", metavar="DATE")
    ] = None,
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Send once more what was refused or is dead: one mail, all, or those since a date."""
    if (key is None) == (not dead and since is None):
        raise typer.BadParameter(t("say which: the key of a mail, --dead, or --since DATE"))
    zone = opened()
    from processes.mail import resending

    now, by = words.instant(at, zone), words.operator()
    if key is not None:
        done = resending.one(key, by=by, at=now)
    else:
        begin = _midnight(since, zone) if since else None
        done = resending.every(by=by, at=now, since=begin)
    if json:
        showing.as_json(asdict(done))
        return
    showing.line(
        t(
            "{again} to be sent again, {over} over meanwhile, {no_way} still without an address",
            **asdict(done),
        )
    )


def _midnight(typed: str, zone: ZoneInfo) -> datetime:
    """Return since when: a date without a time means all of that day."""
    if words.is_day(typed):
        return datetime.combine(words.day(typed), time.min, zone).astimezone(UTC)
    return words.instant(typed, zone)


def bounces(
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Read what has come back to the return path; the running service does it by itself."""
    zone = opened()
    from config.current import current
    from config.reading import Misconfigured, Problem
    from processes.mail import bounces as process

    if not current().settings.mail.bounces.wanted:
        raise Misconfigured(
            Problem("mail.bounces", "names no mailbox: set its maildir or its imap_host")
        )
    visited = process.visit(words.instant(at, zone))
    if json:
        showing.as_json(asdict(visited))
        return
    showing.line(
        t(
            "{read} read: {bounced} undeliverable ({dead} mails given up), {delayed} delayed,"
            " {automatic} automatic replies, {personal} replies by mail, {other} others",
            **{k: v for k, v in asdict(visited).items() if k != "known"},
        )
    )


Flow = Annotated[str, typer.Argument(help="Which flow, e.g. pdca-act.", metavar="[FLOW]")]


def held(
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Say what would be sent if sending were released, by letter and person."""
    zone = opened()
    from processes.mail import restoring
    from processes.register.rows import plain
    from processes.watch import waking

    would = restoring.would_send(words.instant(at, zone))
    holds = sorted(waking.held())
    if json:
        showing.as_json({"held": holds, **plain(asdict(would), zone)})
        return
    flows = ", ".join(holds) or "–"
    showing.line(t("on hold: {flows}", flows=flows))
    showing.line(
        t(
            "{mails} mails wait, the first since {first}; {lines} things more are to be told,"
            " {steps} steps are due",
            mails=would.mails,
            first=showing.cell(would.first_at, zone) or "–",
            lines=would.lines,
            steps=would.steps,
        )
    )
    showing.table(
        [t("Letter"), t("Mails")],
        ((showing.called(name, "letter"), str(n)) for name, n in would.letters.items()),
    )
    showing.table(
        [t("Code"), t("Receiver"), t("Mails")],
        ((code, name or t("the operator"), str(n)) for code, name, n in would.people),
    )


def hold(flow: Flow = "pdca-deliver") -> None:
    """Put a flow on hold: sending, unless another is named."""
    zone = opened()
    from processes.watch import waking

    _refuse_unknown(flow)
    waking.hold(flow, by=words.operator(), at=words.instant(None, zone))
    showing.line(t("on hold: {flows}", flows=flow))


def release(flow: Flow = "pdca-deliver") -> None:
    """Let a flow go on that is on hold: sending, unless another is named; or believe the clock."""
    zone = opened()
    from processes.mail import restoring
    from processes.watch import window

    if flow == window.NAME:
        _believe(zone)
        return
    _refuse_unknown(flow)
    if restoring.release(flow, by=words.operator(), at=words.instant(None, zone)):
        showing.line(t("{flow} goes on", flow=flow))
    else:
        showing.line(t("{flow} was not on hold", flow=flow))


def _believe(zone: ZoneInfo) -> None:
    """Believe this machine's clock from now on, and put back what was written ahead of it."""
    from config.current import current
    from processes.watch import mending, window
    from service.home import seen

    at, home = words.instant(None, zone), current().settings.home
    found = mending.release(at, by=f"operator:{words.operator()}", leap=window.ours().leap)
    seen.look(home, at, running=True)  # its mark may say that a clock looked later than now
    showing.line(t("the clock is believed: it is {at}", at=showing.cell(at, zone)))
    if found.last is not None or found.duties:
        sentence = (
            "put back: {duties} duties, {mails} mails; {letters} letters are marked as sent by a"
            " wrong clock; {issued} duties were issued by it and keep their dates"
        )
        facts = {"duties": found.duties, "mails": found.mails, "letters": found.letters}
        showing.line(t(sentence, issued=found.issued, **facts))


def _refuse_unknown(flow: str) -> None:
    from processes.watch import waking

    known = (waking.DELIVER, waking.ACT, waking.WHEEL)
    if flow not in known:
        names = ", ".join(known)
        raise typer.BadParameter(t("{flow} is no flow: {names}", flow=flow, names=names))
