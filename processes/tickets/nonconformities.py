"""Nonconformities that a ticket log shows (工单日志中的不符合项).

The log is read as a stream, an event a row, by a mapping that says which column is what. A
ticket that meets several conditions is raised once, at the first event that shows one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from config.current import current
from config.ticket_mapping import Mapping, load_mapping
from models.engine import reading
from models.people import organisation
from processes.imports.problems import Problems
from processes.imports.report import Report
from processes.nonconformity import import_nonconformities as nonconformities
from processes.nonconformity.entry import New
from processes.tickets.log import Log
from rules.organisation import Organisation
from rules.ticket import Event, Watch
from rules.words import Severity

DEEPEST: Final = "round-robin:deepest"
ROUND_ROBIN: Final = "round-robin:"
WORST: Final = (Severity.MAJOR, Severity.MINOR, Severity.OBSERVATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A ticket at the first event at which a watch held."""

    row: int
    at: datetime
    event: Event


def take(
    path: Path,
    *,
    mapping: str,
    owners: str | None,
    at: datetime,
    actor: str,
    dry_run: bool = False,
) -> Report:
    """Raise what the log shows, each at its own instant; or refuse it whole."""
    settings = current().settings
    chosen, _ = load_mapping(mapping, settings.home)
    found = Problems(path.name)
    seen = _seen(path, chosen, settings.zone, found)
    tickets = sorted(_tickets(chosen, seen, settings.zone), key=lambda t: (t[0].at, t[0].row))
    news = _news(chosen, tickets, _owners(owners, found, people=len(tickets)))
    return nonconformities.raise_rows(news, found, (), at=at, actor=actor, dry_run=dry_run)


def watches(mapping: Mapping) -> list[Watch]:
    """Return what the mapping watches for, as rules judge it."""
    return [
        Watch(
            name=one.name,
            title=one.title,
            severity=one.severity,
            risk=one.risk,
            clause=one.clause,
            reopened_at_least=one.reopened_at_least,
            priority=one.priority,
            group=one.group,
            met_sla=one.met_sla,
            month=one.month,
        )
        for one in mapping.nonconformities
    ]


def _seen(
    path: Path, mapping: Mapping, zone: ZoneInfo, problems: Problems
) -> dict[tuple[str, int], Seen]:
    """Return the first event of each ticket at which each watch held."""
    log, watched = Log(path, mapping, zone, problems), watches(mapping)
    first: dict[tuple[str, int], Seen] = {}
    for row, cells in log.rows():
        event = log.event(row, cells)
        if event is None:
            continue
        held = [place for place, watch in enumerate(watched) if watch.holds(event)]
        at = log.instant(row, cells) if held else None
        if at is None:
            continue
        for place in held:
            known = first.get((event.number, place))
            if known is None or at < known.at:
                first[event.number, place] = Seen(row=row, at=at, event=event)
    return first


def _tickets(
    mapping: Mapping, seen: dict[tuple[str, int], Seen], zone: ZoneInfo
) -> Iterator[tuple[Seen, list[Watch]]]:
    """Yield each ticket that counts: its first event, and every watch that held."""
    known = watches(mapping)
    held: dict[str, list[tuple[Seen, Watch]]] = {}
    for (number, place), one in seen.items():
        if known[place].counts(one.at.astimezone(zone)):
            held.setdefault(number, []).append((one, known[place]))
    for found in held.values():
        found.sort(key=lambda pair: (pair[0].at, pair[0].row))
        yield found[0][0], [watch for _, watch in found]


def _news(
    mapping: Mapping, tickets: Sequence[tuple[Seen, list[Watch]]], owners: Sequence[str]
) -> list[tuple[int, New]]:
    return [
        (seen.row, _new(mapping, seen, held, owners[place % len(owners)]))
        for place, (seen, held) in enumerate(tickets)
    ]


def _new(mapping: Mapping, seen: Seen, held: Sequence[Watch], owner: str) -> New:
    first, event = held[0], seen.event
    return New(
        code=f"{mapping.source.upper()}-{event.number}",
        title=first.title.format(
            number=event.number,
            priority=event.priority or "-",
            group=event.group or "-",
            reopened=event.reopened or 0,
        ),
        owner_code=owner,
        raised_at=seen.at,
        source=mapping.source,
        source_record=event.number,
        clause=first.clause,
        severity=min((watch.severity for watch in held), key=WORST.index),
        risk=max((watch.risk for watch in held), key=list(type(first.risk)).index),
    )


def _owners(wanted: str | None, problems: Problems, *, people: int) -> list[str]:
    """Return who owes, in turn: one person, the deepest posts, or the holders of a role."""
    with reading() as session:
        known = organisation(session)
    found = _chosen(known, wanted)
    if not found and people:
        problems.say("--owners {owners} names nobody active", owners=wanted or "…")
        problems.refuse_if_any()
    return found or [""]


def _chosen(known: Organisation, wanted: str | None) -> list[str]:
    active = sorted((p for p in known.posts.values() if p.active), key=lambda p: p.code)
    if wanted == DEEPEST:
        depth = {post.id: len(known.chain(post.id).people) for post in active}
        deepest = max(depth.values(), default=0)
        return [post.code for post in active if depth[post.id] == deepest]
    if wanted and wanted.startswith(ROUND_ROBIN):
        role = wanted.removeprefix(ROUND_ROBIN)
        return [post.code for post in active if role in post.roles]
    return [post.code for post in active if post.code == wanted]
