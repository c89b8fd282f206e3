"""The monthly letter on indicators (指标月报): to whoever answers for them, leads them, or quality.

Sent once a month, on the policy's working day or on the first day after it that somebody looks.
It tells what was missed first, then what is missing, then the rest; the charts are of what needs
an eye. What it says is fixed when it is promised: a later correction is told by the board.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from config.language import say
from config.special import special_policy
from models.engine import transaction
from models.people import organisation
from models.special import KpiLetter
from notifications.charts.series import shown
from processes.duty import sight as area
from processes.kpi import board as kpi_board
from processes.kpi import board_charts as kpi_board_charts
from processes.kpi import special_letters
from processes.kpi.board import BoardRow, Cell, CellState, Wanted
from processes.kpi.board_excel import STATES
from processes.mail.lines import post
from rules import period as periods
from rules.kpi import plain
from rules.organisation import Post
from rules.period import Frequency, Period
from rules.text import line
from rules.words import LetterKind, Role

# Headings in the order in which they are read, and which periods stand under each.
GROUPS: Final[dict[str, tuple[CellState, ...]]] = {
    "Targets missed": (CellState.MISSED,),
    "Values missing": (CellState.MISSING, CellState.AWAITED),
    "Nothing to measure, or no target": (CellState.NO_DATA, CellState.PLAIN),
    "Targets attained": (CellState.MET,),
}
WHY: Final[dict[str, str]] = {
    "owner": "You are told because you answer for these indicators.",
    "leader": "You are told because you or people you lead answer for these indicators.",
    "quality": "You are told because you answer for quality.",
}
MOST_ROWS: Final = 60  # of one group; the board has them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One row of the board, and its period that ended in the month the letter is about."""

    row: BoardRow
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who gets the letter: why, and about whose indicators (None: all)."""

    post: Post
    why: str
    people: frozenset[int] | None


@transaction
def send(session: Session, *, at: datetime) -> int:
    """Promise last month's letter to its readers, once; return to how many."""
    today = current().calendar.day(at)
    month = periods.ended(today, Frequency.MONTH)
    if not _time_has_come(today) or session.get(KpiLetter, month.code) is not None:
        return 0
    board = kpi_board.board(session, Wanted(), at=at, people=None)
    rows = of_month(board.rows, month)
    readers = _readers(session, rows) if rows else []
    for reader in readers:
        _promise(session, reader, rows, month, at=at)
    if rows:  # an installation without indicators may still begin to have some this month
        session.add(KpiLetter(month=month.code, at=at, readers=len(readers)))
    return len(readers)


def _time_has_come(today: date) -> bool:
    before = today.replace(day=1) - timedelta(days=1)
    return current().calendar.count(before, today) >= special_policy().letter.working_day


def of_month(rows: Sequence[BoardRow], month: Period) -> list[Month]:
    """Return the rows of the board that have a period ending with the month."""
    cells = (
        (row, next((cell for cell in reversed(row.cells) if cell.ends_on == month.last), None))
        for row in rows
    )
    return [Month(row=row, cell=cell) for row, cell in cells if cell is not None]


def _readers(session: Session, rows: Sequence[Month]) -> list[Reader]:
    """Return who gets it, each once and as widely as he may see; nobody who has left."""
    posts = organisation(session)
    owners = {one.row.series.owner_id for one in rows}
    heads = set(posts.holders(Role.QUALITY_HEAD))
    leaders = set(posts.holders(Role.DEPARTMENT_MANAGER)) - heads
    found = []
    for number in sorted(owners | leaders | heads):
        post_ = posts.posts.get(number)
        if post_ is None or not post_.active or not post_.address:
            continue
        if number in heads:
            found.append(Reader(post=post_, why="quality", people=None))
        elif number in leaders and (led := (area.people_of(number) or owners) & owners):
            found.append(Reader(post=post_, why="leader", people=frozenset(led)))
        elif number in owners:
            found.append(Reader(post=post_, why="owner", people=frozenset({number})))
    return found


def _promise(
    session: Session, reader: Reader, rows: Sequence[Month], month: Period, *, at: datetime
) -> None:
    language = reader.post.language or current().settings.language
    theirs = [
        one for one in rows if reader.people is None or one.row.series.owner_id in reader.people
    ]
    post(
        session,
        letter=LetterKind.KPI_REPORT,
        ref=month.code,
        person_id=reader.post.id,
        at=at,
        facts=facts(theirs, month, why=reader.why, language=language),
    )


