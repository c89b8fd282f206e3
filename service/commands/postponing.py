"""`pdca activity`: planned activities postponed or cancelled, typed by an operator (活动变更).

It is asked for somebody, who must be one who may ask, and decided by another on the page of his
duty: the same request as on the activity's page.
"""

from datetime import date
from typing import Annotated

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

app = typer.Typer(no_args_is_help=True, help="Ask to postpone or cancel a planned activity.")

Code = Annotated[str, typer.Argument(help="The activity's code.", metavar="CODE")]
Person = Annotated[str, typer.Option("--as", help="For whom this is typed (code).", metavar="CODE")]
Reason = Annotated[str, typer.Option(help="Why; whoever decides reads it.")]


def add_to(parent: typer.Typer) -> None:
    """Add the commands of this page."""
    parent.add_typer(app, name="activity")


@app.command()
def postpone(
    code: Code,
    until: Annotated[str, typer.Option(help="The day it is to be planned on.", metavar="DATE")],
    reason: Reason,
    person: Person,
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Ask to postpone an activity that is not open yet; somebody else decides."""
    _ask(code, words.day(until), reason, person, at, json=json)


@app.command()
def cancel(
    code: Code, reason: Reason, person: Person, at: options.At = None, json: options.Json = False
) -> None:
    """Ask to cancel an activity that is not open yet; somebody else decides."""
    _ask(code, None, reason, person, at, json=json)


def _ask(
    code: str, until: date | None, reason: str, person: str, at: str | None, *, json: bool
) -> None:
    zone = opened()
    import processes.duty.answers  # noqa: F401 - the kinds of duty are put together there
    from models import people
    from models.engine import reading
    from processes.plan import activity_changes

    with reading() as session:
        asker = people.by_code(session, person).id
    assert asker is not None
    said = activity_changes.ask(
        code,
        person_id=asker,
        until=until,
        reason=reason,
        at=words.instant(at, zone),
        operator=words.operator(),
    )
    if json:
        showing.as_json({"code": code, "says": t(said)})
    else:
        showing.line(t(said))
