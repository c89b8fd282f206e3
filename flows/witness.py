"""What the witness shows (见证): artifacts and events, only when a run is being recorded.

User text stands in them as text; no address and no link is ever put into one. Prefect's own
words are English, so what we supply is in the site's language.
"""

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from config.current import current
from config.language import label, listed, say, show_instant
from processes.watch import news
from processes.watch.news import Event
from processes.watch.overview import Overdue
from tasks.step import witnessed

WIDE: Final = str.maketrans(dict(zip("<>[]&*`~|\\@#", "＜＞［］＆＊｀～｜＼＠＃", strict=True)))
JOINER: Final = "\u2060"  # no width: an address broken by it is no address
LINK: Final = re.compile(r"(?i):/|www\.")


async def show_overdue(rows: Sequence[Overdue], total: int) -> None:
    """Leave the table of what is overdue, longest first."""
    if not witnessed():
        return
    from prefect.artifacts import acreate_table_artifact

    language = current().settings.language
    told = say(
        language, "{total} overdue; the {shown} longest are shown", total=total, shown=len(rows)
    )
    await acreate_table_artifact(
        [_row(language, row) for row in rows], key="overdue", description=told
    )


async def show_turned(results: Mapping[str, Any], on_hold: Collection[str]) -> None:
    """Leave the summary of a turn: one sentence a phase, in the site's language."""
    if not witnessed():
        return
    from prefect.artifacts import acreate_markdown_artifact

    language = current().settings.language
    told = [f"- {line}" for line in summary(language, results)]
    told += [f"- {say(language, 'On hold: {flow}', flow=flow)}" for flow in sorted(on_hold)]
    await acreate_markdown_artifact("\n".join(told), key="wheel")


def summary(language: str, results: Mapping[str, Any]) -> list[str]:
    """Return a turn in sentences, one for each phase that went well."""
    found = []
    if plan := results.get("plan"):
        cycles = listed(language, [*plan.opened, *plan.closed]) or "–"
        found.append(say(language, "Plan: cycles opened or closed: {cycles}", cycles=cycles))
        if plan.drafted or plan.activities:
            drafted = listed(language, plan.drafted) or "–"
            sentence = "Plan: plans drafted: {drafted}; {n} activities planned"
            found.append(say(language, sentence, drafted=drafted, n=plan.activities))
    if do := results.get("do"):
        found.append(
            say(
                language,
                "Do: {opened} planned activities opened; {n} lines for people who are back from an"
                " absence; {issued} duties issued that nobody could be given before",
                opened=do.opened,
                n=do.welcomed,
                issued=do.issued,
            )
        )
    if check := results.get("check"):
        found.append(
            say(
                language,
                "Check: {open} nonconformities open, {overdue} of them overdue;"
                " {gaps} gaps and {circles} circles in the organisation",
                **{k: check.figures["nonconformities"][k] for k in ("open", "overdue")},
                **{k: check.organisation[k] for k in ("gaps", "circles")},
            )
        )
    if act := results.get("act"):
        found.append(
            say(
                language,
                "Act: {taken} steps taken, {escalated} of them one level up; {mails} mails written",
                taken=act.taken,
                escalated=act.escalated,
                mails=act.mails,
            )
        )
    return found


async def tell_news(at: datetime) -> None:
    """Emit what has happened since the last telling, whoever did it: a flow, a page, a person."""
    if not witnessed():
        return
    events, mark = await asyncio.to_thread(news.fresh)
    for event in events:
        _emit(event)
    await asyncio.to_thread(news.told, mark, at)
    if done_alone := await asyncio.to_thread(news.alone):
        _say_alone(done_alone, at)
        await asyncio.to_thread(news.told_alone, done_alone["until"])


def as_text(text: str) -> str:
    """Return user text of which neither of Prefect's two faces makes a tag, a link or a heading.

    The older one reads every cell of a table as markdown, the newer one shows an escape as it
    stands; so what has a meaning there is written in its full width, which both show alike.
    """
    plain = " ".join(text.split()).translate(WIDE)
    return LINK.sub(lambda found: found[0][:-1] + JOINER + found[0][-1], plain)


def _say_alone(done: Mapping[str, Any], at: datetime) -> None:
    """Say what the clock has done while no witness was there."""
    from prefect.events import emit_event

    own = current().settings
    sentence = "{runs} runs between {since} and {until} were not recorded: Prefect was away"
    emit_event(
        event="pdca.clock.unwitnessed",
        occurred=at,
        resource={
            "prefect.resource.id": f"pdca.clock.{own.site}",
            "prefect.resource.name": say(own.language, sentence, **done),
        },
        payload=dict(done),
    )


def _emit(event: Event) -> None:
    """Emit under an id made from the place in the trail: told twice, it is one event."""
    from prefect.events import emit_event

    site = current().settings.site
    emit_event(
        event=event.event,
        id=uuid5(NAMESPACE_URL, f"pdca:{site}:{event.seq}:{event.at.isoformat()}"),
        occurred=event.at,
        resource={
            "prefect.resource.id": event.resource,
            "prefect.resource.name": str(event.facts.get("subject") or event.facts.get("code")),
            "pdca.site": site,
        },
        payload=event.facts,
    )


def _row(language: str, row: Overdue) -> dict[str, Any]:
    zone = current().settings.zone
    return {
        say(language, "Code"): as_text(row.code),
        say(language, "Title"): as_text(row.title),
        say(language, "Owed"): label(language, row.kind, "duty_kind"),
        say(language, "Owner"): as_text(row.owner),
        say(language, "Severity"): label(language, row.severity, "severity"),
        say(language, "Due"): show_instant(language, row.due_at, zone, brief=True),
        say(language, "Level"): row.level,
        say(language, "Working days overdue"): row.days,
    }
