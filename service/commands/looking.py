"""`pdca list`, `pdca show`, `pdca verify-trail`: what there is, and what happened (查询)."""

from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from service.commands import (
    check_telling,
    kpi_telling,
    options,
    plan_telling,
    review_telling,
    showing,
    words,
)
from service.commands.home import opened
from service.commands.wording import t

KINDS: Final = "duties, nonconformities, notices, alarms, people, kpis, measurements …"
SHOWN: Final = 200  # rows of a table on a screen; JSON is never cut

# What a table shows of a register: a row's field and its head.
HEADS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "duties": (
        ("id", "No."),
        ("kind", "Owed"),
        ("subject", "Code"),
        ("owner_name", "Owner"),
        ("severity", "Severity"),
        ("due_at", "Due"),
        ("state", "State"),
        ("level", "Level"),
        ("next_at", "Next step"),
    ),
    "nonconformities": (
        ("code", "Code"),
        ("title", "Title"),
        ("severity", "Severity"),
        ("state", "State"),
        ("owner_name", "Owner"),
        ("raised_at", "Raised"),
        ("due_at", "Due"),
        ("level", "Level"),
        ("rounds", "Rounds"),
    ),
    "notices": (
        ("created_at", "Written"),
        ("letter", "Letter"),
        ("level", "Level"),
        ("person_name", "Receiver"),
        ("on_behalf_of", "On behalf of"),
        ("subject", "Code"),
        ("state", "Mail"),
        ("sent_at", "Sent"),
    ),
    "alarms": (
        ("kind", "Alarm"),
        ("ref", "Concerns"),
        ("message", "Message"),
        ("first_at", "Since"),
        ("cleared_at", "Cleared"),
    ),
    "people": (
        ("code", "Code"),
        ("name", "Name"),
        ("email", "Address"),
        ("manager", "Manager"),
        ("unit", "Unit"),
        ("roles", "Roles"),
        ("active", "Active"),
    ),
    "units": (("code", "Code"), ("name", "Name"), ("parent", "Parent"), ("head", "Head of unit")),
    "returned": (
        ("at", "Came back"),
        ("kind", "What it is"),
        ("person", "Receiver"),
        ("address", "Address"),
        ("status", "Status"),
        ("text", "Message"),
    ),
    "suppressions": (
        ("address", "Address"),
        ("person", "Whose"),
        ("reason", "Reason"),
        ("since", "Since"),
    ),
    "kpis": (
        ("code", "Code"),
        ("name", "Name"),
        ("element", "Element"),
        ("direction", "Direction"),
        ("target", "Target"),
        ("unit", "Measured in"),
        ("frequency", "Period"),
        ("owner_name", "Owner"),
        ("source", "Source"),
    ),
    "measurements": (
        ("kpi", "Code"),
        ("name", "Name"),
        ("period", "Period"),
        ("scope", "Scope"),
        ("numerator", "Numerator"),
        ("denominator", "Denominator"),
        ("value", "Value"),
        ("target", "Target"),
        ("judgement", "Judgement"),
        ("corrections", "Corrections"),
    ),
    "checks": (
        ("code", "Code"),
        ("project", "Project"),
        ("kind", "Kind of check"),
        ("state", "State"),
        ("planned_on", "Planned on"),
        ("performed_on", "Checked on"),
        ("inspector", "Checker"),
        ("score", "Score"),
        ("conclusion", "Conclusion"),
        ("findings", "Findings"),
    ),
    "projects": (
        ("code", "Code"),
        ("name", "Name"),
        ("customer", "Customer"),
        ("manager", "Manager"),
        ("start", "Starts on"),
        ("end", "Ends on"),
    ),
    "audits": (
        ("code", "Code"),
        ("area_name", "Audited"),
        ("planned_on", "Planned on"),
        ("lead_name", "Lead auditor"),
        ("auditor_names", "Auditors"),
        ("state", "State"),
        ("conflicts", "Exceptions"),
    ),
    "plan": (
        ("code", "Year"),
        ("version", "Version"),
        ("title", "Title"),
        ("state", "State"),
        ("in_force_at", "In force from"),
        ("lines", "Lines"),
        ("planned", "Planned"),
        ("done", "Done"),
        ("late", "Late"),
        ("cancelled", "Cancelled"),
    ),
    "activities": (
        ("code", "Code"),
        ("title", "Title"),
        ("planned_on", "Planned on"),
        ("first_planned_on", "First planned on"),
        ("state", "State"),
        ("owner", "Owner"),
        ("done_on", "Done on"),
        ("record", "Record"),
        ("late", "Late"),
    ),
    "auditors": (
        ("code", "Code"),
        ("name", "Name"),
        ("unit", "Unit"),
        ("lead", "May lead"),
        ("valid_until", "Trained until"),
        ("competence", "Clauses"),
        ("audits", "Audits"),
    ),
}
# Which of these fields hold stable words that have labels, by register.
LABELLED: Final[dict[tuple[str, str], str]] = {
    ("duties", "kind"): "duty_kind",
    ("duties", "severity"): "severity",
    ("duties", "state"): "duty_state",
    ("nonconformities", "severity"): "severity",
    ("nonconformities", "state"): "nonconformity_state",
    ("notices", "letter"): "letter",
    ("kpis", "element"): "element",
    ("kpis", "frequency"): "frequency",
    ("measurements", "judgement"): "judgement",
    ("returned", "kind"): "returned_mail",
    ("audits", "state"): "audit_state",
    ("checks", "kind"): "check_kind",
    ("checks", "state"): "check_state",
    ("checks", "conclusion"): "check_conclusion",
    ("notices", "state"): "notice_state",
    ("plan", "state"): "plan_state",
    ("activities", "state"): "activity_state",
}

