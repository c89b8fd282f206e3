"""`pdca audit` and `pdca export`: audits planned by hand, and what is printed (审核)."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import language, t

app = typer.Typer(no_args_is_help=True, help="Plan internal audits: programme, teams, exceptions.")

Code = Annotated[str, typer.Argument(help="The audit's code.", metavar="CODE")]

What = Annotated[
    str,
    typer.Argument(
        help="plan, review, audit-procedure, audit-programme, audit-plan, audit-report or"
        " audit-records",
        metavar="WHAT",
    ),
]
Of = Annotated[
    str, typer.Argument(help="The audit's code, or the programme's year.", metavar="CODE")
]
To = Annotated[Path | None, typer.Option(help="A .docx, .pdf or .txt file; a folder for records.")]
Word = Annotated[
    Path | None, typer.Option(help="Of a plan or a review: the Word document to write.")
]


def add_to(parent: typer.Typer) -> None:
    """Add the commands of this page."""
    parent.add_typer(app, name="audit")
    parent.command("export")(export)


@app.command()
def programme(
    year: Annotated[int, typer.Argument(help="The year it is for.", metavar="YEAR")],
    at: options.At = None,
) -> None:
    """Draft a year's programme, or compute it anew while it is a draft."""
    zone = opened()
    from processes.audit import programme as audit_programme

    code = audit_programme.draft(year, at=words.instant(at, zone), actor=_actor())
    showing.line(code)


@app.command()
def staff(at: options.At = None) -> None:
    """Give every open audit its team; whoever is in one without a conflict stays."""
    zone = opened()
    from processes.audit import staffing as audit_staffing

    found = audit_staffing.staff(at=words.instant(at, zone), actor=_actor())
    showing.line(t("{joined} seats given, {left} taken back", joined=found.joined, left=found.left))
    showing.line(
        t(
            "spread of load {spread} half-days, at least {bound} proven, in {seconds} s",
            spread=found.spread,
            bound=found.bound,
            seconds=f"{found.seconds:.1f}",
        )
    )
    for code in found.unstaffed:
        showing.note(t("{code} has no team: pdca audit why {code}", code=code))


@app.command()
def why(code: Code, at: options.At = None) -> None:
    """Say of every auditor what ties him to an audit, or that nothing does."""
    zone = opened()
    from models.engine import reading
    from processes.audit import team as audit_team
    from processes.audit.ground import Ground
    from rules import audit as rule

    instant = words.instant(at, zone)
    with reading() as session:
        ground, audit = Ground(session, instant), audit_team.by_code(session, code)
        for person in sorted(ground.auditors):
            asked = audit_team.ask(session, audit, person, at=instant, ground=ground)
            found = rule.Reasons((*rule.conflicts(asked), *rule.unfit(asked, lead=False)))
            name = ground.organisation.posts[person].name
            told = t("{reasons}", reasons=found) if found else t("independent and qualified")
            showing.line(f"{name}: {told}")


@app.command()
def team(
    code: Code,
    lead: Annotated[str, typer.Option(help="The lead auditor (code).")],
    auditor: Annotated[
        list[str] | None, typer.Option("--auditor", help="Another auditor (code).")
    ] = None,
    at: options.At = None,
) -> None:
    """Name the team of an audit; whoever is not independent is refused."""
    zone = opened()
    from processes.audit import staffing as audit_staffing

    audit_staffing.set_team(
        code, lead=lead, auditors=auditor or [], at=words.instant(at, zone), actor=_actor()
    )
    showing.line(t("The team is as named; the proof of independence is kept."))


@app.command()
def cancel(
    code: Code,
    reason: Annotated[str, typer.Option(help="Why it does not take place.")],
    at: options.At = None,
) -> None:
    """Call an audit off; its meetings are cancelled in everybody's calendar."""
    zone = opened()
    from processes.audit import opening as audit_opening

    audit_opening.cancel(code, reason=reason, at=words.instant(at, zone), actor=_actor())
    showing.line(t("The audit is cancelled, and everybody who was invited hears it."))


