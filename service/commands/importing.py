"""`pdca import`: tables that people keep elsewhere (导入)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import language, t

KINDS = (
    "units",
    "people",
    "projects",
    "nonconformities",
    "kpis",
    "measurements",
    "tickets",
    "areas",
    "auditors",
    "work",
    "audits",
    "checks",
    "plan",
)
WITH_MAPPING = ("nonconformities", "tickets", "checks", "audits")


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
    json: options.Json = False,
) -> None:
    """Take over a table: all of it or nothing, as often as you like."""
    if kind not in KINDS:
        raise typer.BadParameter(
            t("{kind} cannot be imported: known are {known}", kind=kind, known=", ".join(KINDS))
        )
    _check_options(kind, mapping=mapping, owners=owners, reason=reason)
    opened()
    from processes.imports.problems import ImportRefused

    try:
        report = _take(kind, file, dry_run=dry_run, mapping=mapping, owners=owners, reason=reason)
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


def _check_options(
    kind: str, *, mapping: str | None, owners: str | None, reason: str | None
) -> None:
    if mapping and kind not in WITH_MAPPING:
        raise typer.BadParameter(t("--mapping is for a ticket log"))
    if owners and kind != "nonconformities":
        raise typer.BadParameter(t("--owners is for nonconformities from a ticket log"))
    if reason and kind != "measurements":
        raise typer.BadParameter(t("--reason is for measured values"))
    if kind == "tickets" and not mapping:
        raise typer.BadParameter(t("a ticket log needs --mapping, for example --mapping uci"))


def _take(
    kind: str,
    file: Path,
    *,
    dry_run: bool,
    mapping: str | None,
    owners: str | None,
    reason: str | None = None,
) -> Any:
    from importlib import import_module

    at, actor = _now()
    if kind == "measurements":
        from processes.kpi import import_measurements as measurements

        return measurements.take(file, at=at, actor=actor, dry_run=dry_run, reason=reason or "")
    if kind == "tickets":
        from processes.tickets import taken as tickets_taken

        assert mapping is not None
        return tickets_taken.take(file, mapping=mapping, at=at, actor=actor, dry_run=dry_run)
    if mapping is not None and (past := _register(mapping, kind)) is not None:
        process = import_module(f"processes.{PACKAGES[kind]}.import_{kind}")
        return process.take(file, at=at, actor=actor, dry_run=dry_run, mapping=past)
    if mapping is not None:
        from processes.tickets import nonconformities as tickets

        return tickets.take(
            file, mapping=mapping, owners=owners, at=at, actor=actor, dry_run=dry_run
        )
    process = import_module(f"processes.{PACKAGES[kind]}.import_{kind}")
    return process.take(file, at=at, actor=actor, dry_run=dry_run)


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
