"""The daily check looks at indicators: what is special, the month's letter, the proposals."""

from datetime import timedelta

import pytest
from sqlmodel import select

from flows.turning import turn
from flows.witness_kpi import _row
from models.engine import reading
from models.notice import Notice
from models.special import KpiLetter, KpiSpecial
from processes.kpi.board import Attained
from tests.support.cast import at, hire
from tests.support.indicators import indicator, measure

NOW = at("2026-09-14", "09:00")


def mails(letter):
    with reading() as session:
        return session.exec(select(Notice).where(Notice.letter == letter)).all()


def test_a_turn_tells_what_is_special_and_writes_the_letter_once(home):
    hire()
    measure(indicator(), [*[97.2, 96.8] * 11, 97.2, 99.9], first="2024-09")
    for n in range(3):
        turn(NOW + timedelta(days=n))
    with reading() as session:
        assert [row.period for row in session.exec(select(KpiSpecial))] == ["2026-08"]
        assert [row.month for row in session.exec(select(KpiLetter))] == ["2026-08"]
    assert len(mails("special_situation")) == 2  # the owner, the head of quality
    assert len(mails("kpi_report")) == 3  # and whoever leads the owner


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_artifact_says_missing_and_never_a_share_of_nothing(home, language, monkeypatch):
    from config.current import current

    monkeypatch.setattr(current().settings, "language", language)
    none = Attained(month="2026-08", met=0, missed=0, no_data=2, missing=3, awaited=0)
    some = Attained(month="2026-07", met=2, missed=1, no_data=0, missing=0, awaited=0)
    rows = [list(_row(language, one).values()) for one in (none, some)]
    assert rows[0] == ["2026-08", "–", "0 / 0", 0, 3, 2, 0]
    assert rows[1] == ["2026-07", "66.6%", "2 / 3", 1, 0, 0, 0]