@app.command()
def resume(
    code: Code,
    on: Annotated[str, typer.Option(help="The day on which it is to begin: 2026-09-30.")],
    reason: Annotated[str, typer.Option(help="Why it takes place after all.")],
    at: options.At = None,
) -> None:
    """Take up an audit that was called off, on another day of its year."""
    zone = opened()
    from processes.audit import opening as audit_opening

    day = words.day(on)
    instant = words.instant(at, zone)
    audit_opening.resume(code, on=day, reason=reason, at=instant, actor=_actor())
    showing.line(t("The audit is planned again; its team, plan and notice begin anew."))


@app.command()
def exception(
    code: Code,
    auditor: Annotated[str, typer.Option(help="Who would audit in spite of a conflict (code).")],
    person: Annotated[str, typer.Option("--as", help="For whom this is typed (code).")],
    reason: Annotated[str, typer.Option(help="Why nobody else can.")],
    at: options.At = None,
) -> None:
    """Ask for an exception from independence, where the procedure allows one."""
    zone = opened()
    from models import people
    from models.engine import reading
    from processes.audit import exception as audit_exception

    with reading() as session:
        number = people.by_code(session, person).id
    assert number is not None
    duty = audit_exception.ask(
        code,
        auditor,
        reason=reason,
        person_id=number,
        at=words.instant(at, zone),
        via=f"operator {words.operator()}",
    )
    showing.line(t("asked: duty {duty} is to be decided by somebody else", duty=duty))


def export(
    what: What,
    code: Of = "",
    to: To = None,
    word: Word = None,
    excel: Annotated[Path | None, typer.Option(help="Of a plan: the workbook to write.")] = None,
    at: options.At = None,
) -> None:
    """Print what is kept: as Word, PDF or text, or the whole records of an audit."""
    instant = words.instant(at, opened())
    if what == "plan":
        from service.commands import plan_telling

        plan_telling.export(code, at=instant, word=word, excel=excel)
        return
    if what == "review":
        from service.commands import review_telling

        review_telling.export(code, at=instant, word=word)
        return
    if what == "audit-records":
        from processes.audit import records as audit_records

        folder = to or Path()
        names = audit_records.export(code, folder, language=language(), at=instant)
        showing.line(t("{count} files in {folder}", count=len(names), folder=folder / code))
        return
    made = BLOCKS.get(what)
    if made is None:
        known = ", ".join([*BLOCKS, "audit-records"])
        raise typer.BadParameter(t("{what} cannot be exported: {known}", what=what, known=known))
    _write(made(code, instant), to)


def _write(blocks: Any, to: Path | None) -> None:
    from processes.paper import blocks as paper

    if to is None:
        showing.line(paper.plain(blocks))
        return
    kinds: dict[str, Callable[[], bytes]] = {
        ".docx": lambda: paper.word(blocks),
        ".pdf": lambda: paper.pdf(blocks, language=language()),
        ".txt": lambda: paper.plain(blocks).encode(),
    }
    made = kinds.get(to.suffix.lower())
    if made is None:
        raise typer.BadParameter(t("the file must end in .docx, .pdf or .txt"))
    to.write_bytes(made())
    showing.line(str(to))


def _procedure(_code: str, _at: Any) -> Any:
    from processes.audit import papers as audit_documents

    return audit_documents.procedure(language())


def _programme(code: str, at: Any) -> Any:
    from processes.audit import papers as audit_documents
    from processes.audit import view as audit_view

    digits = code.removeprefix("AP-")
    if not digits.isdecimal():
        raise typer.BadParameter(t("name the year of the programme"))
    return audit_documents.programme(audit_view.programme_of(int(digits), at=at), language())


def _plan(code: str, at: Any) -> Any:
    from processes.audit import papers as audit_documents
    from processes.audit import view as audit_view

    return audit_documents.plan(audit_view.audit_of(code, at=at), language())


def _report(code: str, at: Any) -> Any:
    from processes.audit import papers as audit_documents
    from processes.audit import view as audit_view
    from rules.refusal import NotFound

    view = audit_view.audit_of(code, at=at)
    if view.report is None:
        raise NotFound(what="audit report", code=code)
    return audit_documents.report(view, view.report, language())


BLOCKS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "audit-procedure": _procedure,
    "audit-programme": _programme,
    "audit-plan": _plan,
    "audit-report": _report,
}


def _actor() -> str:
    return f"operator:{words.operator()}"
