"""When the indicator itself has to change (指标本身需调整): said with the cause, kept for the plan.

A miss may show that the target or the formula is wrong and not the work. The owner says so
when he answers, quality decides with the plan or the dispute, and the proposal goes to next
year's plan. The indicator stays as it is until then.
"""

from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models.duty import Duty
from models.kpi import Kpi
from models.nonconformity import Nonconformity
from processes.duty.deed import Deed
from processes.improvement import proposals as improvements
from processes.kpi import misses as kpi_misses
from processes.nonconformity import rows

FIELD: Final = "indicator_change"


def responded(deed: Deed, nonconformity: Nonconformity, form: Any) -> None:
    """Keep what the owner says must change in the indicator."""
    wanted = getattr(form, FIELD, "")
    found = kpi_misses.misses_of(deed.session, nonconformity.code)
    if found and wanted != found[-1].indicator_change:
        found[-1].indicator_change = wanted
        deed.session.add(found[-1])
        deed.session.flush()


def agreed(deed: Deed, nonconformity: Nonconformity) -> None:
    """Quality agrees: the change of the indicator is proposed for next year's plan."""
    found = kpi_misses.misses_of(deed.session, nonconformity.code)
    wanted = found[-1].indicator_change if found else ""
    if not wanted:
        return
    kpi = deed.session.get_one(Kpi, found[-1].kpi_id)
    deed.record(
        "kpi.change_proposed",
        rows.subject(nonconformity.code),
        after={"kpi": kpi.code, "change": wanted},
    )
    now = current()
    improvements.propose(
        deed.session,
        source=kpi_misses.SOURCE,
        ref=f"{kpi.code} {nonconformity.code}",
        text=say(
            now.settings.language,
            "Change of the indicator {code} {name}: {change}",
            code=kpi.code,
            name=kpi.name,
            change=wanted,
        ),
        cycle=str(now.calendar.day(deed.at).year),
        at=deed.at,
    )


def idle(session: Session, duty: Duty) -> frozenset[str]:
    """Leave the question out where no indicator was missed."""
    source = session.exec(
        select(Nonconformity.source).where(col(Nonconformity.code) == duty.subject)
    ).first()
    return frozenset() if source == kpi_misses.SOURCE else frozenset({FIELD})
