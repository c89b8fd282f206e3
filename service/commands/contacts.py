"""`pdca contact`: what is kept about a customer's contact, refused, erased (联系人个人信息)."""

from typing import Annotated, Final

import typer

from service.commands import options, showing, words
from service.commands.home import opened
from service.commands.wording import t

PLACE = 64  # in the list of commands
ACTS: Final = ("export", "refuse", "erase")

Code = Annotated[str, typer.Argument(help="The contact's code.", metavar="CODE")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this page."""
    app.command("contact")(contact)


def contact(
    act: Annotated[str, typer.Argument(help="export, refuse or erase", metavar="ACT")],
    code: Code,
    reason: Annotated[str, typer.Option(help="Who asked for it, and when.")] = "",
    at: options.At = None,
) -> None:
    """Hand out, refuse the use of, or erase the personal data of a customer's contact."""
    if act not in ACTS:
        raise typer.BadParameter(t("{act} is not known here: use one of {known}", act=act,
                                   known=", ".join(ACTS)))  # fmt: skip
    zone = opened()
    from processes.contract import contacts
    from processes.register.rows import plain

    instant, actor = words.instant(at, zone), f"operator:{words.operator()}"[:64]
    if act == "export":
        showing.as_json(plain(contacts.exported(code, at=instant, actor=actor), zone))
    elif act == "refuse":
        contacts.refuse(code, reason=reason, at=instant, actor=actor)
        showing.line(t("recorded: {code} gets neither surveys nor reports", code=code))
    else:
        day = contacts.erase(code, reason=reason, at=instant, actor=actor)
        today = instant.astimezone(zone).date()
        said = "the data of {code} are erased" if day <= today else ERASED_ON
        showing.line(t(said, code=code, day=str(day)))


ERASED_ON: Final = (
    "{code} is struck from every list; a contract needs the data until {day}: they are erased then"
)