Kind = Annotated[str, typer.Argument(help=KINDS, metavar="KIND")]
Person = Annotated[
    str | None,
    typer.Option("--person", "--owner", help="Only of this person (code): owner, or who receives."),
]
OfKind = Annotated[
    str | None,
    typer.Option("--kind", "--letter", help="Only this kind of duty, letter, alarm or role."),
]
Subject = Annotated[str | None, typer.Option("--subject", "--code", help="Only about this code.")]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only what is open past its due date.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("list")(list_)
    app.command("show")(show)
    app.command("verify-trail")(verify_trail)


def list_(
    kind: Kind,
    state: Annotated[str | None, typer.Option(help="Only in this state.")] = None,
    severity: Annotated[str | None, typer.Option(help="minor, major or observation")] = None,
    project: Annotated[str | None, typer.Option(help="Only of this project (code).")] = None,
    person: Person = None,
    of_kind: OfKind = None,
    source: Annotated[str | None, typer.Option(help="Only from this source.")] = None,
    subject: Subject = None,
    unit: Annotated[str | None, typer.Option(help="Only of this unit (code).")] = None,
    overdue: Overdue = False,
    since: Annotated[str | None, typer.Option(help="Only of this date or time, or later.")] = None,
    at: options.At = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows of the table; 0 for all.")] = SHOWN,
    json: options.Json = False,
) -> None:
    """List a register, filtered."""
    given: dict[str, Any] = {
        "state": state,
        "severity": severity,
        "project": project,
        "person": person,
        "kind": of_kind,
        "source": source,
        "subject": subject,
        "unit": unit,
        "overdue": overdue,
        "since": since,
    }
    _list(kind, given, at=at, limit=None if json or not limit else limit, json=json)


def _list(
    kind: str, given: dict[str, Any], *, at: str | None, limit: int | None, json: bool
) -> None:
    from processes.register.registers import REGISTERS

    register = REGISTERS.get(kind)
    if register is None:
        known = ", ".join(REGISTERS)
        raise typer.BadParameter(t("there is no register {kind}: {known}", kind=kind, known=known))
    _check_filters(kind, register, given)
    zone = opened()
    from processes.register.query import Filters

    given["since"] = words.instant(given["since"], zone) if given["since"] else None
    page = register.read(Filters(**given), at=words.instant(at, zone), limit=limit)
    if json:
        from processes.register.rows import as_json

        showing.rows_as_json(as_json(row, zone) for row in page.rows)
    else:
        _show_table(kind, page, zone)


def _check_filters(kind: str, register: Any, given: dict[str, Any]) -> None:
    for name, value in given.items():
        if not value:
            continue
        if name not in register.filters:
            raise typer.BadParameter(t("{kind} cannot be filtered by {name}", kind=kind, name=name))
        known = register.words(name)
        if known and value not in known:
            raise typer.BadParameter(
                t(
                    "{value} is not known here: use one of {known}",
                    value=value,
                    known=", ".join(known),
                )
            )


def _show_table(kind: str, page: Any, zone: Any) -> None:
    heads = HEADS[kind]
    showing.table(
        [t(head) for _, head in heads],
        ([_cell(kind, name, getattr(row, name), zone) for name, _ in heads] for row in page.rows),
    )
    shown = len(page.rows)
    if shown < page.total:
        more = t("{shown} of {total}: --limit 0 shows all", shown=shown, total=page.total)
        showing.note(more)


def _cell(kind: str, name: str, value: Any, zone: Any) -> str:
    labels = LABELLED.get((kind, name))
    return showing.called(str(value), labels) if labels and value else showing.cell(value, zone)


def show(
    code: Annotated[
        str,
        typer.Argument(
            help="The code of a nonconformity, check, indicator or person, or a duty's number.",
            metavar="ID",
        ),
    ],
    json: options.Json = False,
    at: options.At = None,
) -> None:
    """Show one thing with its history: who was told what, and when."""
    zone = opened()
    from processes.history import told as history

    instant = words.instant(at, zone)
    if check_telling.show(code, at=instant, zone=zone, json=json):
        return
    if plan_telling.show(code, at=instant, zone=zone, json=json):
        return
    if review_telling.show(code, at=instant, zone=zone, json=json):
        return
    if kpi_telling.show(code, at=instant, zone=zone, json=json):
        return
    kind = history.kind_of(code)
    if kind == "nonconformity":
        found: Any = history.of_nonconformity(code, at=instant)
    elif kind == "duty":
        found = history.of_duty(int(code.removeprefix("duty:")), at=instant)
    else:
        found = history.of_person(code, at=instant)
    if json:
        from processes.register.rows import plain

        showing.as_json({"kind": kind, **plain(asdict(found), zone)})
        return
    from service.commands import telling

    telling.tell(kind, found, zone)


def verify_trail() -> None:
    """Follow the audit trail from its first row to its last."""
    opened()
    from models import trail
    from models.engine import reading
    from models.record import TrailHead

    with reading() as session:
        broken = trail.verify(session)
        head = session.get(TrailHead, 1)
    if broken is not None:
        showing.note(t("the trail is broken at row {seq}: {why}", seq=broken.seq, why=broken.why))
        raise typer.Exit(1)
    showing.line(t("the trail is whole: {rows} rows", rows=head.seq if head else 0))
