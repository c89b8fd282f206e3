"""Two languages: sentences with facts, labels, instants and dates."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from config.language import label, listed, say, show_date, show_instant
from rules.words import Severity

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 9, 28, 10, 0, tzinfo=UTC)


def test_says_a_sentence_with_its_facts_in_either_language():
    sentence = "there is no {what} {code}"
    assert say("zh", sentence, what="person", code="li") == "没有编号为 li 的人员"
    assert say("en", sentence, what="person", code="li") == "there is no person li"


def test_a_sentence_without_a_translation_is_english():
    assert say("zh", "nobody has translated {this}", this="me") == "nobody has translated me"


def test_braces_in_what_a_user_wrote_stay_as_they_are():
    wrote = "{language} {0} {code.__class__}"
    assert say("zh", "there is no {what} {code}", what="duty", code=wrote).count(wrote) == 1


def test_a_fact_that_is_our_word_appears_by_its_label():
    assert say("zh", "{severity}", severity=Severity.MAJOR) == "严重"
    assert say("en", "{day}", day=date(2026, 9, 28)) == "Mon 28 Sep 2026"


@pytest.mark.parametrize(("language", "word", "kind", "called"), [
    ("zh", "major", "severity", "严重"),
    ("zh", Severity.OBSERVATION, "severity", "观察项"),
    ("en", "vp_operations", "role", "vice president, operations"),
    ("zh", "vp_operations", "role", "运维副总"),
    ("zh", "verify", "duty_kind", "有效性验证"),
    ("zh", "closed", "nonconformity_state", "已关闭"),
    ("zh", "kpi_miss", "source", "指标未达成"),
    ("zh", "fishbone", "method", "鱼骨图"),
    ("zh", "集团督查", "source", "集团督查"),  # a customer's own word stays
])  # fmt: skip
def test_labels(language, word, kind, called):
    assert label(language, word, kind) == called


def test_a_sort_of_word_that_does_not_exist_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        label("zh", "major", "serverity")


@pytest.mark.parametrize(("language", "zone", "shown"), [
    ("zh", SHANGHAI, "2026年9月28日（周一）18:00（北京时间）"),
    ("en", SHANGHAI, "Mon 28 Sep 2026, 18:00 (UTC+8)"),
    ("zh", ZoneInfo("Asia/Urumqi"), "2026年9月28日（周一）16:00（UTC+6）"),
    ("en", ZoneInfo("America/St_Johns"), "Mon 28 Sep 2026, 07:30 (UTC-2:30)"),  # summer time
    ("en", ZoneInfo("Etc/UTC"), "Mon 28 Sep 2026, 10:00 (UTC)"),
])  # fmt: skip
def test_an_instant_is_shown_on_the_sites_clock_with_the_zone_named(language, zone, shown):
    assert show_instant(language, AT, zone) == shown


def test_tables_show_instants_briefly():
    assert show_instant("zh", AT, SHANGHAI, brief=True) == "2026-09-28 18:00"


def test_dates_and_lists():
    assert show_date("zh", date(2026, 10, 1)) == "2026年10月1日（周四）"
    assert show_date("en", date(2026, 10, 1)) == "Thu 1 Oct 2026"
    assert listed("zh", ["a", "b"]) == "a、b"
    assert listed("en", ["a", "b"]) == "a, b"
