"""The board: what is missing is shown as missing, and a rate never stands without its counts."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from processes.kpi import board as kpi_board
from processes.kpi import special
from processes.kpi.board import CellState, Wanted
from processes.kpi.board_excel import workbook
from rules.kpi import Direction, Element
from rules.period import Frequency
from tests.support.cast import at, hire
from tests.support.indicators import indicator, measure

NOW = at("2026-09-20")  # August is over and owed since the first days of September


@pytest.fixture
def cast(home):
    return hire()


def read(**wanted):
    return kpi_board.read(Wanted(**wanted), at=NOW, people=None)


def states(row):
    return {cell.period: cell.state for cell in row.cells}


def test_each_period_says_what_it_is(cast):
    kpi = indicator(since=date(2026, 1, 1))
    measure(kpi, [(96, 100), (90, 100), (0, 0), None, (95, 100)], first="2026-01")
    (row,) = read().rows
    assert states(row) == {
        "2026-01": CellState.MET,
        "2026-02": CellState.MISSED,
        "2026-03": CellState.NO_DATA,
        "2026-04": CellState.MISSING,
        "2026-05": CellState.MET,
        "2026-06": CellState.MISSING,
        "2026-07": CellState.MISSING,
        "2026-08": CellState.MISSING,
    }
    assert row.newest.period == "2026-05"
    assert (row.newest.numerator, row.newest.denominator) == (95, 100)
    assert row.target == "≥ 95%"


def test_what_is_not_owed_yet_is_not_missing(cast):
    indicator(since=date(2026, 8, 1))
    early = kpi_board.read(Wanted(), at=at("2026-09-02"), people=None)
    assert states(early.rows[0]) == {"2026-08": CellState.AWAITED}
    assert states(read().rows[0]) == {"2026-08": CellState.MISSING}


def test_an_indicator_without_a_value_is_on_the_board(cast):
    indicator(since=date(2026, 7, 1))
    (row,) = read().rows
    assert row.newest is None
    assert row.target == ""
    assert row.state is CellState.MISSING


def test_months_count_what_ended_in_them(cast):
    measure(indicator(since=date(2026, 6, 1)), [96, 90, 97], first="2026-06")
    measure(
        indicator("K2", frequency=Frequency.QUARTER, since=date(2026, 4, 1)), [97], first="2026-Q2"
    )
    by_month = {one.month: one for one in read().months}
    assert (by_month["2026-06"].met, by_month["2026-06"].judged) == (2, 2)
    assert by_month["2026-07"].missed == 1
    assert by_month["2026-07"].share == 0
    assert by_month["2026-08"].share == 100


def test_nothing_judged_has_no_share(cast):
    measure(indicator(since=date(2026, 8, 1)), [(0, 0)], first="2026-08")
    (month,) = read().months
    assert month.share is None
    assert month.no_data == 1


def test_a_share_is_never_rounded_up(cast):
    for n in range(3):
        measure(indicator(f"K{n}", since=date(2026, 8, 1)), [90 if n else 96], first="2026-08")
    assert read().months[0].share == Decimal("33.3")
    for n in range(3, 6):
        measure(indicator(f"K{n}", since=date(2026, 8, 1)), [96], first="2026-08")
    assert read().months[0].share == Decimal("66.6")


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ({"element": "people"}, {"K2"}),
        ({"owner": "chen"}, {"K3"}),
        ({"frequency": "year"}, {"K2"}),
        ({"project": "P1"}, {"K3"}),
        ({"special_only": True}, set()),
        ({}, {"K1", "K2", "K3"}),
    ],
)
def test_filters(cast, wanted, codes):
    measure(indicator("K1"), [96], first="2026-08")
    indicator("K2", element=Element.PEOPLE, frequency=Frequency.YEAR)
    measure(indicator("K3", owner="chen"), [96], first="2026-08", scope="project=P1")
    assert {row.series.code for row in read(**wanted).rows} == codes


def test_a_reader_sees_what_his_people_answer_for(cast):
    indicator("K1")
    indicator("K2", owner="chen")
    seen = kpi_board.read(Wanted(), at=NOW, people={cast["chen"]})
    assert [row.series.code for row in seen.rows] == ["K2"]


def test_what_is_special_is_marked_with_its_sentence(cast):
    measure(indicator(), [97.2, 96.8] * 15 + [96.9, 80], first="2024-01")
    special.look(at=NOW)
    (row,) = read(special_only=True).rows
    assert [cell.period for cell in row.cells if cell.special] == ["2026-08"]
    assert "80%" in kpi_board.said(row, "zh")[0]
    assert "80% in 2026-08 is below" in kpi_board.said(row, "en")[0]


def test_old_values_before_tracking_are_shown_and_none_are_missing(cast):
    measure(indicator(since=date(2026, 8, 1)), [96] * 6, first="2026-03")
    assert set(states(read().rows[0]).values()) == {CellState.MET}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_says_missing_and_never_zero(cast, language):
    kpi = indicator(name="=HYPERLINK(1)", name_en="=1+1", since=date(2026, 6, 1))
    measure(kpi, [(9, 10), None], first="2026-06", direction=Direction.AT_LEAST)
    book = CalamineWorkbook.from_filelike(BytesIO(workbook(read(), at=NOW, language=language)))
    first, second = (book.get_sheet_by_index(n).to_python() for n in (0, 1))
    line = next(row for row in first if row[0] == "K1")
    assert line[1].startswith("=")
    assert "90✕" in line
    assert {"zh": "缺数", "en": "value missing"}[language] in line
    assert 0 not in line
    assert any(row[:2] == ["K1", line[1]] and "10" in map(str, row) for row in second)
