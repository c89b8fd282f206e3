"""The sheets of project quality checks (检查表配置): TOML files, by project, unit or phase.

Packaged ones lie in `config/checks/`, the organisation's own in `<home>/config/checks/`; a file
of the same name replaces a packaged one as a whole, because half a sheet is no sheet. Whatever
is wrong with them is named by file and key, all of it at once.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from config.choices import FOLDER, PACKAGED
from config.reading import Misconfigured, Problem, Unfit, read_toml, told
from rules.check import CheckSheet, Point, Wording
from rules.words import Severity

CHECKS: Final = "checks"
Phase = Literal["start", "running", "closing"]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


def _decimal(value: Any) -> Decimal:
    try:
        found = Decimal(value) if isinstance(value, str | int) else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or found < 0:
        raise Unfit('must be a number in quotes, like "0.8"')
    return found


Number = Annotated[Decimal, BeforeValidator(_decimal)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Words(_Strict):
    point: Text
    criterion: Text
    method: Text
    scoring: Text


class _Point(_Strict):
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    weight: Number
    severity: Severity = Severity.MINOR
    clause: Annotated[str, Field(max_length=64)] = ""
    zh: _Words
    en: _Words


class _Title(_Strict):
    zh: Text
    en: Text


class _For(_Strict):
    projects: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    phase: Phase | None = None
    phase_days: Annotated[int, Field(ge=1, le=1000)] = 60


class _File(_Strict):
    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    version: Annotated[int, Field(ge=1, le=100_000)]
    observation: Number = Decimal("0.8")
    qualified: Number = Decimal(90)
    ordinary: Number = Decimal(80)
    title: _Title
    used: _For = Field(default_factory=_For, alias="for")
    point: Annotated[tuple[_Point, ...], Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A sheet, and which projects it is for; for none in particular it is the default."""

    sheet: CheckSheet
    path: Path
    projects: frozenset[str]
    units: frozenset[str]
    phase: Phase | None
    phase_days: int

    @property
    def default(self) -> bool:
        return not self.projects and not self.units and self.phase is None


def load_check_sheets(home: Path) -> list[Configured]:
    """Return every sheet, or raise `Misconfigured` with all that is wrong."""
    folders = (PACKAGED / CHECKS, home / FOLDER / CHECKS)
    paths = {path.name: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    found: list[Configured] = []
    problems: list[Problem] = []
    for path in paths.values():
        try:
            found.append(_configured(path))
        except ValidationError as wrong:
            problems += [_said(path, error) for error in wrong.errors()]
        except Misconfigured as wrong:
            problems += wrong.problems
    problems += _clashes(found)
    if problems:
        raise Misconfigured(*problems)
    return found


def _configured(path: Path) -> Configured:
    file = _File.model_validate(read_toml(path))
    keys = [point.key for point in file.point]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        sentence = "names the point {keys} twice: each key may stand there once"
        raise Misconfigured(Problem(f"{path}: point", sentence, {"keys": ", ".join(doubled)}))
    return Configured(
        sheet=_sheet(file),
        path=path,
        projects=frozenset(file.used.projects),
        units=frozenset(file.used.units),
        phase=file.used.phase,
        phase_days=file.used.phase_days,
    )


def _sheet(file: _File) -> CheckSheet:
    return CheckSheet(
        code=file.code,
        version=file.version,
        titles={"zh": file.title.zh, "en": file.title.en},
        observation=file.observation,
        qualified=file.qualified,
        ordinary=file.ordinary,
        points=tuple(
            Point(
                key=point.key,
                weight=point.weight,
                severity=point.severity,
                clause=point.clause,
                words={
                    "zh": Wording(**point.zh.model_dump()),
                    "en": Wording(**point.en.model_dump()),
                },
            )
            for point in file.point
        ),
    )


def _clashes(found: list[Configured]) -> list[Problem]:
    """Refuse two sheets of one code, and anything but one default."""
    problems = []
    codes = [one.sheet.code for one in found]
    for one in found:
        if codes.count(one.sheet.code) > 1:
            sentence = "another file has the code {code} too: each sheet needs its own"
            problems.append(Problem(f"{one.path}: code", sentence, {"code": one.sheet.code}))
    defaults = [one for one in found if one.default]
    if len(defaults) != 1 and not problems:
        names = ", ".join(str(one.path.name) for one in defaults) or "-"
        sentence = "one sheet without a table [for] is needed, as the default: there are {names}"
        problems.append(Problem(str(PACKAGED / CHECKS), sentence, {"names": names}))
    return problems


def _said(path: Path, error: Any) -> Problem:
    key = ".".join(str(part) for part in error["loc"])
    return told(f"{path}: {key}" if key else str(path), error)
