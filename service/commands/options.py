"""Options that many commands take (公用选项): each called and explained the same everywhere."""

from typing import Annotated

import typer

At = Annotated[str | None, typer.Option(help="As of this date or time; now if absent.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
