"""What duties add to the home (首页): what climbed to the reader, how the area stands.

The cockpit (驾驶舱) is for those who answer for the whole: top management and quality. Whoever
leads people sees the same of the people below. Every figure opens the register behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models import people
from models.engine import reading
from processes.duty import climbed, figures
from processes.duty import sight as area
from processes.duty.climbed import Climbed
from processes.duty.figures import Span
from rules.words import Role
from web.duty.late import lateness
from web.frame.session import Reader
from web.plug import Panel

AT_ONCE: Final = 20  # of what climbed
REACHED: Final = 10
WHOLE: Final = frozenset({Role.TOP_MANAGEMENT.value, Role.QUALITY.value, Role.QUALITY_HEAD.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A figure and the filters of the register behind it."""

    words: dict[str, str]
    count: int
    share: int = 0  # of the largest, for a bar: per cent


def answers_for_all(reader: Reader) -> bool:
    """Whether the reader's office is the whole organisation."""
    return bool(reader.roles & WHOLE)


def risen(reader: Reader, language: str, at: datetime) -> Panel | None:
    """Return what climbed to the reader, with what the reader can do about each."""
    del language
    found = climbed.to(reader.id, at=at, limit=AT_ONCE)
    if not found.total:
        return None
    return Panel(
        template="home_risen.html",
        facts={
            "rows": found.rows,
            "late": [lateness(one.duty.due_at, at) for one in found.rows],
            "mails": _mails(found.rows),
            "total": found.total,
        },
    )


def standing(reader: Reader, language: str, at: datetime) -> Panel | None:
    """Return how the reader's area stands; nothing for whoever leads nobody."""
    del language
    whole = answers_for_all(reader)
    below = None if whole else area.people_of(reader.id)
    if below is not None and len(below) <= 1:
        return None
    late, kept = figures.overdue(below, at=at), figures.in_time(below, at=at)
    weeks = figures.coming(below, at=at)
    most = max((count for _, count in weeks), default=0)
    return Panel(
        template="home_standing.html",
        facts={
            "whole": whole,
            "open": figures.open_now(below),
            "overdue": late.total,
            "ages": _ages(late),
            "levels": [(level, _level(late, level)) for level in late.levels],
            "kept": kept,
            "since": kept.since.isoformat(),
            "weeks": [
                (span, Link(words=_due(span), count=n, share=_share(n, most))) for span, n in weeks
            ],
            **_top(at, whole=whole),
        },
    )


def _top(at: datetime, *, whole: bool) -> dict[str, object]:
    """Return what reached top management, for those who answer for the whole."""
    if not whole:
        return {"reached": [], "reached_total": 0, "reached_late": []}
    with reading() as session:
        top = people.holders(session, Role.TOP_MANAGEMENT)
    rows, total = climbed.reached(top, at=at, limit=REACHED)
    return {
        "reached": rows,
        "reached_total": total,
        "reached_late": [lateness(row.due_at, at) for row in rows],
    }


def _ages(late: figures.Overdue) -> list[tuple[int, int]]:
    """Return the working days between which each age lies; 0 is no end."""
    bounds = (0, *figures.AGES)
    return [(first + 1, last) for first, last in zip(bounds, (*figures.AGES, 0), strict=True)][
        : len(late.ages)
    ]


def _level(late: figures.Overdue, level: int) -> list[Link]:
    return [
        Link(
            words={"overdue": "1", "level": str(level), **_due(span)},
            count=late.cells.get((level, n), 0),
            share=_share(late.cells.get((level, n), 0), late.most),
        )
        for n, span in enumerate(late.ages)
    ]


def _due(span: Span) -> dict[str, str]:
    ends = {"due_from": span.first, "due_until": span.last}
    return {name: day.isoformat() for name, day in ends.items() if day is not None}


def _share(count: int, most: int) -> int:
    return 100 * count // most if most else 0


def _mails(rows: Sequence[Climbed]) -> dict[str, str]:
    """Return the addresses of the owners, by their codes."""
    wanted = {one.duty.owner for one in rows}
    with reading() as session:
        posts = people.organisation(session).posts.values()
        return {post.code: post.address or "" for post in posts if post.code in wanted}
