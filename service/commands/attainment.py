"""`pdca attainment`, `pdca correct`: attained or not, and values put right (达成情况、更正)."""

from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

HEADS: Final = (
    ("kpi", "Code"),
    ("period", "Period"),
    ("scope", "Scope"),
    ("numerator", "Numerator"),
    ("denominator", "Denominator"),
    ("value", "Value"),
    ("target", "Target"),
    ("judgement", "Judgement"),
)


PLACE = 30  # in the list of commands


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("attainment")(attainment)
    app.command("correct")(correct)


def attainment(
    tickets: Annotated[
        str | None,
        typer.Option(help="Compute it from this ticket log: the source's name.", metavar="SOURCE"),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            help="opened_month, resolved_month or closed_month;"
            " and priority, group, project after commas."
        ),
    ] = "closed_month",
    measure: Annotated[
        str,
        typer.Option(help="What is counted: met_sla, on_time, resolved, reopened …"),
    ] = "met_sla",
    period: Annotated[
        str | None, typer.Option(help="Only this period: 2026-09, 2026-Q3, 2026-H1 or 2026.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Show whether targets were attained, with the counts behind every rate."""
    zone = opened()
    rows = _of_tickets(tickets, by, measure, period) if tickets else _recorded(period)
    if json:
        from processes.register.rows import as_json

        showing.rows_as_json(as_json(row, zone) for row in rows)
        return
    showing.table(
        [t(head) for _, head in HEADS],
        ([_cell(name, getattr(row, name), zone) for name, _ in HEADS] for row in rows),
    )


def correct(
    kpi: Annotated[str, typer.Argument(help="The indicator's code.", metavar="KPI")],
    period: Annotated[str, typer.Argument(help="2026-09, 2026-Q3, 2026-H1 or 2026")],
    reason: Annotated[str, typer.Option(help="Why the recorded value was wrong.")],
    scope: Annotated[str, typer.Option(help="organisation, project=CODE …")] = "organisation",
    value: Annotated[str | None, typer.Option(help="The right value.")] = None,
    numerator: Annotated[str | None, typer.Option(help="The right numerator.")] = None,
    denominator: Annotated[str | None, typer.Option(help="The right denominator.")] = None,
    at: options.At = None,
) -> None:
    """Correct a recorded value: what stood there, who changed it and why is kept."""
    zone = opened()
    from processes.kpi import measurements

    done = measurements.correct(
        kpi=kpi,
        period=period,
        scope=scope,
        value=_number(value, "--value"),
        numerator=_number(numerator, "--numerator"),
        denominator=_number(denominator, "--denominator"),
        reason=reason,
        at=words.instant(at, zone),
        actor=f"operator:{words.operator()}",
    )
    if done == "unchanged":
        showing.line(t("nothing to correct: it is recorded so"))
    else:
        showing.line(t("{kpi} of {period} is corrected", kpi=kpi, period=period))


def _of_tickets(source: str, by: str, measure: str, period: str | None) -> list[Any]:
    from processes.tickets import attainment as process

    at = words.instant(None, opened())
    return process.of_tickets(source, by=by.split(","), measure=measure, period=period, at=at)


def _recorded(period: str | None) -> list[Any]:
    from processes.kpi import registers as registers_kpi
    from processes.register.query import Filters
    from rules import period as periods

    if period is not None:
        periods.parse(period)  # what is no period is refused, and not found empty
    at = words.instant(None, opened())
    return list(registers_kpi.measured(Filters(kind=period), at=at).rows)


def _number(typed: str | None, option: str) -> Decimal | None:
    from processes.imports import numbers
    from processes.imports.problems import Wrong

    try:
        return numbers.count(typed) if typed is not None else None
    except Wrong as wrong:
        raise typer.BadParameter(t(wrong.sentence, **wrong.facts), param_hint=option) from wrong


def _cell(name: str, value: Any, zone: Any) -> str:
    if name == "judgement" and value:
        return showing.called(str(value), "judgement")
    return showing.cell(value, zone)
