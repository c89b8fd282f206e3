"""Special situations: each told once, with the chart; explained in a sentence."""

import pytest
from sqlmodel import select

from models.duty import Duty
from models.engine import reading
from models.special import KpiSpecial
from processes.duty import answers
from processes.kpi import special
from processes.mail import outbox
from rules.words import DutyKind, DutyState, LetterKind
from tests.support.cast import at, change, codes_by_id, hire, lines, told
from tests.support.indicators import correct, indicator, measure

NOW = at("2026-02-03")
QUIET = [97.2 if n % 2 else 96.8 for n in range(24)]  # 2024-01 to 2025-12


@pytest.fixture
def li(home):
    """Li's indicator was quiet for two years; January 2026 was not, and yet above target."""
    hire()
    kpi = indicator()
    measure(kpi, [*QUIET, 99.9])
    return kpi


def rows():
    with reading() as session:
        return session.exec(select(KpiSpecial)).all()


def duty():
    with reading() as session:
        return session.exec(select(Duty).where(Duty.kind == DutyKind.EXPLAIN_SPECIAL)).one()


def test_what_is_unusual_is_told_even_though_the_target_is_met(li):
    assert special.look(at=NOW) == special.Looked(found=1, told=1)
    (row,) = rows()
    assert (row.period, row.favourable, row.code) == ("2026-01", True, "TS-0001")
    assert told(LetterKind.SPECIAL_SITUATION) == ["li", "qin"]
    said = lines(letter=LetterKind.SPECIAL_SITUATION)[0].facts
    assert "2026-01" in said["sentence"]
    assert "99.9%" in said["sentence"]
    assert said["verdict"] == "优于平常，且已达标（目标≥ 95%）。"
    assert said["charts"][0]["points"][-1] == ["2026-01", 99.9, False, True]


def test_looking_twice_finds_nothing_more(li):
    special.look(at=NOW)
    assert special.look(at=NOW) == special.Looked()
    measure(li, [97], first="2026-02")
    assert special.look(at=at("2026-03-03")) == special.Looked()
    assert len(rows()) == 1
    assert len(lines(letter=LetterKind.SPECIAL_SITUATION)) == 2


def test_what_lies_far_back_is_marked_and_asks_nobody(home):
    hire()
    measure(indicator(), [*QUIET, 99.9])
    assert special.look(at=at("2026-08-03")) == special.Looked(found=1, told=0)
    assert lines() == []
    assert rows()[0].duty_id is None


def test_the_owner_explains_it_in_one_sentence(li):
    special.look(at=NOW)
    answers.answer(
        duty().id,
        person_id=duty().owner_id,
        data={"explanation": "元旦期间工单\n很少。", "lasting": "once"},
        at=NOW,
        via="test",
    )
    (row,) = rows()
    assert row.explanation == "元旦期间工单 很少。"
    assert codes_by_id()[row.explained_by_id] == "li"
    assert duty().state is DutyState.DISCHARGED


def test_an_empty_sentence_explains_nothing(li):
    special.look(at=NOW)
    with pytest.raises(ValueError, match="explanation"):
        answers.answer(duty().id, person_id=duty().owner_id, data={}, at=NOW, via="test")


def test_what_lasts_is_learnt_anew(home):
    hire()
    kpi = indicator()
    measure(kpi, [*QUIET, 99.2])
    special.look(at=NOW)
    answers.answer(
        duty().id,
        person_id=duty().owner_id,
        data={"explanation": "启用了新工具。", "lasting": "lasting"},
        at=NOW,
        via="test",
    )
    measure(kpi, [99.2] * 14, first="2026-02")
    assert special.look(at=at("2027-04-03")) == special.Looked()
    measure(kpi, [97], first="2027-04")
    assert special.look(at=at("2027-05-06")).told == 1


def test_a_correction_takes_the_question_back(li):
    special.look(at=NOW)
    correct(li, "2026-01", 97)
    assert special.look(at=NOW).withdrawn == 1
    assert duty().state is DutyState.WITHDRAWN
    assert rows()[0].withdrawn_at is not None
    correct(li, "2026-01", 99.9)
    special.look(at=NOW)
    assert rows()[0].withdrawn_at is None
    assert len(rows()) == 1


def test_what_was_explained_stays_although_it_was_corrected(li):
    special.look(at=NOW)
    answers.answer(
        duty().id, person_id=duty().owner_id, data={"explanation": "说明"}, at=NOW, via="test"
    )
    correct(li, "2026-01", 97)
    assert special.look(at=NOW).withdrawn == 0
    assert rows()[0].explanation == "说明"


def test_a_project_s_own_figure_is_explained_by_its_manager(home):
    hire()
    measure(indicator(), [*QUIET, 99.9], scope="project=P1")
    special.look(at=NOW)
    assert told(LetterKind.SPECIAL_SITUATION) == ["sun", "qin"]
    assert duty().project == "P1"


def test_each_reader_is_told_in_his_language(li):
    change("qin", language="en")
    special.look(at=NOW)
    mine, heads = lines(letter=LetterKind.SPECIAL_SITUATION)
    assert mine.facts["name"] == "SLA达成率"
    assert heads.facts["name"] == "SLA attainment"
    assert heads.facts["sentence"].startswith("99.9% in 2026-01 is above")
    assert outbox.gather(NOW).unrenderable == 0


def test_too_few_values_are_never_special(home):
    hire()
    measure(indicator(), [97, 96] * 5 + [20], first="2025-03")
    assert special.look(at=NOW) == special.Looked()


def test_a_missing_month_is_not_a_value(home):
    hire()
    values = [*QUIET]
    values[5] = values[9] = None
    measure(indicator(), values)
    assert special.look(at=NOW) == special.Looked()
