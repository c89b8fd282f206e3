"""Finds every sentence that a person may read, in code and in templates."""

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
FOLDERS = (
    *("rules", "config", "models", "notifications", "processes"),
    *("tasks", "flows", "web", "service"),
)
TEMPLATES = {".html", ".txt", ".j2"}

# Calls whose argument is a sentence, and which one it is.
CALLS = {"say": 1, "t": 0, "Wrong": 0, "Unfit": 0, "step": 0, "Problem": 1, "problem": 1}
# Only these are given the facts where they are written.
SPOKEN = {"say", "t"}

# Constants that hold English for another reason, or have a test of their own.
NOT_SAID = {
    # what servers say to us
    "notifications/replies.py": {"NOBODY", "TOWARDS_US", "RUNNING_OUT"},
    "notifications/returned.py": {
        *("SAYS_AWAY", "SAYS_RETURNED", "SAYS_DELAYED", "SAYS_FAILED", "QUOTE_BEGINS"),
    },  # what automatic replies begin with
    # have contexts: test_every_label_has_its_chinese
    "config/labels/common.py": {"LABELS"},
    "config/labels/contract.py": {"LABELS"},
    "service/demo/mail.py": {"REFUSED"},  # what a server says in the demo
    "models/crash.py": {"POINTS"},  # read by whoever writes fault campaigns
}


@dataclass(frozen=True)
class Sentence:
    """A sentence, where it stands, and the facts given to it (None: not known from there)."""

    text: str
    where: str
    facts: frozenset[str] | None = field(default=None, compare=False)

    @property
    def placeholders(self) -> frozenset[str]:
        return placeholders(self.text)


class Untranslatable(Exception):
    """A sentence that is put together from pieces."""


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces."""
    return frozenset(
        name.partition(".")[0].partition("[")[0]
        for _, name, _, _ in string.Formatter().parse(text)
        if name is not None
    )


@cache
def everything() -> list[Sentence]:
    """Return all sentences of the product that have words of their own."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                found += in_python(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
            elif path.suffix in TEMPLATES:
                found += in_template(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())
    return [one for one in found if _has_words(one.text)]


def _has_words(text: str) -> bool:
    return any(c.isalpha() for literal, *_ in string.Formatter().parse(text) for c in literal)


# --- python ----------------------------------------------------------------------------


def in_python(source: str, where: str) -> Iterator[Sentence]:
    """Find what `CALLS` are given, `sentence = …`, titles and help of answers, and tables."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _in_call(node, where)
        elif isinstance(node, ast.ClassDef):
            for stated in node.body:
                if "sentence" in _targets(stated):
                    yield from _texts(getattr(stated, "value", None), where)
    for stated in tree.body:
        if any(name.isupper() for name in _targets(stated) - NOT_SAID.get(where, set())):
            yield from _in_table(getattr(stated, "value", None), where)


def _in_table(node: ast.AST | None, where: str) -> list[Sentence]:
    """Read a constant of which at least one value has two words: it is said by a variable."""
    found = [one for one in _values(node, where) if not re.fullmatch(r"[a-z0-9_]+", one.text)]
    return found if any(re.search(r"[A-Za-z]{2,} [a-z]{2,}", one.text) for one in found) else []


def _in_call(call: ast.Call, where: str) -> Iterator[Sentence]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in CALLS and call.args:
        said = call.args[min(CALLS[name], len(call.args) - 1)]  # problems.say("…") has but one
        open_ended = any(word.arg is None for word in call.keywords)
        facts = None if open_ended else frozenset(word.arg or "" for word in call.keywords)
        yield from _texts(said, where, facts if name in SPOKEN else None)
    for word in call.keywords:
        asked = word.arg in {"title", "description"} and name == "Field" and "/forms" in where
        asked |= word.arg in {"asks", "follows", "advice"} and name == "Kind"
        asked |= word.arg == "called" and name == "Subject"
        if asked or word.arg == "sentence":
            yield from _texts(word.value, where)


def _targets(stated: ast.stmt) -> set[str]:
    targets = getattr(stated, "targets", None) or [getattr(stated, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _texts(node: ast.AST | None, where: str, facts=None) -> Iterator[Sentence]:
    """Read a literal, or the two of an `a if x else b`; a variable is somebody else's."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Sentence(node.value, f"{where}:{node.lineno}", facts)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, where, facts)
        yield from _texts(node.orelse, where, facts)
    elif isinstance(node, ast.JoinedStr):
        where = f"{where}:{node.lineno}"
        raise Untranslatable(f"{where}: an f-string has no translation: name its facts in braces")


def _values(node: ast.AST | None, where: str) -> Iterator[Sentence]:
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _values(value, where)
    elif isinstance(node, ast.Tuple | ast.List):
        for value in node.elts:
            yield from _values(value, where)
    elif isinstance(node, ast.Call):  # MappingProxyType({…})
        for value in node.args:
            yield from _values(value, where)
    elif isinstance(node, ast.Constant):
        yield from _texts(node, where)


# --- templates -------------------------------------------------------------------------


def in_template(source: str, where: str) -> Iterator[Sentence]:
    """Find `t("…")` as Jinja reads it."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args:
            facts = None if call.dyn_kwargs else frozenset(word.key for word in call.kwargs)
            for text, line in _consts(call.args[0]):
                yield Sentence(text, f"{where}:{line}", facts)


def _consts(node: nodes.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value, node.lineno
    elif isinstance(node, nodes.CondExpr):
        yield from _consts(node.expr1)
        if node.expr2 is not None:
            yield from _consts(node.expr2)
