"""`pdca availability`: three figures of a contract, with the formula beside each (可用性)."""

from typing import Annotated, Any, Final

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

PLACE = 32  # in the list of commands
HEADS: Final = (
    ("service", "Service"),
    ("period", "Period"),
    ("agreed_minutes", "Agreed minutes"),
    ("planned_minutes", "Planned"),
    ("unplanned_minutes", "Unplanned"),
    ("excluded_minutes", "Excluded"),
    ("outages", "Outages"),
    ("all", "All downtime %"),
    ("agreed", "Agreed %"),
    ("reliability", "Reliability %"),
    ("mttr_minutes", "MTTR min"),
    ("mtbf_minutes", "MTBF min"),
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this page."""
    app.command("availability")(availability)


def availability(
    contract: Annotated[str, typer.Argument(help="The contract's code.", metavar="CONTRACT")],
    period: Annotated[str, typer.Option(help="2026-09, 2026-Q3, 2026-H1 or 2026")],
    service: Annotated[
        str | None, typer.Option(help="Only this service (code); else the whole and each.")
    ] = None,
    json: options.Json = False,
    at: options.At = None,
) -> None:
    """Show how available a contract's services were, and how that is computed."""
    zone = opened()
    from processes.availability import figures
    from rules import period as periods
    from rules.availability import FORMULAS

    instant = words.instant(at, zone)
    rows = figures.of(contract, [periods.parse(period)], at=instant, service=service)
    if json:
        from processes.register.rows import as_json

        showing.rows_as_json(as_json(row, zone) for row in rows)
        return
    showing.table(
        [t(head) for _, head in HEADS],
        ([_cell(name, getattr(row, name), zone) for name, _ in HEADS] for row in rows),
    )
    for name, formula in FORMULAS.items():
        showing.note(f"{t(TOLD[name])}: {t(formula)}")
    if rows[0].until is not None:
        showing.note(t("the period still runs: computed up to {until}",
                       until=showing.cell(rows[0].until, zone)))  # fmt: skip


TOLD: Final = {"all": "All downtime", "agreed": "Agreed", "reliability": "Reliability"}


def _cell(name: str, value: Any, zone: Any) -> str:
    if name == "service" and value is None:
        return t("the whole contract")
    return t("none") if value is None else showing.cell(value, zone)
