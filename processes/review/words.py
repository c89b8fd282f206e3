"""A management review in words (管理评审成文): what the page, Word and the terminal all say.

The parts, their columns and their order are the table `REVIEW` of the Word templates; here each
gets its sentences and its rows in one language. Figures stand in sentences, things in rows.
"""

from functools import partial
from typing import Any, Final

from config.current import current
from config.language import label, listed, say, show_date, show_instant
from processes.paper import files as documents
from processes.review import ending as review_ending
from processes.review import parts, rows
from processes.review.view import Read

# Of a review of which nothing was kept, by the state of its activity.
UNHELD: Final = {
    "done": "Held, but nothing was kept here: the input is computed as of now",
    "cancelled": "Cancelled: the input is as of now",
}


def word(read: Read, language: str) -> bytes:
    """Return the review as a Word document."""
    return documents.word("review", data(read, language), language)


def data(read: Read, language: str) -> dict[str, Any]:
    """Return everything that is said of a review, by the names of the template."""
    found, t = read.found, partial(say, language)
    return {
        "organisation": current().settings.organisation,
        "title": title(read, language),
        "number": f"MR-{read.code}",
        "version": str(read.held.times if read.held else 0),
        "state": state(read, language),
        "period": t(
            "{since} to {until}",
            since=show_date(language, found.since),
            until=show_date(language, found.until),
        ),
        "as_of": show_instant(language, found.at, current().settings.zone),
        "held_on": show_date(language, read.done_on) if read.done_on else rows.NONE,
        "previous": found.before.previous or rows.NONE,
        "signatures": _signatures(read, language),
        **_standing(found, language),
        **_changed(found, language),
        **_judged(found, language),
        **_looked_at(found, language),
        **_customers(found, language),
        **review_ending.decided(found, language),
        **review_ending.reliability(found, language),
        **review_ending.outputs(read, language),
    }


def title(read: Read, language: str) -> str:
    """Return what the document is called."""
    return say(language, "Management review {year}", year=read.year)


def state(read: Read, language: str) -> str:
    """Return in a sentence whether this is the input as of now, or the one that was kept."""
    if read.held is None:
        return say(language, UNHELD.get(read.state, "Not held yet: the input is as of now"))
    if read.held.confirmed_at is None:
        return say(language, "Held, and waiting to be confirmed; the input is as it was kept")
    return say(language, "Held and confirmed; the input is as it was kept")


def _signatures(read: Read, language: str) -> list[rows.Row]:
    if read.held is None:
        return []
    t, held = partial(say, language), read.held
    own = [{"step": t("Held by"), "name": held.by, "at": rows.day(held.at), "note": ""}]
    if held.confirmed_at is not None and held.confirmed_by:
        day = rows.day(held.confirmed_at)
        own.append({"step": t("Confirmed by"), "name": held.confirmed_by, "at": day, "note": ""})
    return own


def _standing(found: parts.ReviewInput, language: str) -> dict[str, Any]:
    t, top, before = partial(say, language), found.top, found.before
    return {
        "top_text": [
            t(
                "{n} open duties have reached the top of the chain; {overdue} are overdue in all.",
                n=len(top.rows) + top.more,
                overdue=top.overdue,
            ),
            *rows.more(t, top.more),
        ],
        "top": [
            {
                "kind": label(language, one.kind, "duty_kind"),
                "code": one.code,
                "title": one.title,
                "owner": one.owner,
                "due": rows.day(one.due_at),
                "days": str(one.days),
                "told": one.told or t("the operator"),
                "times": t("again, time {n}", n=one.times) if one.times > 1 else t("once"),
                "link": f"/duties/{one.duty}",
            }
            for one in top.rows
        ],
        "before_text": [
            t(
                "The review before, {code}, was held on {day}.",
                code=before.previous,
                day=show_date(language, before.held_on),
            )
            if before.held_on
            else t("There is no review before this one."),
            t(
                "{n} decisions of earlier reviews are followed here, {late} of them late.",
                n=len(before.decisions) + before.more,
                late=sum(one.late for one in before.decisions),
            ),
            *rows.more(t, before.more),
        ],
        "before": [rows.decision(one, language) for one in before.decisions],
        "before_matters": rows.matters(before.matters, language),
    }


