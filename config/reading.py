"""Reading what people configure (读取配置): TOML as editors leave it, and what is wrong with it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final


class Misconfigured(Exception):
    """A setting or policy that cannot be used: each line names file, key and what is wrong."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, with or without a byte order mark; refuse what is none."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as broken:
        raise Misconfigured(f"{path}: not valid TOML: {broken}") from broken
    except UnicodeDecodeError as broken:
        raise Misconfigured(f"{path}: not UTF-8 text: save it again as UTF-8") from broken
    except OSError as broken:
        raise Misconfigured(f"{path}: cannot be read: {broken.strerror}") from broken


_SAID: Final = {
    "unexpected_keyword_argument": "there is no such key: remove it or correct its spelling",
    "missing": "is missing",
    "int_type": "must be a whole number, not {input!r}",
    "int_parsing": "must be a whole number, not {input!r}",
    "int_from_float": "must be a whole number, not {input!r}",
    "bool_type": "must be true or false, not {input!r}",
    "bool_parsing": "must be true or false, not {input!r}",
    "string_type": "must be text in quotes, not {input!r}",
    "list_type": "must be a list in square brackets, not {input!r}",
    "tuple_type": "must be a list in square brackets, not {input!r}",
    "frozen_set_type": "must be a list in square brackets, not {input!r}",
    "dict_type": "must be a table, not {input!r}",
    "mapping_type": "must be a table, not {input!r}",
    "dataclass_type": "must be a table, not {input!r}",
    "model_type": "must be a table, not {input!r}",
    "date_type": "must be a date like 2027-02-06, without quotes, not {input!r}",
    "time_type": "must be a time like 09:00:00, without quotes, not {input!r}",
    "greater_than_equal": "must be at least {ge}, not {input!r}",
    "less_than_equal": "must be at most {le}, not {input!r}",
    "enum": "must be {expected}, not {input!r}",
    "literal_error": "must be {expected}, not {input!r}",
}


def wrong(error: Mapping[str, Any]) -> str:
    """Say one thing that pydantic found, in words for whoever wrote the file."""
    template = _SAID.get(error["type"])
    if template is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return template.format(input=error["input"], **error.get("ctx", {}))
