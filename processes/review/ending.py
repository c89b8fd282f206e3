"""How a management review ends in words (管理评审收尾): risks, reliability, outputs."""

from functools import partial
from typing import Any

from config.language import label, listed, say
from processes.review import parts, rows
from processes.review.view import Read


def decided(found: parts.ReviewInput, language: str) -> dict[str, Any]:
    """Return what management decided, and what time and exceptions it granted."""
    t, own = partial(say, language), found.risks
    return {
        "risks_text": [
            t(
                "Decisions on what came straight up: {counts}; {undecided} still to be decided.",
                counts=rows.counts(own.decisions, "measure", language) or rows.NONE,
                undecided=own.undecided,
            ),
            t(
                "Extensions: {counts}; {twice} duties were granted more than one.",
                counts=rows.counts(own.extensions, "extension_state", language) or rows.NONE,
                twice=own.twice,
            ),
            *rows.more(t, own.more),
        ],
        "accepted": [rows.ruling(one) for one in own.accepted],
        "exceptions": [
            {**rows.ruling(one), "gate": label(language, one.decision, "gate"), "link": ""}
            for one in own.exceptions
        ],
    }


def reliability(found: parts.ReviewInput, language: str) -> dict[str, Any]:
    """Return how reliable the system was, what could be better, and who carries how much."""
    t, own, better = partial(say, language), found.engine, found.improvements
    return {
        "engine_text": _engine(own, language),
        "silences": [
            {
                "part": label(language, one.part, "silence"),
                "message": one.message,
                "since": rows.instant(one.since, language),
                "until": rows.instant(one.until, language) if one.until else t("still"),
            }
            for one in own.silences
        ],
        "improvements_text": [
            t(
                "{proposed} improvements were proposed, {taken} of them taken up in a plan.",
                proposed=better.proposed,
                taken=better.taken,
            ),
            *rows.more(t, better.more),
        ],
        "improvements": [
            {
                "source": f"{label(language, one.source, 'source')} {one.ref}",
                "text": one.text,
                "taken": one.taken or t("not taken up yet"),
            }
            for one in better.rows
        ],
        "resources_text": [
            t(
                "{nobody} activities or indicators could be given to nobody; audits without enough"
                " auditors: {audits}.",
                nobody=better.nobody,
                audits=len(found.audits.unstaffed),
            )
        ],
        "loads": [
            {"person": one.person, "open": str(one.open), "overdue": str(one.overdue)}
            for one in better.loads
        ],
    }


def _engine(own: parts.Engine, language: str) -> list[str]:
    t = partial(say, language)
    alarms = ", ".join(f"{kind} {n}" for kind, n in own.alarms.items())
    return [
        t(
            "{silences} times something stood still; {caught_up} activities were opened late"
            " because the service was not running.",
            silences=len(own.silences) + own.more,
            caught_up=own.caught_up,
        ),
        t(
            "{mails} mails were written, {dead} refused for good; {addresses} addresses are"
            " written to no more.",
            mails=own.mails,
            dead=own.dead,
            addresses=own.addresses,
        ),
        t(
            "Alarms by kind: {counts}; {open} still stand.",
            counts=alarms or rows.NONE,
            open=own.alarms_open,
        ),
    ]


def outputs(read: Read, language: str) -> dict[str, Any]:
    """Return what was concluded and decided; before it is held, that it is still to be."""
    t, held = partial(say, language), read.held
    decisions = [rows.decision(one, language) for one in read.decisions]
    if held is None:
        waiting = t("Written down when the review is held.")
        return {"conclusion_text": [waiting], "decisions_text": [waiting], "decisions": []}
    asked = (("Suitable", "suitable"), ("Adequate", "adequate"), ("Effective", "effective"))
    judged = [
        f"{t(called)}{t(': ')}{label(language, held.words.get(word, ''), 'review_judgement')}"
        for called, word in asked
    ]
    took_part = held.words.get("attendance", "")
    return {
        "conclusion_text": [
            listed(language, judged),
            *held.words.get("result", "").splitlines(),
            *([t("Took part: {people}", people=took_part)] if took_part else []),
        ],
        "decisions_text": [
            t("{n} decisions were taken.", n=len(decisions)),
            *(
                [t("They come into force once the review is confirmed.")]
                if held.confirmed_at is None
                else []
            ),
        ],
        "decisions": decisions,
    }