def _changed(found: parts.ReviewInput, language: str) -> dict[str, Any]:
    t, own = partial(say, language), found.changes
    taken = [
        f"{label(language, word, 'organisation_change')} {n}" for word, n in own.imports.items()
    ]
    return {
        "changes_text": [
            t(
                "{n} changes of plans and indicators; of the plan's activities {postponed} were"
                " postponed and {cancelled} cancelled by decision.",
                n=len(own.rows) + own.more,
                postponed=own.postponed,
                cancelled=own.cancelled,
            ),
            *([t("Organisation: {changes}.", changes=listed(language, taken))] if taken else []),
            *rows.more(t, own.more),
        ],
        "changes": [
            {
                "kind": label(language, one.kind, "system_change"),
                "code": one.code,
                "version": str(one.version),
                "reason": one.reason or rows.NONE,
                "on": one.on.isoformat() if one.on else rows.NONE,
                "by": one.by or rows.NONE,
                "link": rows.link("/plan", one.code) if one.kind == "plan" else "",
            }
            for one in own.rows
        ],
        "activities": [
            {
                "kind": label(language, one.kind, "activity_kind"),
                **{n: str(getattr(one, n)) for n in ("planned", "done", "late", "cancelled")},
            }
            for one in own.activities
        ],
    }


def _judged(found: parts.ReviewInput, language: str) -> dict[str, Any]:
    t, own, matters = partial(say, language), found.objectives, found.nonconformities
    return {
        "objectives_text": [
            t(
                "Of {judged} values judged, {met} attained their target and {missed} missed it"
                " ({share}); {no_data} had no data, {missing} are missing.",
                judged=own.met + own.missed,
                met=own.met,
                missed=own.missed,
                share=rows.rate(own.share),
                no_data=own.no_data,
                missing=own.missing,
            ),
            *(
                t("Objective: {indicator} {target}", **rows.named(one))
                for one in own.objectives
                if one.get("indicator")
            ),
            *rows.more(t, own.more),
        ],
        "objectives": rows.indicators(own.rows, language),
        "nonconformities_text": _figures(matters, language),
        "late": rows.matters(matters.late, language),
        "recurred": rows.matters(matters.recurred, language),
        "repeated": rows.matters(matters.repeated, language),
    }


def _figures(own: parts.Nonconformities, language: str) -> list[str]:
    t = partial(say, language)
    counted = (
        ("By state: {counts}.", own.states, "nonconformity_state"),
        ("Raised, by severity: {counts}.", own.severities, "severity"),
        ("Raised, by source: {counts}.", own.sources, "source"),
    )
    return [
        t(
            "{raised} raised, {closed} closed, {in_time} of them in time; {recurrences}"
            " recurrences, {void} void.",
            raised=own.raised,
            closed=own.closed,
            in_time=own.closed_in_time,
            recurrences=own.recurrences,
            void=own.void,
        ),
        t(
            "Now {open} are open, {overdue} of them overdue, {disputed} disputed.",
            open=own.open,
            overdue=own.overdue,
            disputed=own.disputed,
        ),
        t(
            "{verified} verifications, {ineffective} of them ineffective.",
            verified=own.verified,
            ineffective=own.ineffective,
        ),
        *(
            t(sentence, counts=rows.counts(counts, kind, language))
            for sentence, counts, kind in counted
            if counts
        ),
    ]


def _looked_at(found: parts.ReviewInput, language: str) -> dict[str, Any]:
    t, own, audits = partial(say, language), found.checks, found.audits
    return {
        "checks_text": [
            t(
                "{checks} checks, {lines} lines looked at, {nonconforming} nonconforming,"
                " {observations} observations: conformity {rate}.",
                checks=own.checks,
                lines=own.checked,
                nonconforming=own.nonconforming,
                observations=own.observation,
                rate=rows.rate(own.rate),
            )
        ],
        "points": [rows.checked(one, language) for one in own.points],
        "projects": [rows.checked(one, language) for one in own.projects],
        "audits_text": [
            t("{n} audits were held.", n=len(audits.rows) + audits.more),
            *(
                [t("Not held: {codes}.", codes=listed(language, audits.not_held))]
                if audits.not_held
                else []
            ),
            *(
                [t("Without enough auditors: {codes}.", codes=listed(language, audits.unstaffed))]
                if audits.unstaffed
                else []
            ),
            *rows.more(t, audits.more),
        ],
        "audits": [rows.audited(one, language) for one in audits.rows],
    }


def _customers(found: parts.ReviewInput, language: str) -> dict[str, Any]:
    t, own = partial(say, language), found.customers
    return {
        "customers_text": [
            t(
                "{complaints} complaints were raised, {open} complaints are open now; {incidents}"
                " major incidents.",
                complaints=own.complaints,
                open=own.complaints_open,
                incidents=own.incidents,
            ),
            *rows.more(t, own.matters.more),
        ],
        "customers": rows.matters(own.matters, language),
        "customer_kpis": rows.indicators(own.indicators, language),
    }
