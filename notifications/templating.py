"""The templates (模板): one file a letter with its sentences, one layout for text, one for HTML.

Both parts of a mail are made from the same sentences, so that they cannot say different
things. In HTML every fact of a sentence is escaped; the sentence itself is ours. Styles are
written into the elements when a template is loaded, never a letter at a time: mail programs
want them there, and inlining costs more than rendering.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from config.language import label, say

TEMPLATES: Final = Path(__file__).parent / "templates"
CLASS: Final = re.compile(r'class="([^"{}]+)"')
INDENT: Final = re.compile(r"\n\s+")

Say = Callable[..., str]


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
        raise ValueError(f"letter.css says nothing about class {classes!r}")
    return found.group(1).replace(": ", ":").replace(";  ", ";").rstrip("; ")


@lru_cache(maxsize=4)
def environment(language: str, *, html: bool) -> Environment:
    """Return the environment of one part in one language; templates are compiled once."""
    part = "html" if html else "text"
    paths = [TEMPLATES / part, TEMPLATES / "letters"]
    made = Environment(
        loader=_Inlined(paths) if html else FileSystemLoader(paths),
        autoescape=html,  # noqa: S701 - the text part is no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        keep_trailing_newline=False,
    )
    made.globals |= {
        "language": language,
        "gap": _gap(language),
        "together": _together(language, html=html),
        "t": _say_html(language) if html else _say_text(language),
        "b": _bold if html else _plain,
        "label": lambda word, kind: label(language, word, kind),
        "lines": _lines_html if html else _lines_text,
    }
    for shared in ("parts", "levels", "advice"):
        made.globals[shared] = made.get_template(f"{shared}.j2").module
    return made


def template(language: str, name: str, *, html: bool) -> Template:
    """Return a letter's template."""
    return environment(language, html=html).get_template(f"{name}.j2")


def _say_text(language: str) -> Say:
    def t(sentence: str, **facts: Any) -> str:
        return say(language, sentence, **facts)

    return t


def _say_html(language: str) -> Say:
    def t(sentence: str, **facts: Any) -> str:
        escaped = {key: escape(fact) for key, fact in facts.items()}
        return Markup(say(language, sentence, **escaped))  # noqa: S704 - every fact is escaped

    return t


def _gap(language: str) -> str:
    """Return what stands between two sentences: nothing after a Chinese full stop."""
    return "" if language == "zh" else " "


def _together(language: str, *, html: bool) -> Say:
    """Return a function that joins the sentences that apply, leaving out what is empty or False."""
    gap = Markup(_gap(language)) if html else _gap(language)  # noqa: S704 - a blank

    def together(*sentences: Any) -> str:
        return gap.join(sentence for sentence in sentences if sentence)

    return together


def _bold(text: str) -> str:
    return Markup("<strong>{}</strong>").format(text)


def _plain(text: str) -> str:
    return text


def _lines_html(text: str) -> str:
    return Markup("<br>\n").join(text.split("\n"))


def _lines_text(text: str) -> str:
    """Indent what somebody wrote, so that it cannot be taken for what we say."""
    return "\n".join(f"    {row}" for row in text.split("\n"))
