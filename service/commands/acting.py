"""`pdca raise` and `pdca answer`: what a person does, typed by an operator (开具与答复).

Whoever types is recorded beside whom it is for, and gates judge both. Signature acts need the
code that is mailed to the person: the first try sends it, the second carries it.
"""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

ACTS: Final = ("answer", "acknowledge", "extend", "hand_over", "instruct", "straight_up", "void")


# What a nonconformity is raised with.
Due = Annotated[str | None, typer.Option(help="Due date; otherwise by severity.", metavar="DATE")]
Source = Annotated[
    str,
    typer.Option(help="Where it comes from: internal_audit, quality_check, complaint, daily …"),
]
Potential = Annotated[
    bool, typer.Option("--potential", help="It is about to happen, it has not happened.")
]
# What a duty is answered with.
Owed = Annotated[
    str,
    typer.Argument(
        help="The number of the duty; the code of a nonconformity to void it.", metavar="DUTY"
    ),
]
Person = Annotated[
    str | None, typer.Option("--as", help="For whom this is typed (code).", metavar="CODE")
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--set", help="A field of the form: field=value.", metavar="FIELD=VALUE"),
]
File = Annotated[Path | None, typer.Option(help="A TOML file with the fields.", metavar="FILE")]
Attached = Annotated[list[Path] | None, typer.Option(help="A file of evidence.", metavar="FILE")]
Code = Annotated[str | None, typer.Option(help="The code that was mailed for a signature.")]
Act = Annotated[
    str,
    typer.Option(
        help="answer; acknowledge (seen, not solved); extend (fields until, reason);"
        " hand_over (to another, fields to, reason); straight_up (to management, field reason);"
        " void (field reason)."
    ),
]


PLACE = 50  # in the list of commands


def add_to(app: typer.Typer) -> None:
    """Add the commands of this page."""
    app.command("raise")(raise_)
    app.command("answer")(answer)


def raise_(
    title: Annotated[str, typer.Option(help="What is wrong, on one line.")],
    owner: Annotated[str, typer.Option(help="Who has to answer it (code).", metavar="CODE")],
    severity: Annotated[str, typer.Option(help="minor, major or observation")] = "minor",
    risk: Annotated[
        str, typer.Option(help="low, normal or high; high goes straight up.")
    ] = "normal",
    due: Due = None,
    project: Annotated[str | None, typer.Option(help="Its project (code).")] = None,
    unit: Annotated[str | None, typer.Option(help="Its unit (code).")] = None,
    clause: Annotated[str | None, typer.Option(help="The clause that is not met.")] = None,
    description: Annotated[str, typer.Option(help="What was found, and the evidence.")] = "",
    source: Source = "daily",
    raised_by: Annotated[str | None, typer.Option(help="Who found it (code).")] = None,
    code: Annotated[str | None, typer.Option(help="Its code; otherwise the next one.")] = None,
    potential: Potential = False,
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Raise a nonconformity; prints its code."""
    zone = opened()
    from processes.nonconformity import raising as nonconformities
    from rules.words import Risk, Severity

    made = nonconformities.raise_(
        title=title,
        owner_code=owner,
        severity=_word(Severity, severity),
        risk=_word(Risk, risk),
        due=words.day(due) if due else None,
        project=project,
        unit=unit,
        clause=clause,
        description=description,
        source=source,
        raised_by=raised_by,
        code=code,
        potential=potential,
        at=words.instant(at, zone),
        entered_at=words.instant(None, zone),
        actor=f"operator:{words.operator()}",
    )
    if json:
        showing.as_json({"code": made})
    else:
        showing.line(made)


def answer(
    duty: Owed,
    person: Person = None,
    fields: Fields = None,
    file: File = None,
    attach: Attached = None,
    code: Code = None,
    act: Act = "answer",
    at: options.At = None,
    json: options.Json = False,
) -> None:
    """Answer a duty for somebody; without --as, see what it asks."""
    if act not in ACTS:
        known = ", ".join(ACTS)
        raise typer.BadParameter(t("{act} is no act: {known}", act=act, known=known))
    zone = opened()
    if person is None:
        _show_form(duty, zone, json=json)
        return
    from service import deeds

    done = deeds.do(
        deeds.Asked(
            act=act,
            about=duty,
            person=person,
            data=_data(fields or [], file),
            attach=tuple(attach or ()),
            code=code,
            at=words.instant(at, zone),
            operator=words.operator(),
        )
    )
    if json:
        showing.as_json({"duty": done.duty_id, "says": done.says})
    else:
        showing.line(done.says)


def _data(fields: list[str], file: Path | None) -> dict[str, Any]:
    """Return the fields of the file, and over them those that were typed."""
    import tomllib

    data: dict[str, Any] = {}
    if file is not None:
        try:
            data = tomllib.loads(file.read_text("utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise typer.BadParameter(
                t("{file} is not valid TOML: {why}", file=file, why=broken)
            ) from None
    for typed in fields:
        name, equals, value = typed.partition("=")
        if not equals:
            raise typer.BadParameter(t("{typed}: write it like field=value", typed=typed))
        data[name.strip()] = value
    return data


def _show_form(duty: str, zone: Any, *, json: bool) -> None:
    """Say what a duty asks: the same form as its page."""
    from processes.duty import answers
    from processes.duty import history as duty_history
    from rules.refusal import NotFound
    from service.commands.wording import language

    if not duty.isdecimal():
        raise NotFound(what="duty", code=duty)
    row = duty_history.of_duty(int(duty), at=words.instant(None, zone)).duty
    asked = answers.describe(row.kind, language())
    if json:
        showing.as_json(
            [{"name": f.name, "required": f.required, "choices": dict(f.choices)} for f in asked]
        )
        return
    showing.line(f"{row.id}  {showing.called(row.kind, 'duty_kind')}  {row.subject}  {row.title}")
    showing.table(
        [t("Field"), t("Asks"), t("Choices")],
        ((f.name, f.label, ", ".join(f"{w} ({c})" for w, c in f.choices)) for f in asked),
    )


def _word(words_: Any, typed: str) -> Any:
    try:
        return words_(typed)
    except ValueError:
        known = ", ".join(word.value for word in words_)
        raise typer.BadParameter(
            t("{value} is not known here: use one of {known}", value=typed, known=known)
        ) from None
