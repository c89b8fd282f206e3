"""`pdca up`, `pages`, `demo`, `init`, `doctor`: the service and its home (运行)."""

import errno
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from service.commands import options, showing, words
from service.commands.wording import t

KEEP_ALIVE: Final = 30  # seconds that a connection may be idle
PLACE = 10  # in the list of commands


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("up")(up)
    app.command("demo")(demo)
    app.command("init")(init)
    app.command("pages")(pages)
    app.command("doctor")(doctor)


def up() -> None:
    """Keep everything running: flows, clock, pages, inbox. Ctrl-C ends all."""
    from service.up.tree import run

    raise typer.Exit(run())


def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the year; the service does not stay up.")
    ] = False,
    setup_only: Annotated[
        bool, typer.Option("--setup-only", help="Load the company and turn nothing.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another year.")] = 2026,
) -> None:
    """Let a sample company live a year of PDCA, then keep the service on it."""
    from service.demo.company_year import run

    raise typer.Exit(run(leave=leave, setup_only=setup_only, seed=seed))


def init(
    folder: Annotated[Path, typer.Argument(help="The home to make.", metavar="DIR")],
) -> None:
    """Make a home: settings with comments, and a template for each table."""
    from config.scaffold import scaffold
    from processes import plug

    tables = plug.every("imports")
    made = scaffold(folder, {key: one.columns for key, one in tables.items() if one.columns})
    for path in made.written:
        showing.line(t("written: {path}", path=path))
    for path in made.kept:
        showing.line(t("already there, left as it is: {path}", path=path))


def pages(
    at: Annotated[
        str | None, typer.Option(help="Judge every request as of this instant; else the clock.")
    ] = None,
) -> None:
    """Serve the pages alone, even on a fixed clock for a rehearsal."""
    import uvicorn

    from processes.watch import window
    from service.clock.watchman import watch
    from service.home.opened import keeper, open_home
    from service.home.steady import Guard
    from service.logs import set_up
    from service.up.refusals import free
    from web.frame.app import create_app

    set_up()
    settings = open_home().settings
    host, port = settings.pages.host, settings.pages.port
    if not free(host, port):
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), f"{host}:{port}")
    fixed = words.instant(at, settings.zone) if at else None
    trusted = None if fixed else window.trusted
    app = create_app(clock=lambda: fixed or words.instant(None, settings.zone), trusted=trusted)
    if keeper(settings) is not None:
        watch()  # a clock that has fallen silent cannot say so
    else:  # not a child of `pdca up`, which says it itself
        Guard(settings.language).start()
        showing.note(t("pages: {url} (Ctrl-C ends)", url=settings.base_url))
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.pages.proxies),
        forwarded_allow_ips=settings.pages.proxies,
        timeout_keep_alive=KEEP_ALIVE,
    )


def doctor(
    letter: Annotated[
        str | None,
        typer.Option(
            help="Send a test letter to this address, and say what the mail server answered.",
            metavar="ADDRESS",
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Look whether everything is in order, and say what is not."""
    from service.home.doctor import run

    raise typer.Exit(run(json=json, letter=letter))
