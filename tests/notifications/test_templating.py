"""Sentences are put in when a template is compiled, in the language, with every fact escaped."""

from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, nodes

from config.language import LANGUAGES, catalogue
from notifications.templating import TEMPLATES, SentenceBroken, environment

PARTS = [(language, html) for language in LANGUAGES for html in (False, True)]


def rendered(source: str, language: str = "en", *, html: bool = True, **facts: object) -> str:
    return environment(language, html=html).from_string(source).render(facts)


def sentences() -> list[tuple[str, str, frozenset[str]]]:
    """Return (file, sentence, facts given) of each `t("…")` in the templates."""
    found = []
    plain = Environment(trim_blocks=True, lstrip_blocks=True)
    for path in sorted(TEMPLATES.rglob("*.j2")):
        for call in plain.parse(path.read_text("utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                facts = frozenset(fact.key for fact in call.kwargs)
                found.append((path.name, call.args[0].as_const(), facts))
    return found


@pytest.mark.parametrize(("file", "sentence", "facts"), sentences())
def test_every_sentence_has_its_chinese_with_the_same_facts(
    file: str, sentence: str, facts: frozenset[str]
) -> None:
    chinese = catalogue("zh").get((None, sentence))
    assert chinese, f"{file}: {sentence}"
    for said in (sentence, chinese):
        assert {fact for _, fact, _, _ in Formatter().parse(said) if fact} == facts


@pytest.mark.parametrize(("language", "html"), PARTS)
def test_every_template_compiles(language: str, html: bool) -> None:
    made = environment(language, html=html)
    for path in Path(TEMPLATES / "letters").glob("*.j2"):
        made.get_template(path.name)


def test_a_fact_is_escaped_and_a_sentence_is_not() -> None:
    assert rendered('{{ t("<{x}>", x=x) }}', x="<b>") == "<&lt;b&gt;>"
    assert rendered('{{ t("<{x}>", x=x) }}', html=False, x="<b>") == "<<b>>"


def test_a_fact_in_a_choice_is_escaped_too() -> None:
    assert rendered('{{ t("{x}!", x=x) if x else "" }}', x="<b>") == "&lt;b&gt;!"
    assert rendered('{{ together(false, t("{x}.", x=x), x) }}', x="<b>") == "&lt;b&gt;. &lt;b&gt;"


def test_bold_is_bold_in_html_alone() -> None:
    source = '{{ t("due {x}", x=b(x)) }}'
    assert rendered(source, x="<3") == "due <strong>&lt;3</strong>"
    assert rendered(source, html=False, x="<3") == "due <3"


def test_lines_of_a_user_are_escaped() -> None:
    assert rendered("{{ lines(x) }}", x="<b>\n&") == "&lt;b&gt;<br>\n&amp;"
    assert rendered("{{ lines(x) }}", html=False, x="a\n\nb") == "    a\n    \n    b"


def test_a_fact_that_is_not_given_is_found_when_the_template_is_compiled() -> None:
    with pytest.raises(SentenceBroken, match="has no fact 'x'"):
        rendered('{{ t("due {x}") }}')


def test_a_variable_is_no_sentence() -> None:
    with pytest.raises(SentenceBroken, match="takes a sentence"):
        rendered("{{ t(x) }}", x="{y}")


def test_words_that_came_as_a_fact_are_known_or_left_as_they_are() -> None:
    assert rendered("{{ known(x) }}", "zh", x="Open the matter") == "去办理"
    assert rendered("{{ known(x) }}", "zh", x="{x} <b>") == "{x} &lt;b&gt;"


def test_styles_are_written_into_the_elements_when_a_template_is_loaded() -> None:
    made = environment("zh", html=True)
    assert made.loader is not None
    source, _, _ = made.loader.get_source(made, "layout.j2")
    assert 'class="go" style="display:inline-block;' in source
    assert "{{" in source  # the template's own marks are left alone
