"""The kind of duty by which a special situation is explained (说明特殊情况)."""

from typing import Final

from sqlmodel import Session

from config.language import say
from models.duty import Duty
from models.kpi import Kpi
from processes.duty import beside
from processes.duty.deed import Deed
from processes.duty.kind import Kind
from processes.kpi import special, special_letters
from processes.kpi.forms_special import ExplainSpecial, Lasting
from rules.words import DutyKind

KEPT: Final = "Your explanation is kept with the chart, for the board and the next review."
ANEW: Final = "Your explanation is kept; what is usual is learnt anew from these periods on."


def _explain(deed: Deed, form: ExplainSpecial) -> str:
    lasting = form.lasting is Lasting.LASTING
    special.explain(
        deed.session,
        deed.duty,
        text=form.explanation,
        lasting=lasting,
        by_id=deed.person_id,
        at=deed.at,
        actor=deed.actor,
    )
    deed.discharge()
    return ANEW if lasting else KEPT


def _facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return what is unusual, for the page beside the form."""
    row = special.by_code(session, duty.subject)
    kpi = session.get(Kpi, row.kpi_id) if row is not None else None
    if row is None or kpi is None:
        return []
    return [
        (say(language, "Indicator"), kpi.name_en if language == "en" and kpi.name_en else kpi.name),
        (say(language, "Period"), row.period),
        (say(language, "What is unusual"), special_letters.sentence(row, kpi.unit, language)),
    ]


beside.FACTS.setdefault(DutyKind.EXPLAIN_SPECIAL, []).append(_facts)

KINDS: Final = (Kind(kind=DutyKind.EXPLAIN_SPECIAL, model=ExplainSpecial, settle=_explain),)
