"""A future instant on a live home (未来时点): refused, unless it is wanted or only rehearsed.

`--at` is an argument and may be any instant. But once a letter has left a home, what is done as of
next year stands in the rows of this one: deadlines, steps, letters dated then. It never asks back.
"""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import wraps
from typing import Annotated, Any, Final

import typer

from service.commands import words

NAMED: Final = ("at", "until")
# These only look: nothing is written, as of whatever instant.
LOOKS: Final = frozenset(
    ("advice", "attainment", "availability", "held", "list_", "search", "show", "why")
)
LATEST: Final = timezone(timedelta(hours=-12))  # where a date without a zone comes last
SLACK: Final = timedelta(minutes=1)
TYPED: Final[list[str]] = []  # the command under way, word by word

Yes = Annotated[
    bool, typer.Option("--yes", help="Do it on a live home although its time lies in the future.")
]
Rehearse = Annotated[
    bool,
    typer.Option("--rehearse", help="Do it on a copy that is thrown away and sends nothing."),
]


def guard(app: typer.Typer) -> None:
    """Give every command that does something as of an instant `--yes` and `--rehearse`."""
    for command in app.registered_commands:
        work = command.callback
        if work is not None and "at" in work.__annotations__ and work.__name__ not in LOOKS:
            command.callback = guarded(work)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            guard(group.typer_instance)


def guarded(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with the two options, refusing the future on a live home."""

    @wraps(work)
    def run(*, yes: bool, rehearse: bool, **given: Any) -> Any:
        if rehearse:
            from service.home.rehearsal import once

            raise typer.Exit(once(TYPED))
        named = [given[name] for name in NAMED if given.get(name)]
        if named and not yes:
            _refuse_the_future(named)
        return work(**given)

    own = inspect.signature(work, eval_str=True)
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in (("yes", Yes), ("rehearse", Rehearse))
    ]
    kept = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own.parameters.values()]
    run.__signature__ = own.replace(parameters=[*kept, *more])  # type: ignore[attr-defined]
    run.__annotations__ = {**work.__annotations__, "yes": Yes, "rehearse": Rehearse}
    return run


def _refuse_the_future(named: list[str]) -> None:
    """Refuse if one of these instants is still to come and letters have left this home."""
    soon = datetime.now(UTC) + SLACK
    if all(words.instant(one, LATEST) <= soon for one in named):
        return
    from service.commands.home import opened

    zone = opened()
    latest = max(words.instant(one, zone) for one in named)
    if latest <= soon:
        return
    from processes.mail import live

    live.refuse_the_future(latest)
