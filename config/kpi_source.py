"""Where indicators are fetched from (指标数据来源): one file a source in `<home>/config/sources/`.

`sql:tickets_on_time` in the list of indicators is the file `tickets_on_time.toml` there. A file
names no password: `url_env` and `headers_env` name environment variables, which are read when
the source is asked and kept nowhere.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from config.choices import FOLDER
from config.reading import Misconfigured, Problem, Unfit, read_toml, told

SOURCES: Final = "sources"  # the folder of descriptions
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")
FORBID: Final = ConfigDict(extra="forbid")
_FIRST_WORD: Final = re.compile(r"(select|with|values)\b", re.IGNORECASE)
_SET_ASIDE: Final = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)


def _one_select(query: str) -> str:
    """Take one statement that only reads; what else it might do, the connection refuses."""
    bare = _SET_ASIDE.sub(" ", query).strip().removesuffix(";").strip()
    if not _FIRST_WORD.match(bare):
        raise Unfit("must be one SELECT")
    if ";" in bare:
        raise Unfit("must be one SELECT, not several statements")
    return query.strip().removesuffix(";")


def _web(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Unfit("must begin with http:// or https://, not {url}", url=repr(url[:40]))
    if parts.username or parts.password:
        raise Unfit("must carry no password: name a header in headers_env")
    return url


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{1,60}", name) or name.startswith("PDCA_"):
        raise Unfit("must name an environment variable that does not begin with PDCA_")
    return name


def _pointer(pointer: str) -> str:
    if not pointer.startswith("/"):
        raise Unfit("must be a JSON pointer like /data/rate, not {given}", given=repr(pointer))
    return pointer


Seconds = Annotated[float, Field(gt=0, le=300)]
Query = Annotated[str, AfterValidator(_one_select)]
Url = Annotated[str, AfterValidator(_web)]
Variable = Annotated[str, AfterValidator(_variable)]
Pointer = Annotated[str, AfterValidator(_pointer)]


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Sql:
    """A query that is given `:first`, `:last`, `:after` and returns value or counts, by column.

    Its columns are called `value`, or `numerator` and `denominator`; `scope` beside them where
    it returns more than one row.
    """

    kind: Literal["sql"]
    query: Query
    url: str = ""
    url_env: Variable | None = None
    rows: Annotated[int, Field(ge=1, le=10_000)] = 500
    seconds: Seconds = 30


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Http:
    """A JSON document; `{first}`, `{last}` and `{after}` of the address become days."""

    kind: Literal["http"]
    url: Url
    value: Pointer | None = None
    numerator: Pointer | None = None
    denominator: Pointer | None = None
    times: Annotated[float, Field(gt=0)] = 1  # 100 where a share is given and per cent is wanted
    headers_env: dict[str, Variable] = Field(default_factory=dict)
    most_bytes: Annotated[int, Field(ge=1, le=100_000_000)] = 1_000_000
    seconds: Seconds = 30


@dataclass(frozen=True, slots=True, kw_only=True, config=FORBID)
class Prometheus:
    """A PromQL query, asked at the period's end; `$range` is the period in seconds.

    With `step` it is a range query, and `reduce` makes one value of it. `scope_label` makes each
    series a scope of its own, named after that label.
    """

    kind: Literal["prometheus"]
    url: Url
    query: str = ""
    numerator: str = ""
    denominator: str = ""
    scope_label: str = ""
    step: Annotated[int, Field(ge=1)] | None = None  # seconds
    reduce: Literal["avg", "min", "max", "sum", "last"] = "avg"
    times: Annotated[float, Field(gt=0)] = 1
    headers_env: dict[str, Variable] = Field(default_factory=dict)
    most_bytes: Annotated[int, Field(ge=1, le=100_000_000)] = 5_000_000
    seconds: Seconds = 30


Source = Annotated[Sql | Http | Prometheus, Field(discriminator="kind")]


def load_source(kind: str, name: str, home: Path) -> Sql | Http | Prometheus:
    """Return the description of a source; raise `Misconfigured` naming file and key."""
    if not NAME.fullmatch(name):
        wrong = "a source is named by small letters, digits, - and _, not {name}"
        raise Misconfigured(Problem(f"{kind}:", wrong, {"name": repr(name[:60])}))
    path = home / FOLDER / SOURCES / f"{name}.toml"
    chosen = {"kind": kind, **read_toml(path)}
    try:
        found: Sql | Http | Prometheus = TypeAdapter(Source).validate_python(chosen)
    except ValidationError as wrong:
        raise Misconfigured(*(_told(path, error) for error in wrong.errors())) from wrong
    if found.kind != kind:
        sentence = "describes a source of the kind {given}, and {kind}:{name} was asked"
        raise Misconfigured(
            Problem(str(path), sentence, {"given": found.kind, "kind": kind, "name": name})
        )
    return found


def secret(variable: str) -> str:
    """Return what an environment variable holds; raise `Misconfigured` by its name."""
    found = os.environ.get(variable)
    if not found:
        raise Misconfigured(Problem(variable, "this environment variable is not set"))
    return found


def _told(path: Path, error: Any) -> Problem:
    """Name the key; the kind that pydantic puts before it is no part of the file."""
    key = ".".join(str(part) for part in error["loc"][1:])
    return told(f"{path}: {key}" if key else str(path), error)
