"""Letters about indicators: what was unusual, and how the month stood."""

from dataclasses import replace
from typing import Any

from notifications.letters import Letter
from rules.words import LetterKind

POINTS = [
    *([f"2025-{n:02}", 97.2 if n % 2 else 96.8, False, False] for n in range(1, 8)),
    ["2025-08", None, False, False],
    *([f"2025-{n:02}", 97.2 if n % 2 else 96.8, False, False] for n in range(9, 13)),
    ["2026-01", 93.5, True, True],
]
WORDS = {
    "zh": {
        "name": "服务级别达成率",
        "sentence": "2026-01的实际值93.5%低于正常波动范围（95.94%～98.06%，依据11个周期）。",
        "verdict": "差于平常，且未达标（目标≥ 95%）。",
        "lead": "共判定3项指标：达标2项，未达标1项；另缺数1项。",
        "summary": "达标2/3",
        "why": "您负责质量工作，故告知您。",
        "missed": ("未达标（1）", "未达标"),
        "met": ("达标（1）", "达标"),
        "other": "客户满意度 <b>",
        "target": "目标≥ 95%",
    },
    "en": {
        "name": "SLA attainment rate",
        "sentence": "93.5% in 2026-01 is below what is usual (95.94% to 98.06%, from 11 periods).",
        "verdict": "It is worse than usual, and the target (≥ 95%) was missed.",
        "lead": "Targets judged: 3; attained 2, missed 1. Values missing: 1.",
        "summary": "2 of 3 attained",
        "why": "You are told because you answer for quality.",
        "missed": ("Targets missed (1)", "missed its target"),
        "met": ("Targets attained (1)", "attained"),
        "other": "Customer satisfaction <b>",
        "target": "target ≥ 95%",
    },
}


def letters(language: str, item: Any, letter: Any) -> dict[str, Letter]:
    """Return the letters; `item` and `letter` are the cast's own makers."""
    words = WORDS[language]
    chart = {
        "title": words["name"],
        "unit": "%",
        "target_label": "≥ 95%",
        "points": POINTS,
        "targets": [95.0] * len(POINTS),
        "limits": [[97.0, 95.94, 98.06]] * len(POINTS),
    }
    special = {
        "name": words["name"],
        "period": "2026-01",
        "sentence": words["sentence"],
        "verdict": words["verdict"],
        "charts": [chart],
    }
    owed = item(
        language,
        LetterKind.SPECIAL_SITUATION,
        kind="explain_special",
        subject_kind="kpi_special",
        subject="TS-0001",
        title=words["name"],
        project="",
        facts=special,
    )
    plain = {"duty": None, "kind": "", "subject": "", "title": "", "due_at": None, "project": ""}
    report = {
        "month": "2026-01",
        "summary": words["summary"],
        "lead": words["lead"],
        "why": words["why"],
        "special": [f"{words['name']}: {words['sentence']}"],
        "groups": [_group(words, "missed"), _group(words, "met")],
        "charts": [chart],
        "hidden": 3,
    }
    return {
        "special_situation": letter(language, "li", owed),
        "special_situation_to_quality": letter(
            language, "zhao", replace(owed, **{**plain, "facts": special})
        ),
        "kpi_report": letter(
            language,
            "zhao",
            replace(owed, letter=LetterKind.KPI_REPORT, **{**plain, "facts": report}),
        ),
    }


def _group(words: dict[str, Any], which: str) -> dict[str, Any]:
    title, judged = words[which]
    missed = which == "missed"
    row = {
        "name": words["name"] if missed else words["other"],
        "value": "93.5%" if missed else "97%",
        "judged": judged,
        "missed": missed,
        "detail": f"187 / 200 · {words['target']} · Bob Lee",
    }
    return {"title": title, "rows": [row]}
