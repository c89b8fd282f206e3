"""Chinese is complete: every sentence and every label has its translation, with the same facts."""

import typer
from babel.messages.pofile import read_po

from config.labels import LABELS, SORTS
from config.language import LOCALE, catalogue
from models.notice import NoticeState
from service import main
from tests.config import sentences


def _messages():
    for path in sorted((LOCALE / "zh").glob("*.po")):
        with path.open("rb") as file:
            catalogue_of_file = read_po(file, locale="zh", abort_invalid=True)
        yield from ((path.name, message) for message in catalogue_of_file if message.id)


def _report(problems):
    return "\n".join(["", *sorted(set(problems))])


def test_every_sentence_has_its_chinese():
    zh = catalogue("zh")
    missing = [
        f"{one.where}: {one.text!r}" for one in sentences.everything() if (None, one.text) not in zh
    ]
    assert not missing, _report(missing)


def test_the_chinese_names_the_same_facts():
    zh = catalogue("zh")
    wrong = [
        f"{text!r} names {sorted(sentences.placeholders(text))}, its Chinese {sorted(other)}"
        for (_, text), chinese in zh.items()
        if (other := sentences.placeholders(chinese)) != sentences.placeholders(text)
    ]
    assert not wrong, _report(wrong)


def test_every_sentence_is_given_the_facts_it_names():
    wrong = [
        f"{one.where}: {one.text!r} lacks {sorted(one.placeholders - one.facts)}"
        for one in sentences.everything()
        if one.facts is not None and one.placeholders - one.facts
    ]
    assert not wrong, _report(wrong)


def test_no_sentence_has_two_translations():
    found, wrong = {}, []
    for file, message in _messages():
        key = message.context, message.id
        if found.setdefault(key, message.string) != message.string:
            wrong.append(f"{file}: {message.id!r} is translated otherwise elsewhere")
    assert not wrong, _report(wrong)


def test_nothing_is_left_half_translated():
    wrong = [
        f"{file}: {message.id!r}"
        for file, message in _messages()
        if message.fuzzy or not message.string
    ]
    assert not wrong, _report(wrong)


def test_every_label_has_its_chinese():
    zh = catalogue("zh")
    missing = [
        f"{kind}: {english!r}"
        for kind, words in LABELS.items()
        for english in words.values()
        if (kind, english) not in zh
    ]
    assert not missing, _report(missing)


def test_every_help_text_of_the_command_line_has_its_chinese():
    zh, missing = catalogue("zh"), []
    commands = [typer.main.get_command(main.app)]
    while commands:
        command = commands.pop()
        commands += getattr(command, "commands", {}).values()
        texts = [command.help, *(getattr(option, "help", None) for option in command.params)]
        missing += [repr(text) for text in texts if text and (None, text) not in zh]
    assert not missing, _report(missing)


def test_every_word_of_ours_has_a_label():
    kinds = {**SORTS, NoticeState: "notice_state"}
    missing = [
        f"{kind}: {word.value}"
        for words, kind in kinds.items()
        for word in words
        if word.value not in LABELS[kind]
    ]
    assert not missing, _report(missing)


# --- the finder itself -----------------------------------------------------------------

SOURCE = """
say(language, "one {a}", a=1)
say(language, "two" if x else "three")
problems.say("four {row}", row=row)
Wrong("five")
class No(Refused):
    sentence = "six"
Problem(sentence="seven")
say(language, variable)
ASKS: Final = {Kind.ACT: "eight words", Kind.AGREE: ("nine", "Ten")}
COLUMNS = ("code", "name")
"""


def test_finds_sentences_in_code():
    found = list(sentences.in_python(SOURCE, "processes/x.py"))
    assert {one.text for one in found} == {
        "one {a}", "two", "three", "four {row}", "five", "six", "seven",
        "eight words", "Ten",
    }  # fmt: skip
    assert next(one for one in found if one.text == "one {a}").facts == {"a"}


def test_finds_titles_and_help_of_answers_only():
    source = 'x: str = Field(title="Cause", description="Why.")'
    assert len(list(sentences.in_python(source, "processes/duty/forms.py"))) == 2
    assert not list(sentences.in_python(source, "flows/parameters.py"))


def test_finds_sentences_in_templates():
    source = "<p title='{{ t('one') }}'>{{ t(\n  \"two {x}\", x=1) }}{{ t('a' if y else 'b') }}</p>"
    assert [s.text for s in sentences.in_template(source, "x")] == ["one", "two {x}", "a", "b"]
