"""`pdca check` and `pdca sheet`: checks planned by hand, and sheets to take along (检查命令)."""

from pathlib import Path
from typing import Annotated

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import language, t


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("check")(check)
    app.command("cancel-check")(cancel_check)
    app.command("except-checker")(except_checker)
    app.command("sheet")(sheet)


def check(
    project: Annotated[str, typer.Option(help="The project to check (code).", metavar="CODE")],
    on: Annotated[
        str | None, typer.Option(help="The day it is planned on; today if absent.", metavar="DATE")
    ] = None,
    kind: Annotated[str, typer.Option(help="routine, special or follow_up")] = "routine",
    checker: Annotated[
        str | None,
        typer.Option(help="Who checks; otherwise who is independent and has least to do."),
    ] = None,
    follows: Annotated[
        str | None, typer.Option(help="The check that a follow-up looks after; otherwise the last.")
    ] = None,
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Plan a project quality check; it is opened when its day has come. Prints its code."""
    zone = opened()
    from config.current import current
    from processes.check import planned as checks
    from rules.check import CheckKind

    if kind not in set(CheckKind):
        known = ", ".join(CheckKind)
        raise typer.BadParameter(
            t("{value} is not known here: use one of {known}", value=kind, known=known)
        )
    instant = words.instant(at, zone)
    code = checks.plan(
        project=project,
        kind=CheckKind(kind),
        on=words.day(on) if on else current().calendar.day(instant),
        checker=checker,
        follows=follows,
        at=instant,
        actor=f"operator:{words.operator()}",
    )
    _tell(code, json=json)


def cancel_check(
    code: Annotated[str, typer.Argument(help="The code of the check.", metavar="CODE")],
    reason: Annotated[str, typer.Option(help="Why it is not carried out.")],
    at: options.At = None,
) -> None:
    """Cancel a check that has not been carried out, with a reason that stays on record."""
    zone = opened()
    from processes.check import planned as checks
    from rules import gates

    why, instant = gates.reason(reason), words.instant(at, zone)
    checks.cancel(code, why=why, at=instant, actor=f"operator:{words.operator()}")


def except_checker(
    code: Annotated[str, typer.Argument(help="The code of the check.", metavar="CODE")],
    checker: Annotated[str, typer.Option(help="Who is to check all the same.", metavar="CODE")],
    person: Annotated[
        str, typer.Option("--as", help="Who of the quality department asks.", metavar="CODE")
    ],
    reason: Annotated[str, typer.Option(help="Why nobody independent can do it.")],
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Ask that somebody who is not independent may check; prints the duty to decide on it."""
    zone = opened()
    import processes.duty.answers  # noqa: F401 - the kinds of duty are put together there
    from processes.check import exceptions as check_exceptions

    number = check_exceptions.ask(
        code,
        checker=checker,
        asked_by=person,
        reason=reason,
        at=words.instant(at, zone),
        actor=f"operator:{words.operator()}",
    )
    _tell(str(number), json=json)


def sheet(
    code: Annotated[str, typer.Argument(help="The code of a check or an audit.", metavar="CODE")],
    file: Annotated[
        Path,
        typer.Argument(
            help="The .xlsx file to write; a .docx is the report of a finished check.",
            metavar="FILE",
        ),
    ],
) -> None:
    """Write the sheet of a check to an Excel file; `pdca import checks` brings it back filled."""
    zone = opened()
    import processes.duty.answers  # noqa: F401 - each process says there what sheets its duties have
    from processes.check import reading as check_reading
    from processes.check import report as check_report
    from processes.worksheet import files as worksheet_files

    if file.suffix.lower() == ".docx":
        found = check_reading.of_check(code, at=words.instant(None, zone), language=language())
        file.write_bytes(check_report.word(found, language()))
    else:
        file.write_bytes(worksheet_files.export_of(code, language()).content)
    showing.line(t("written: {file}", file=str(file)))


def _tell(code: str, *, json: bool) -> None:
    if json:
        showing.as_json({"code": code})
    else:
        showing.line(code)
