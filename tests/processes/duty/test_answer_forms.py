"""Forms as people see them: every question, in both languages, from one model."""

import pytest
from pydantic import ValidationError

from config.language import catalogue
from processes.duty.answers import KINDS, describe, problems
from processes.duty.forms import CHOICES
from rules.words import DutyKind


def test_every_kind_of_duty_can_be_answered():
    assert set(KINDS) == {kind.value for kind in DutyKind}


def test_what_judges_is_signed():
    unsigned = {kind for kind, how in KINDS.items() if not how.signature}
    judged = {"agree", "verify", "verify_effect", "decide_dispute", "decide", "decide_extension"}
    judged |= {"review", "approve"}
    assert judged <= set(KINDS) - unsigned
    assert {"respond", "act", "draw_up", "revise", "read"} <= unsigned


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_question_has_a_label_and_help_in_both_languages(kind):
    english, chinese = describe(kind, "en"), describe(kind, "zh")
    assert [f.name for f in english] == [f.name for f in chinese]
    for one, other in zip(english, chinese, strict=True):
        assert one.label
        assert one.help
        assert any("一" <= c <= "鿿" for c in other.label)
        assert any("一" <= c <= "鿿" for c in other.help)
        assert [word for word, _ in one.choices] == [word for word, _ in other.choices]


def test_every_choice_has_its_chinese():
    zh = catalogue("zh")
    assert [text for text in CHOICES.values() if (None, text) not in zh] == []


def test_a_word_that_two_questions_share_is_called_differently():
    plan, extension = describe("agree", "en")[0], describe("decide_extension", "en")[0]
    assert dict(plan.choices)["refuse"] == "Send the plan back"
    assert dict(extension.choices)["refuse"] == "Refuse the extension"


def test_the_owners_form_as_a_page_reads_it():
    fields = {field.name: field for field in describe("respond", "en")}
    assert fields["decision"].kind == "choice"
    assert fields["decision"].default == "accept"
    assert fields["method"].choices[0] == ("5why", "5 whys")
    assert fields["cause"].multiline
    assert fields["cause"].most == 10_000
    assert fields["planned_on"].kind == "date"
    assert not any(field.required for field in fields.values())


def test_a_verdict_has_no_default():
    (result, _) = describe("verify", "en")
    assert (result.required, result.default) == (True, "")


@pytest.mark.parametrize(
    ("data", "field", "english"),
    [
        ({}, "result", "this is needed"),
        ({"result": ""}, "result", "this is needed"),
        (
            {"result": "maybe"},
            "result",
            "choose one of: effective (Effective), ineffective (Ineffective)",
        ),
        (
            {"result": "effective", "note": "x" * 10_001},
            "note",
            "too long: at most 10000 characters",
        ),
        ({"result": "effective", "x": "1"}, "x", "there is no such field: leave it out"),
        ({"result": "effective", "note": 7}, "note", "this must be text"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_in_both_languages(data, field, english):
    model = KINDS["verify"].model
    with pytest.raises(ValidationError) as wrong:
        model.model_validate(data)
    assert problems(wrong.value, model, "en") == {field: english}
    chinese = problems(wrong.value, model, "zh")[field]
    assert any("一" <= c <= "鿿" for c in chinese)


def test_a_date_is_asked_as_a_date():
    model = KINDS["respond"].model
    with pytest.raises(ValidationError) as wrong:
        model.model_validate({"planned_on": "2026-13-01"})
    said = problems(wrong.value, model, "en")
    assert said == {"planned_on": "this is no date: write it like 2026-09-28"}


def test_text_is_cleaned_once_on_the_way_in():
    form = KINDS["act"].model.model_validate({"done": " a\r\nb\x00\ud800 "})
    assert form.done == "a\nb"
