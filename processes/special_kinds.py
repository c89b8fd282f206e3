"""The kind of duty by which a special situation is explained (说明特殊情况)."""

from typing import Final

from processes import special
from processes.answers.forms_special import ExplainSpecial, Lasting
from processes.answers.kind import Kind
from processes.deed import Deed
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


KINDS: Final = (Kind(kind=DutyKind.EXPLAIN_SPECIAL, model=ExplainSpecial, settle=_explain),)
