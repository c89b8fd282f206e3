"""What stands beside the steps of an SLA's approval (SLA 审批旁注): its lines, and what changed."""

from typing import Final

from sqlmodel import Session

from config.language import say
from models.contract import Sla, SlaLine
from models.duty import Duty
from processes.contract import sla, standing
from processes.duty import beside
from processes.duty.subject import Subject
from rules.contract import SlaState
from rules.words import DutyKind

LINE: Final = "{indicator} {direction} {target} {unit}, from {n} cases"


def said(line: SlaLine, language: str) -> str:
    """Return a line in one sentence."""
    facts = {
        "indicator": line.indicator,
        "direction": line.direction.value,
        "target": str(line.target),
        "unit": line.unit,
        "n": line.minimum_n,
    }
    return say(language, LINE, **facts)


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return the lines of the version that a duty is about, those that changed marked."""
    if duty.subject_kind != sla.KIND:
        return []
    contract = standing.by_code(session, duty.subject)
    versions = sla.versions(session, contract.id or 0)
    shown = versions[0]
    before = next((one for one in versions[1:] if one.state is SlaState.IN_FORCE), None)
    if duty.kind == DutyKind.READ:
        shown = next((one for one in versions if one.state is SlaState.IN_FORCE), shown)
        before = None
    return [
        (say(language, "Contract"), f"{contract.code} {contract.name}"),
        (say(language, "Version"), str(shown.version)),
        *_lines(session, shown, before, language),
    ]


def _lines(session: Session, shown: Sla, before: Sla | None, language: str) -> list[beside.Fact]:
    old = {one.code: said(one, language) for one in sla.lines(session, before)} if before else {}
    found = []
    for one in sla.lines(session, shown):
        text = said(one, language)
        was = old.pop(one.code, None)
        if before is not None and was is None:
            text = say(language, "{line} (new)", line=text)
        elif was is not None and was != text:
            text = say(language, "{line} (before: {was})", line=text, was=was)
        found.append((one.code, text))
    gone = [(code, say(language, "dropped; before: {was}", was=was)) for code, was in old.items()]
    return [*found, *gone]


STEPS: Final = (
    *(DutyKind.DRAW_UP, DutyKind.REVISE, DutyKind.REVIEW, DutyKind.APPROVE, DutyKind.READ),
)
FACTS: Final = dict.fromkeys(STEPS, _facts)
SUBJECTS: Final = {sla.KIND: Subject(called="SLA of the contract {code}")}
