"""What is said of a special situation (特殊情况的说法): one sentence, the target, and the chart."""

from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from config.language import say
from models.special import KpiSpecial
from notifications.charts.series import shown
from processes.kpi import board_charts as kpi_board_charts
from processes.kpi.board_series import Series, target_label
from processes.mail.lines import post
from rules import spc
from rules.kpi import Judgement
from rules.words import LetterKind

NUMBERS: Final = ("value", "lower", "upper", "centre")
NAME_ROOM: Final = 160
# Whether it is good news, and whether the target was attained.
VERDICTS: Final = {
    (True, True): "It is better than usual, and the target ({target}) was attained.",
    (True, False): "It is better than usual, but the target ({target}) was missed.",
    (False, True): "It is worse than usual, although the target ({target}) was attained.",
    (False, False): "It is worse than usual, and the target ({target}) was missed.",
    (None, True): "The target ({target}) was attained.",
    (None, False): "The target ({target}) was missed.",
}


def title(series: Series, row: KpiSpecial, language: str) -> str:
    """Return what the duty is called."""
    name = series.called(language)[:NAME_ROOM]
    return say(language, "{name}, {period}", name=name, period=row.period)


def sentence(row: KpiSpecial, unit: str, language: str) -> str:
    """Return the sentence that a manager understands."""
    facts = dict(row.facts)
    dressed = {name: shown(facts.get(name), unit) for name in NUMBERS}
    return say(language, spc.SENTENCES[row.rule, row.side], **{**facts, **dressed})


def verdict(series: Series, row: KpiSpecial, language: str) -> str:
    """Return whether that is good news, and how the period stands to its target."""
    seen = next((one for one in series.seen if one.period == row.period), None)
    if seen is None or seen.judgement not in {Judgement.MET, Judgement.MISSED}:
        return ""
    words = VERDICTS[row.favourable, seen.judgement is Judgement.MET]
    return say(language, words, target=target_label(series, seen.target))


def facts(series: Series, chart: spc.Chart, row: KpiSpecial, language: str) -> dict[str, Any]:
    """Return what the letter to one reader says."""
    return {
        "subject": row.code,
        "title": title(series, row, language),
        "name": series.called(language)[:NAME_ROOM],
        "period": row.period,
        "sentence": sentence(row, series.unit, language),
        "verdict": verdict(series, row, language),
        "charts": [kpi_board_charts.drawn(series, chart, special={row.period}, language=language)],
    }


def tell(
    session: Session, row: KpiSpecial, person: int, said: dict[str, Any], *, at: datetime
) -> None:
    """Promise the letter to somebody who owes nothing about it."""
    link = f"{current().settings.base_url}/kpis/special/{row.code}"
    post(
        session,
        letter=LetterKind.SPECIAL_SITUATION,
        ref=f"special:{row.code}",
        person_id=person,
        at=at,
        facts={**said, "link": link},
    )