def facts(rows: Sequence[Month], month: Period, *, why: str, language: str) -> dict[str, Any]:
    """Return what the letter says to one reader."""
    counted = _counted(rows)
    charts, hidden = _charts(rows, language)
    return {
        "month": month.code,
        "title": month.code,
        "subject": month.code,
        "link": f"{current().settings.base_url}/kpis/board",
        "summary": _summary(counted, language),
        "lead": lead(rows, language),
        "why": say(language, WHY[why]),
        "special": list(_special(rows, language)),
        "groups": list(_groups(rows, language)),
        "charts": charts,
        "hidden": hidden,
    }


def lead(rows: Sequence[Month], language: str) -> str:
    """Return in a sentence how the month stands."""
    counted = _counted(rows)
    met, missed = counted[CellState.MET], counted[CellState.MISSED]
    return say(
        language,
        "Targets judged: {judged}; attained {met}, missed {missed}. Values missing: {missing}.",
        judged=met + missed,
        met=met,
        missed=missed,
        missing=counted[CellState.MISSING] + counted[CellState.AWAITED],
    )


def _counted(rows: Sequence[Month]) -> dict[CellState, int]:
    return {state: sum(one.cell.state is state for one in rows) for state in CellState}


def _summary(counted: dict[CellState, int], language: str) -> str:
    """Return what the subject has room for."""
    judged = counted[CellState.MET] + counted[CellState.MISSED]
    if not judged:
        return say(language, "no target judged")
    return say(language, "{met} of {judged} attained", met=counted[CellState.MET], judged=judged)


def _special(rows: Sequence[Month], language: str) -> Iterator[str]:
    for one in rows:
        for found in one.row.specials:
            if found.period == one.cell.period:
                series = one.row.series
                sentence = special_letters.sentence(found, series.unit, language)
                name = line(series.called(language))
                said = say(language, "{name}: {sentence}", name=name, sentence=sentence)
                if found.explanation:
                    gap = "" if language == "zh" else " "
                    said += gap + say(language, "Explanation: {text}", text=found.explanation)
                yield said


def _groups(rows: Sequence[Month], language: str) -> Iterator[dict[str, Any]]:
    for title, states in GROUPS.items():
        theirs = [one for one in rows if one.cell.state in states]
        if theirs:
            heading = say(language, "{title} ({n})", title=say(language, title), n=len(theirs))
            shown_rows = [_line(one, language) for one in theirs[:MOST_ROWS]]
            yield {"title": heading, "rows": shown_rows}


def _line(one: Month, language: str) -> dict[str, Any]:
    series, cell = one.row.series, one.cell
    counts = ""
    if cell.numerator is not None and cell.denominator is not None:
        counts = f"{_plain(cell.numerator)} / {_plain(cell.denominator)}"
    target = one.row.target
    details = [
        counts,
        say(language, "target {target}", target=target) if target else "",
        line(series.owner_name),
    ]
    return {
        "name": line(series.called(language))[:120],
        "value": shown(cell.value, series.unit) if cell.value is not None else "–",
        "judged": say(language, STATES[cell.state]),
        "missed": cell.state is CellState.MISSED,
        "detail": " · ".join(part for part in details if part),
    }


def _charts(rows: Sequence[Month], language: str) -> tuple[list[dict[str, Any]], int]:
    """Return the charts of what needs an eye, the missed ones first, and how many found no room."""
    wanted = sorted(
        (one for one in rows if one.row.newest is not None),
        key=lambda one: (one.cell.state is not CellState.MISSED, not one.cell.special),
    )
    most = special_policy().letter.charts
    return [_chart(one, language) for one in wanted[:most]], max(0, len(wanted) - most)


def _chart(one: Month, language: str) -> dict[str, Any]:
    cells = [cell for cell in one.row.cells if cell.state is not CellState.AWAITED]
    return kpi_board_charts.drawn(
        one.row.series,
        None,
        special={cell.period for cell in cells if cell.special},
        language=language,
        expected=[cell.period for cell in cells],
    )


def _plain(value: Decimal) -> str:
    return f"{plain(value):,f}"
