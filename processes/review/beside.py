"""What stands beside the form of whoever confirms a management review (管理评审待办旁注).

He sees what was concluded and decided by his letter's link alone: his word puts it into force.
"""

from sqlmodel import Session

from config.language import label, say
from models.duty import Duty
from processes.duty import beside
from processes.duty.beside import Fact
from processes.plan.activities import KIND
from processes.review.holding import latest
from rules.words import DutyKind

JUDGED = (("Suitable", "suitable"), ("Adequate", "adequate"), ("Effective", "effective"))


def concluded(session: Session, duty: Duty, language: str) -> list[Fact]:
    """Return the conclusions and the decisions that are to be confirmed, line by line."""
    held = latest(session, duty.subject) if duty.subject_kind == KIND else None
    if held is None:
        return []
    facts = [
        (say(language, called), label(language, held.words.get(word, ""), "review_judgement"))
        for called, word in JUDGED
    ]
    if attendance := held.words.get("attendance"):
        facts.append((say(language, "Who took part"), attendance))
    for one in held.decisions:
        who = label(language, one["who"], "role") if one["who"] else ""
        parts = (label(language, one["kind"], "review_decision"), who, one["until"] or "")
        said = f"{one['what']}\n" + " · ".join(part for part in parts if part)
        facts.append((say(language, "Decision {n}", n=one["number"]), said))
    return facts


beside.FACTS.setdefault(DutyKind.CHECK_ACTIVITY, []).append(concluded)
