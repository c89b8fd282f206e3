"""`pdca list`, `pdca show`, `pdca verify-trail`: what there is, and what happened (查询)."""

from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from service.commands import (
    check_telling,
    contract_telling,
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


PLACE = 60  # in the list of commands


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
    from processes import plug
    from processes.register import registers

    if not plug.has("registers", kind):
        known = ", ".join(registers.names())
        raise typer.BadParameter(t("there is no register {kind}: {known}", kind=kind, known=known))
    register = registers.register(kind)
    _check_filters(kind, register, given)
    zone = opened()
    from processes.register.query import Filters

    given["since"] = words.instant(given["since"], zone) if given["since"] else None
    page = register.read(Filters(**given), at=words.instant(at, zone), limit=limit)
    if json:
        from processes.register.rows import as_json

        showing.rows_as_json(as_json(row, zone) for row in page.rows)
    else:
        _show_table(register, page, zone)


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


def _show_table(register: Any, page: Any, zone: Any) -> None:
    heads = register.heads
    showing.table(
        [t(head) for _, head in heads],
        (
            [_cell(register.labels.get(name), getattr(row, name), zone) for name, _ in heads]
            for row in page.rows
        ),
    )
    shown = len(page.rows)
    if shown < page.total:
        more = t("{shown} of {total}: --limit 0 shows all", shown=shown, total=page.total)
        showing.note(more)


def _cell(labels: str | None, value: Any, zone: Any) -> str:
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
    from processes.duty import history as duty_history
    from processes.nonconformity import history as nonconformity_history
    from processes.organisation import history as person_history
    from processes.register import named

    instant = words.instant(at, zone)
    if check_telling.show(code, at=instant, zone=zone, json=json):
        return
    if plan_telling.show(code, at=instant, zone=zone, json=json):
        return
    if review_telling.show(code, at=instant, zone=zone, json=json):
        return
    if kpi_telling.show(code, at=instant, zone=zone, json=json):
        return
    if contract_telling.show(code, at=instant, zone=zone, json=json):
        return
    kind = named.kind_of(code)
    if kind == "nonconformity":
        found: Any = nonconformity_history.of_nonconformity(code, at=instant)
    elif kind == "duty":
        found = duty_history.of_duty(int(code.removeprefix("duty:")), at=instant)
    else:
        found = person_history.of_person(code, at=instant)
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
