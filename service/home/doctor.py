"""`pdca doctor` (体检): every part looked at, a line each, and an exit code for a monitor.

0 all is well or only warned of · 1 the organisation lacks somebody · 3 the environment.
"""

import json as document
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.current import current, use
from config.language import say
from config.secret import with_key
from config.settings import load
from models import engine
from service.home.examination import FAILURE, OK, WARNING, Finding, examine

COLOURS = {OK: "green", WARNING: "yellow", FAILURE: "red"}


def run(*, json: bool = False, letter: str | None = None, at: datetime | None = None) -> int:
    """Look at everything, print what was found, return the exit code; changes nothing.

    With the address of a `letter` one is sent there instead, and what became of it is said.
    """
    settings = load()
    opened = use(with_key(settings, make=False))
    engine.bind(opened.settings.url)
    if letter is None:
        findings = list(examine())
    else:
        from service.home import trial

        findings = [trial.letter(letter, at=at or datetime.now(UTC))]
    if json:
        print(document.dumps([_plain(one) for one in findings], ensure_ascii=False, indent=1))
    else:
        _show(findings)
    return max((one.exit for one in findings), default=0)


def _plain(finding: Finding) -> dict[str, str]:
    return {"part": finding.part, "state": finding.state, "says": said(finding)}


def said(finding: Finding) -> str:
    """Return a finding in the site's language."""
    return say(current().settings.language, finding.sentence, **finding.facts)


def _show(findings: list[Finding]) -> None:
    language = current().settings.language
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for one in findings:
        table.add_row(
            Text(say(language, PARTS.get(one.part, one.part.capitalize()))),
            Text(say(language, one.state), style=COLOURS[one.state]),
            Text(said(one)),
        )
    Console(file=sys.stdout).print(table)


PARTS = {
    "database": "Database",
    "migrations": "Upgrades",
    "calendar": "Calendar",
    "people": "Organisation",
    "mail": "Mail",
    "other_path": "Second path",
    "holds": "On hold",
    "time": "Time",
    "clock": "Clock",
    "prefect": "Prefect",
    "secrets": "Secrets",
    "alarms": "Alarms",
    "letter": "Test letter",
}
