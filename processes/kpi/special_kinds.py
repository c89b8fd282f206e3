"""The kind of duty by which a special situation is explained (说明特殊情况)."""

from typing import Final

from sqlmodel import Session

from config.language import say
from models.duty import Duty
from models.kpi import Kpi
from processes.duty import beside
from processes.duty.deed import Deed
from processes.duty.kind import Kind, kind_table
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


FACTS: Final = {DutyKind.EXPLAIN_SPECIAL: _facts}

KINDS: Final = kind_table(
    Kind(
        kind=DutyKind.EXPLAIN_SPECIAL,
        handed_over=True,
        asks="Explain in one sentence what happened",
        follows="Your sentence stands beside the chart, on the board and in the next review.",
        advice="Please say in one sentence what happened, and whether it lasts.",
        form=ExplainSpecial,
        settle=_explain,
    ),
)
