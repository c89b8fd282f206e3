"""`pdca demo`: a sample company lives a year of PDCA, then the service stays up on it (演示).

The demo has a home of its own with a mark in it. Only a marked home is ever emptied; anything
else is refused by name, because it may be somebody's work.
"""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from config.current import current
from config.reading import Misconfigured, Problem
from config.settings import load
from models import engine
from processes.duty import registers as duty_registers
from processes.mail import registers as mail_registers
from processes.nonconformity import registers as nonconformity_registers
from processes.register.query import Filters
from rules.words import DutyState
from service.commands import showing
from service.commands.wording import language, t
from service.demo import audits as demo_audit
from service.demo import company as demo_company
from service.demo import contracts as demo_contracts
from service.demo import indicators as demo_kpi
from service.demo import plan as demo_plan
from service.demo import special as demo_special
from service.demo import troubles
from service.demo import year as demo_year
from service.demo.mail import LocalMailbox
from service.demo.troubles import Borne
from service.demo.year import Year
from service.home.opened import keeper, kept_alone, open_home
from service.up.refusals import refuse

HOME: Final = Path("var") / "demo"
MARK: Final = ".pdca-demo"
SETTINGS: Final = demo_company.DATA / "pdca.toml"


def run(*, leave: bool, setup_only: bool, seed: int) -> int:
    """Set the company up, let it live its year, and stay up on it unless told to leave."""
    home = _own_home()
    opened = open_home()
    if not (leave or setup_only):
        refuse(opened.settings)  # a port that is taken is better known before the year
    today = opened.calendar.day(datetime.now(UTC))
    begin = today if setup_only else today - timedelta(days=demo_year.DAYS)
    counts = demo_company.load(language(), demo_year.on(begin, demo_year.MORNING))
    demo_audit.load(demo_year.on(begin, demo_year.MORNING))
    demo_kpi.load(demo_year.on(begin, demo_year.MORNING))
    demo_contracts.load(language(), demo_year.on(begin, demo_year.MORNING))
    if setup_only:
        demo_plan.load_signed(demo_plan.SETUP_YEAR)
    else:
        demo_plan.load(demo_year.on(begin, demo_year.MORNING), language())
    showing.line(t("{people} people in {units} units, {projects} projects", **counts))
    if setup_only:
        showing.line(t("loaded in {home}; nothing was turned", home=home))
        return 0
    demo_special.past(begin, home / "run", demo_year.on(begin, demo_year.MORNING))
    with kept_alone(opened.settings):
        borne = _live(today, seed)
    _tell(today, borne)
    if leave:
        return 0
    from service.up.tree import run as keep_up

    return keep_up()


def _own_home() -> Path:
    """Return an empty home that is the demo's own; refuse any other."""
    home = Path(os.environ.get("PDCA_HOME") or HOME).resolve()
    os.environ["PDCA_HOME"] = str(home)  # for the service and its children
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        sentence = "is not a home of the demo and is left as it is: give PDCA_HOME an empty folder"
        raise Misconfigured(Problem(str(home), sentence))
    if home.exists():
        _refuse_kept(home)
        _empty(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).touch()
    organisation = t("Huayun Information Services")
    chosen = SETTINGS.read_text("utf-8").replace("{organisation}", organisation)
    (home / "pdca.toml").write_text(chosen, "utf-8")
    _refuse_other_database(home)
    return home


def _refuse_kept(home: Path) -> None:
    process = keeper(load(home)) if (home / "pdca.toml").exists() else None
    if process is not None:
        sentence = "another `pdca up` keeps this home (process {process}): stop it first"
        raise Misconfigured(Problem(str(home), sentence, {"process": process}))


def _empty(home: Path) -> None:
    for path in home.iterdir():
        if path.name == MARK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _refuse_other_database(home: Path) -> None:
    """The demo writes a year of invented rows: never into a database that somebody set."""
    if load().database_url:
        sentence = "the demo keeps its rows in its own home: unset PDCA_DATABASE_URL"
        raise Misconfigured(Problem(str(home), sentence))


def _live(today: date, seed: int) -> Borne:
    home = current().settings.home
    with _not_waiting_for_the_disk(), LocalMailbox(home) as mailbox:
        year = Year(
            today=today,
            seed=seed,
            language=language(),
            home=home,
            mailbox=mailbox,
            until=datetime.now(UTC),
        )
        for _ in _progress(year):
            pass
    return year.troubles.borne


@contextmanager
def _not_waiting_for_the_disk() -> Iterator[None]:
    """Commit without waiting: an invented year that a power cut takes can be lived again."""
    bound = engine.database()
    if bound.sqlite:
        bound.dispose()
        sa.event.listen(bound.writer, "connect", _hurry)
    yield
    engine.bind(bound.url.render_as_string(hide_password=False))


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _progress(year: Year) -> Iterator[date]:
    """Show the day on stderr while the year passes."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=year.length + 1)
        for day in year.days():
            told = t("{day}  {raised} nonconformities", day=str(day), raised=len(year.found))
            bar.update(task, advance=1, description=told)
            if bar.disable and day.day == 1:  # a log file: a line a month
                showing.note(told)
            yield day


def _tell(today: date, borne: Borne) -> None:
    """Print what the year came to."""
    at = demo_year.on(today, demo_year.EVENING)
    matters = nonconformity_registers.nonconformities(Filters(), at=at).rows
    lines = mail_registers.notices(Filters(), at=at).rows
    ended = [
        duty
        for duty in duty_registers.duties(Filters(state=DutyState.DISCHARGED.value), at=at).rows
        if duty.ended_at is not None
    ]
    in_time = sum(duty.ended_at <= duty.due_at for duty in ended if duty.ended_at is not None)
    overdue = duty_registers.duties(Filters(overdue=True), at=at).total
    states = Counter(row.state for row in matters)
    levels = Counter(line.level for line in lines if line.level is not None)
    letters = Counter(str(line.letter) for line in lines)
    _table("Nonconformities by state", states, "nonconformity_state")
    _table("Letters by kind", letters, "letter")
    _table("Letters by level", {str(level): levels[level] for level in sorted(levels)}, None)
    for sentence, facts in (
        ("Highest level reached: {level}", {"level": max(levels, default=0)}),
        (
            "Answered in time: {rate} % of {count} duties",
            {"rate": round(100 * in_time / max(len(ended), 1)), "count": len(ended)},
        ),
        ("Overdue today: {count} duties", {"count": overdue}),
        ("Refused by the mail server for a morning: {refused} letters", asdict(borne)),
        ("Taken over from somebody who left: {handed_over} duties", asdict(borne)),
        ("Sent by a copy of this home: {copied} letters", asdict(borne)),
        ("Written and not sent yet: {waiting} letters", {"waiting": troubles.waiting()}),
    ):
        showing.line(t(sentence, **facts))


def _table(title: str, counts: Any, kind: str | None) -> None:
    rows = (
        (showing.called(str(word), kind) if kind else str(word), str(count))
        for word, count in counts.items()
    )
    showing.table([t(title), t("How many")], rows)
