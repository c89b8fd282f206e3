"""Reading what people configure (读取配置): TOML as editors leave it, and what is wrong with it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from config.language import say


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file and key or the variable where it stands, and the sentence."""

    where: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """Return the line that the operator reads."""
        why = say(language, self.sentence, **self.facts)
        return f"{self.where}: {why}" if self.where else why


class Misconfigured(Exception):
    """A setting or policy that cannot be used: each line names file, key and what is wrong.

    As a string it is English; `said` is for whoever knows the reader's language.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(map(_problem, problems))
        super().__init__(self.said("en"))

    def said(self, language: str) -> str:
        """Return everything that is wrong, each on a line of its own and once."""
        return "\n".join(dict.fromkeys(problem.said(language) for problem in self.problems))


class Unfit(ValueError):
    """What a validator says of a value, as a sentence and its facts."""

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence.format(**facts))
        self.sentence, self.facts = sentence, facts


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, with or without a byte order mark; refuse what is none."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as broken:
        found = Problem(str(path), "not valid TOML: {why}", {"why": broken})
    except UnicodeDecodeError:
        found = Problem(str(path), "not UTF-8 text: save it again as UTF-8")
    except OSError as broken:
        found = Problem(str(path), "cannot be read: {why}", {"why": broken.strerror})
    raise Misconfigured(found)


_SAID: Final = {
    "unexpected_keyword_argument": "there is no such key: remove it or correct its spelling",
    "extra_forbidden": "no setting has this name: remove it or correct its spelling",
    "missing": "is missing",
    "int_type": "must be a whole number, not {input}",
    "int_parsing": "must be a whole number, not {input}",
    "int_from_float": "must be a whole number, not {input}",
    "bool_type": "must be true or false, not {input}",
    "bool_parsing": "must be true or false, not {input}",
    "string_type": "must be text in quotes, not {input}",
    "list_type": "must be a list in square brackets, not {input}",
    "tuple_type": "must be a list in square brackets, not {input}",
    "frozen_set_type": "must be a list in square brackets, not {input}",
    "dict_type": "must be a table, not {input}",
    "mapping_type": "must be a table, not {input}",
    "dataclass_type": "must be a table, not {input}",
    "model_type": "must be a table, not {input}",
    "date_type": "must be a date like 2027-02-06, without quotes, not {input}",
    "time_type": "must be a time like 09:00:00, without quotes, not {input}",
    "greater_than_equal": "must be at least {ge}, not {input}",
    "less_than_equal": "must be at most {le}, not {input}",
    "enum": "must be one of {expected}, not {input}",
    "literal_error": "must be one of {expected}, not {input}",
}


def told(where: str, error: Mapping[str, Any], *, secret: bool = False) -> Problem:
    """Say what pydantic found in words for whoever wrote it; a secret is not repeated."""
    facts = dict(error.get("ctx") or {})
    ours = facts.pop("error", None)
    if isinstance(ours, Unfit):
        return Problem(where, ours.sentence, ours.facts)
    if secret:
        return Problem(where, "this value cannot be used")
    sentence = _SAID.get(error["type"])
    if sentence is None:
        return Problem(where, "{why}", {"why": error["msg"]})
    if "expected" in facts:
        facts["expected"] = facts["expected"].replace(" or ", ", ")
    return Problem(where, sentence, {**facts, "input": written(error["input"])})


def written(value: Any) -> str:
    """Return a value as it stands in the file."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _problem(given: Problem | str) -> Problem:
    return given if isinstance(given, Problem) else Problem("", "{why}", {"why": given})
