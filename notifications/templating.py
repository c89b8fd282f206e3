"""The templates (模板): one file a letter with its sentences, one layout for text, one for HTML.

Both parts of a mail are made from the same sentences, so that they cannot say different
things. Whatever is the same in every letter is done once, when a template is compiled: a sentence
`t("…")` is replaced by its translation, and styles are written into the elements, where mail
programs want them. In HTML every fact is escaped; only our own sentences are not.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from string import Formatter
from typing import Any, Final

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from config.language import catalogue, label
from notifications.views import details, ordinal, remark, row

TEMPLATES: Final = Path(__file__).parent / "templates"
PARTS: Final = frozenset({"html", "text"})  # the layouts; every other folder holds letters
SHARED: Final = ("parts", "levels", "advice")  # macros that every letter may use by name
CLASS: Final = re.compile(r'class="([^"{}]+)"')
INDENT: Final = re.compile(r"\n\s+")


class SentenceBroken(ValueError):
    """A sentence or its translation names a fact that the template does not give."""


class _Sentences(NodeTransformer):
    """Puts translated sentences where a template says `t("…", fact=…)`, and bold where `b(…)`."""

    def __init__(self, language: str) -> None:
        self._language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - jinja's own name
        self.generic_visit(node)
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        if called == "t":
            return nodes.Concat(list(self._said(node)), lineno=node.lineno)
        if called == "b":
            bold = [_ours("<strong>"), node.args[0], _ours("</strong>")]
            html = node.environment is not None and bool(node.environment.autoescape)
            return nodes.Concat(bold if html else [node.args[0]], lineno=node.lineno)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        """Write the parts of a sentence one by one: joining them first takes twice as long."""
        self.generic_visit(node)
        flat = (part.nodes if isinstance(part, nodes.Concat) else [part] for part in node.nodes)
        return nodes.Output([one for part in flat for one in part], lineno=node.lineno)

    def _said(self, node: nodes.Call) -> Iterator[nodes.Expr]:
        if not isinstance(node.args[0], nodes.Const):
            raise SentenceBroken(f"t() takes a sentence, known() a variable (line {node.lineno})")
        sentence = node.args[0].value
        facts = {fact.key: fact.value for fact in node.kwargs}
        translated = catalogue(self._language).get((None, sentence), sentence)
        for words, fact, _, _ in Formatter().parse(translated):
            if words:
                yield _ours(words)
            if fact is not None and fact not in facts:
                raise SentenceBroken(f"{sentence!r} has no fact {fact!r} (line {node.lineno})")
            if fact is not None:
                yield facts[fact]


def _ours(words: str) -> nodes.Expr:
    return nodes.MarkSafe(nodes.Const(words))


class _Letters(Environment):
    """An environment of one language, whose templates are compiled with its sentences in them."""

    language = "en"

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        translated: nodes.Template = _Sentences(self.language).visit(parsed)
        return translated.set_environment(self)  # type: ignore[return-value]


class _Inlined(FileSystemLoader):
    """Loads a template with its `class` attributes' styles beside them, and without indents."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, template)
        return INDENT.sub("\n", CLASS.sub(_styled, source)), path, fresh


def _styled(found: re.Match[str]) -> str:
    return f'{found.group()} style="{_style(found.group(1))}"'


@lru_cache(maxsize=256)
def _style(classes: str) -> str:
    """Ask the CSS engine what an element of these classes looks like."""
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False)
    css = (TEMPLATES / "letter.css").read_text("utf-8")
    styled = inliner.inline_fragment(f'<div class="{classes}"></div>', css)
    found = re.search(r'style="([^"]*)"', styled)
    if found is None:
        raise SentenceBroken(f"letter.css says nothing about class {classes!r}")
    return found.group(1).replace(": ", ":").replace(", ", ",").rstrip("; ")


@lru_cache(maxsize=4)
def environment(language: str, *, html: bool) -> Environment:
    """Return the environment of one part in one language; templates are compiled once."""
    own = sorted(path for path in TEMPLATES.iterdir() if path.is_dir() and path.name not in PARTS)
    paths = [TEMPLATES / ("html" if html else "text"), *own]
    made = _Letters(
        loader=_Inlined(paths) if html else FileSystemLoader(paths),
        autoescape=html,  # the text part is no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.language = language
    made.globals |= {
        "language": language,
        "label": partial(label, language),
        "known": partial(_known, language),
        "ordinal": partial(ordinal, language),
        "gap": _gap(language),
        "together": _together(language, html=html),
        "lines": _lines_html if html else _lines_text,
        "details_of": partial(details, language),
        "row_of": partial(row, language),
        "remark_of": partial(remark, language),
    }
    for shared in SHARED:
        made.globals[shared] = made.get_template(f"{shared}.j2").module
    return made


def template(language: str, name: str, *, html: bool) -> Template:
    """Return a letter's template."""
    return environment(language, html=html).get_template(f"{name}.j2")


def _known(language: str, words: str) -> str:
    """Return the translation of words that came as a fact; a user's own are left as they are."""
    return catalogue(language).get((None, words), words)


def _gap(language: str) -> str:
    """Return what stands between two sentences: nothing after a Chinese full stop."""
    return "" if language == "zh" else " "


def _together(language: str, *, html: bool) -> Callable[..., str]:
    """Return a function that joins the sentences that apply, leaving out what is empty or False."""
    gap = Markup(_gap(language)) if html else _gap(language)  # noqa: S704 - a blank

    def together(*sentences: Any) -> str:
        return gap.join(sentence for sentence in sentences if sentence)

    return together


def _lines_html(text: str) -> str:
    return Markup("<br>\n").join(escape(row) for row in text.split("\n"))


def _lines_text(text: str) -> str:
    """Indent what somebody wrote, so that it cannot be taken for what we say."""
    return "\n".join(f"    {row}" for row in text.split("\n"))
