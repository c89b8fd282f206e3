"""Letters about the annual plan: an activity caught up late, and how a month stood."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from notifications.letters import Item, Letter
from processes.duty import kinds
from rules.words import LetterKind

WORDS = {
    "zh": {
        "title": "应急演练",
        "review": "管理评审",
        "subject_line": "2026-08 计划执行：应做 12 项，完成 10 项，逾期 1 项",
        "headline": "2026-08 计划执行情况",
        "lead": "2026-08 计划活动 12 项：已完成 10 项，逾期 1 项，取消 1 项。",
        "why": "您负责年度计划，每月向您通报。",
        "sentences": ["逾期：应急演练 <b>，计划2026年8月20日（周四）（进行中）"],
    },
    "en": {
        "title": "Emergency drill",
        "review": "Management review",
        "subject_line": "Plan in 2026-08: 10 of 12 done, 1 late",
        "headline": "Progress of the plan in 2026-08",
        "lead": "Of 12 activities planned for 2026-08, 10 are done, 1 are late and 1 were"
        " cancelled.",
        "why": "You are told each month because you answer for the plan.",
        "sentences": ["Late: Emergency drill <b>, planned for Thu 20 Aug 2026 (under way)"],
    },
}


def letters(
    language: str, item: Callable[..., Item], letter: Callable[..., Letter]
) -> dict[str, Letter]:
    """Return the letters about the plan by the names of their golden files."""
    words: dict[str, Any] = WORDS[language]
    owed = item(language, LetterKind.ASSIGNMENT)
    facts = {"activity": "2026-09-0820", "planned_on": "2026-08-20", "caught_up": True}
    drill = replace(
        owed,
        kind="carry_out",
        advice=kinds.of("carry_out").advice,
        subject_kind="activity",
        called="Planned activity {code}",
        subject="2026-09-0820",
        title=words["title"],
        facts=facts,
    )
    plain = {"duty": None, "kind": "", "subject": "", "title": "", "due_at": None, "project": ""}
    review = replace(
        drill,
        kind="hold_review",
        advice=kinds.of("hold_review").advice,
        subject="2026-04-1215",
        title=words["review"],
        facts={"review": "https://pdca.example/review/2026-04-1215"},
    )
    told = {name: value for name, value in words.items() if name not in {"title", "review"}}
    report = replace(owed, letter=LetterKind.PLAN_REPORT, facts=told, **plain)
    return {
        "activity_caught_up": letter(language, "li", drill),
        "hold_review": letter(language, "li", review),
        "plan_report": letter(language, "zhao", report),
    }
