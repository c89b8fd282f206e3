"""`pdca search`: one search over codes, titles and people (检索)."""

from dataclasses import asdict
from typing import Annotated

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

PLACE = 62  # in the list of commands

Words = Annotated[list[str], typer.Argument(help="What to look for; every word must be there.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this page."""
    app.command("search")(search)


def search(wanted: Words, at: options.At = None, json: options.Json = False) -> None:
    """Search everything by code, title or name."""
    zone = opened()
    from processes.register import searching

    found = searching.find(" ".join(wanted), at=words.instant(at, zone))
    hits = [hit for one in found for hit in one.rows]
    if json:
        showing.rows_as_json(asdict(hit) for hit in hits)
        return
    heads = [t("Register"), t("Code"), t("Title"), t("State")]
    showing.table(heads, ([hit.kind, hit.code, hit.title, hit.state] for hit in hits))
    for one in found:
        if one.more:
            showing.note(t("There is more: add a word, or filter in the register."))
            return
