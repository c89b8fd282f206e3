"""`pdca advice kpis`: what should be looked at anew, with its reasons (调整建议)."""

from typing import Annotated, Final

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import language, t

KINDS: Final = ("kpis",)
HEADS: Final = ("Code", "Indicator", "Why it should be looked at", "What to consider", "Owner")


def add_to(app: typer.Typer) -> None:
    """Add the command of this page."""
    app.command("advice")(advice)


def advice(
    kind: Annotated[str, typer.Argument(help="What to look at: kpis.", metavar="KIND")] = "kpis",
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Show which indicators should be adjusted, and why."""
    if kind not in KINDS:
        known = ", ".join(KINDS)
        said = t("there is no advice on {kind}: there is {known}", kind=kind, known=known)
        raise typer.BadParameter(said)
    instant = words.instant(at, opened())
    from processes.kpi import advice as kpi_advice

    rows = [(row, kpi_advice.said(row, language())) for row in kpi_advice.read(at=instant)]
    if json:
        showing.rows_as_json(
            {
                "kpi": row.code,
                "scope": row.scope,
                "owner": row.owner,
                "reason": row.reason,
                "facts": {name: _plain(value) for name, value in row.facts.items()},
                "why": told.reason,
                "advice": told.advice,
            }
            for row, told in rows
        )
        return
    showing.table(
        [t(head) for head in HEADS],
        ([row.code, row.name, told.reason, told.advice, row.owner_name] for row, told in rows),
    )


def _plain(value: object) -> object:
    """Return a number as JSON has it: decimals are strings."""
    from decimal import Decimal

    return format(value, "f") if isinstance(value, Decimal) else value
