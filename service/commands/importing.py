"""`pdca import`: tables that people keep elsewhere (导入)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import language, t

Kind = Annotated[
    str, typer.Argument(help="What the table holds: people, kpis, tickets …", metavar="KIND")
]
File = Annotated[Path, typer.Argument(help="A .csv, .csv.gz or .xlsx file", metavar="FILE")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")
]
Mapping = Annotated[
    str | None,
    typer.Option(
        help="For a ticket log, nonconformities from one, or a register kept elsewhere: a mapping"
        " file, or the name of one that is supplied (uci)."
    ),
]
Owners = Annotated[
    str | None,
    typer.Option(
        help="Who owes what a ticket log raises: a person's code, or round-robin:deepest"
        " for the posts of the deepest level in turn."
    ),
]
Reason = Annotated[
    str | None,
    typer.Option(help="Why measured values that are recorded already are corrected."),
]

Complete = Annotated[
    bool,
    typer.Option(
        "--complete",
        help="This file of people holds all the staff: who is not in it has left.",
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Though more have left than the policy believes unasked.")
]


PLACE = 20  # in the list of commands


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("import")(take)


def take(
    kind: Kind,
    file: File,
    dry_run: DryRun = False,
    mapping: Mapping = None,
    owners: Owners = None,
    reason: Reason = None,
    complete: Complete = False,
    yes: Yes = False,
    json: options.Json = False,
) -> None:
    """Take over a table: all of it or nothing, as often as you like."""
    options_given: dict[str, Any] = {
        "mapping": mapping,
        "owners": owners,
        "reason": reason,
        "complete": complete,
        "sure": yes,
    }
    table = _table(kind, {name: value for name, value in options_given.items() if value})
    opened()
    from processes.imports.problems import ImportRefused
    from processes.watch import switches

    switches.refuse_off("imports", kind)

    try:
        report = _take(kind, table, file, dry_run=dry_run, given=options_given)
    except ImportRefused as refused:
        if kind == "tickets" and mapping and not dry_run:
            _note_refusal(mapping, refused)
        if not json:
            raise
        showing.as_json(_refusal(kind, file, refused))
        raise typer.Exit(1) from refused
    if json:
        showing.as_json(_document(report))
    else:
        _tell(report)


def _table(kind: str, given: dict[str, Any]) -> Any:
    """Return the table that is meant, or refuse the kind or the options that do not fit it."""
    from processes import plug
    from processes.imports.table import MAPPED

    known = plug.keys("imports")
    if kind not in known:
        said = ", ".join(name for name in known if not name.endswith(MAPPED))
        raise typer.BadParameter(
            t("{kind} cannot be imported: known are {known}", kind=kind, known=said)
        )
    mapped = f"{kind}{MAPPED}"
    key = mapped if given.keys() & {"mapping", "owners"} and mapped in known else kind
    table = plug.one("imports", key)
    known_options = table.options | ({"mapping"} if REGISTER in table.options else frozenset())
    for name in given.keys() - known_options:
        raise typer.BadParameter(t(MISPLACED[name]))
    if "mapping" in table.options and "mapping" not in given:
        raise typer.BadParameter(t("a ticket log needs --mapping, for example --mapping uci"))
    return table


REGISTER: Final = "register"  # can be brought in as it was kept elsewhere, by a mapping
MISPLACED: Final = {
    "mapping": "--mapping is for a ticket log",
    "owners": "--owners is for nonconformities from a ticket log",
    "reason": "--reason is for measured values",
    "complete": "--complete is for people",
    "sure": "--yes is for people",
}


def _take(kind: str, table: Any, file: Path, *, dry_run: bool, given: dict[str, Any]) -> Any:
    from processes import plug

    at, actor = _now()
    further = {name: given[name] for name in table.options if given.get(name) is not None}
    own = plug.one("imports", kind)
    if given["mapping"] and REGISTER in own.options:
        past = _register(given["mapping"], kind)
        if past is not None or table is own:
            table, further = own, {"mapping": past}
    return table.take(file, at=at, actor=actor, dry_run=dry_run, **further)


def _register(mapping: str, kind: str) -> Any:
    """Return how a register kept elsewhere is read; None if the mapping is of a ticket log."""
    from config.current import current
    from config.register_mapping import load_register

    return load_register(mapping, current().settings.home, kind)


def _note_refusal(mapping: str, refused: Any) -> None:
    """Keep it for the page that says where values come from."""
    from processes.tickets import taken as tickets_taken

    at, actor = _now()
    tickets_taken.note_refusal(mapping, refused, at=at, actor=actor)


def _now() -> tuple[datetime, str]:
    """Return when it is, and who types."""
    return datetime.now(UTC), f"operator:{words.operator()}"


def _tell(report: Any) -> None:
    for note in report.notes:
        showing.note(note.said(language()))
    counts = {name: getattr(report, name) for name in ("new", "changed", "unchanged", "refused")}
    sentence = "{kind}: {new} new, {changed} changed, {unchanged} unchanged, {refused} refused"
    told = t(sentence, kind=report.kind, **counts)
    showing.line(told + (t(" (nothing was changed: dry run)") if report.dry_run else ""))


def _refusal(kind: str, file: Path, refused: Any) -> dict[str, Any]:
    counts = {"new": 0, "changed": 0, "unchanged": 0, "refused": refused.rows}
    problems = [_place(problem) for problem in refused.problems]
    return {"kind": kind, "file": file.name, **counts, "problems": problems}


def _place(problem: Any) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "message": problem.said(language()),
    }


def _document(report: Any) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "file": report.file,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "dry_run": report.dry_run,
        "codes": list(report.codes),
        "notes": [_place(note) for note in report.notes],
    }
