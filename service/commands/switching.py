"""`pdca process`: which processes are on, and what switching one would bring (过程启用)."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

PLACE = 75  # in the list of commands
WORDS = ("on", "off")


def add_to(app: typer.Typer) -> None:
    """Add the command of this page."""
    app.command("process")(process)


def process(
    what: Annotated[
        str | None,
        typer.Argument(help="on or off; without it all are listed.", metavar="[on|off]"),
    ] = None,
    name: Annotated[str | None, typer.Argument(help="Which process.", metavar="NAME")] = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Say what it would bring in a month; change nothing."),
    ] = False,
    json: options.Json = False,
) -> None:
    """List the processes, or switch one on or off."""
    zone = opened()
    from processes.watch import switches

    if what is None:
        _list(switches.listed(), zone, json=json)
        return
    if what not in WORDS or name is None:
        raise typer.BadParameter(t("say on or off, and which process: pdca process on NAME"))
    if preview:
        _preview(name, on=what == "on", json=json)
        return
    at, by = datetime.now(UTC), f"operator:{words.operator()}"
    changed = switches.switch(name, on=what == "on", by=by, at=at)
    if json:
        showing.as_json({"name": name, "on": what == "on", "changed": changed})
        return
    said = "{name} is on" if what == "on" else "{name} is off: what is open goes on until closed"
    showing.line(t(said, name=name) if changed else t("nothing to change: it stands so already"))


def _list(found: list[Any], zone: Any, *, json: bool) -> None:
    if json:
        showing.rows_as_json({**asdict(one), "since": _instant(one.since, zone)} for one in found)
        return
    showing.table(
        [t("Process"), t("Switched on"), t("Since"), t("By")],
        [
            [one.name, showing.cell(one.on, zone), showing.cell(one.since, zone), one.by]
            for one in found
        ],
    )


def _instant(at: datetime | None, zone: Any) -> str | None:
    return at.astimezone(zone).isoformat() if at is not None else None


def _preview(name: str, *, on: bool, json: bool) -> None:
    from service.home.rehearsal import rehearse

    found = rehearse(name, on=on)
    if json:
        showing.as_json(asdict(found))
        return
    sentence = (
        "within {days} days: {duties} duties more, {letters} letters more to {people} people"
        " (below 0: less)"
    )
    facts = {"duties": found.duties, "letters": found.letters, "people": len(found.per_person)}
    showing.line(t(sentence, days=found.days, **facts))
    for kind, count in sorted(found.kinds.items()):
        showing.line(f"  {showing.called(kind, 'duty_kind')}: {count:+}")
