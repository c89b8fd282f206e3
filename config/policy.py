"""The organisation's policy (制度参数): ladders, deadlines, mail and evidence, from TOML.

Each file is packaged with its defaults; a file of the same name in `<home>/config/` replaces
the keys it names. Nothing is guessed: an unknown key or a wrong value is refused by name, and
all of them at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, Field, with_config

from config import choices
from config.choices import Choices
from config.reading import Problem, Unfit, written
from rules.stepping import Ladder, Unit
from rules.words import DutyKind, Role, Severity

Count = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Wait = Annotated[int, Field(strict=True, ge=0, le=1_000)]  # working days, or hours
DEFAULT: Final = "default"  # the kind whose ladders stand for every kind without its own
_NO_TABLE: Final = "there is no such table: the tables here are {tables}"
_TABLE: Final = "must be a table, not {input}"
FORBID: Final = ConfigDict(extra="forbid")


def _each_severity(days: Mapping[Severity, int]) -> Mapping[Severity, int]:
    missing = [severity.value for severity in Severity if severity not in days]
    if missing:
        raise Unfit("lacks {missing}: every severity needs a number", missing=", ".join(missing))
    return days


def _increasing(steps: tuple[int, ...]) -> tuple[int, ...]:
    if not steps:
        raise Unfit("needs at least one number: the step that tells the owner")
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise Unfit("must increase from step to step, not {steps}", steps=list(steps))
    return steps


def _endings(types: frozenset[str]) -> frozenset[str]:
    wrong = sorted(t for t in types if not (t.isascii() and t.isalnum() and t == t.lower()))
    if wrong:
        raise Unfit(
            "must be endings in lower case without a dot, not {wrong}", wrong=", ".join(wrong)
        )
    return types


BySeverity = Annotated[Mapping[Severity, Count], AfterValidator(_each_severity)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each kind of duty has; working days and calendar days as named."""

    respond_working_days: Count
    agree_working_days: Count
    verify_working_days: Count
    dispute_working_days: Count
    decide_working_days: Count
    extension_working_days: Count
    effect_calendar_days: Count
    act_calendar_days: BySeverity


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """How often, and how many calendar days past the present deadline, a duty may be extended."""

    most: Wait
    days_ahead: BySeverity


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class MailPolicy:
    """How long mails, links, leases and retries last."""

    retention_days: Count
    link_days: Count
    lease_minutes: Count
    backoff_cap_hours: Count
    unsure_minutes: Count
    probe_minutes: Count
    alarm_minutes: Count


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePolicy:
    """Which files are taken as evidence, how many and how large, and for how long kept."""

    max_bytes: Annotated[int, Field(strict=True, ge=1, le=1 << 32)]
    max_files: Count
    types: Annotated[frozenset[str], AfterValidator(_endings)]
    retention_years: Annotated[int, Field(strict=True, ge=1, le=100)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the quality department decides and a programmer does not."""

    ladders: Mapping[tuple[str, Severity], Ladder]
    straight_up_role: Role
    deadlines: Deadlines
    extensions: Extensions
    digest_above: int
    mail: MailPolicy
    evidence: EvidencePolicy

    def ladder(self, kind: str, severity: Severity) -> Ladder:
        """Return the ladder of a kind of duty; the default's where the kind has none."""
        own = self.ladders.get((str(kind), severity))
        return own or self.ladders[DEFAULT, severity]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class _Ladder:
    reminder: Wait
    steps: Annotated[tuple[Wait, ...], AfterValidator(_increasing)]
    every: Annotated[int, Field(strict=True, ge=1, le=1_000)]
    any_hour: Annotated[bool, Field(strict=True)] = False
    unit: Unit = "working_days"
    highest: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None

    def built(self) -> Ladder:
        return Ladder(
            reminder=self.reminder,
            steps=self.steps,
            every=self.every,
            any_hour=self.any_hour,
            unit=self.unit,
            highest=self.highest,
        )


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class _StraightUp:
    role: Role


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class _Digest:
    above: Count


def load_policy(home: Path) -> Policy:
    """Return the policy of a home; raise `Misconfigured` naming every file, key and mistake."""
    problems: list[Problem] = []
    escalation = choices.read("escalation.toml", home)
    deadlines = choices.read("deadlines.toml", home)
    notifications = choices.read("notifications.toml", home)
    problems += _strangers(escalation, {"ladder", "straight_up"})
    problems += _strangers(deadlines, {"deadlines", "extensions"})
    problems += _strangers(notifications, {"digest", "mail", "evidence"})
    ladders = _ladders(escalation, problems)
    straight_up = choices.judged_at(_StraightUp, escalation, ("straight_up",), problems)
    periods = choices.judged_at(Deadlines, deadlines, ("deadlines",), problems)
    extensions = choices.judged_at(Extensions, deadlines, ("extensions",), problems)
    digest = choices.judged_at(_Digest, notifications, ("digest",), problems)
    mail = choices.judged_at(MailPolicy, notifications, ("mail",), problems)
    evidence = choices.judged_at(EvidencePolicy, notifications, ("evidence",), problems)
    choices.refuse(problems)
    assert straight_up and periods and extensions and digest and mail and evidence  # noqa: PT018
    return Policy(
        ladders=ladders,
        straight_up_role=straight_up.role,
        deadlines=periods,
        extensions=extensions,
        digest_above=digest.above,
        mail=mail,
        evidence=evidence,
    )


def _strangers(chosen: Choices, known: set[str]) -> list[Problem]:
    """Name the tables of a file that mean nothing."""
    tables = ", ".join(sorted(known))
    return [
        chosen.problem((name,), _NO_TABLE, tables=tables)
        for name in chosen.data
        if name not in known
    ]


def _ladders(chosen: Choices, problems: list[Problem]) -> dict[tuple[str, Severity], Ladder]:
    """Read the ladders of every kind; a kind's own are completed from the default's."""
    kinds = [DEFAULT, *(kind.value for kind in DutyKind)]
    tables = _tables(chosen, ("ladder",), kinds, problems)
    found: dict[tuple[str, Severity], Ladder] = {}
    for kind in [k for k in kinds if k in tables]:  # the default first
        for name, table in _tables(chosen, ("ladder", kind), list(Severity), problems).items():
            severity = Severity(name)
            # Whatever is wrong with the default has been said there, and not here again.
            whole = table if kind == DEFAULT else _completed(table, found.get((DEFAULT, severity)))
            ladder = choices.judged(_Ladder, whole, chosen, ("ladder", kind, name), problems)
            if ladder:
                found[kind, severity] = ladder.built()
    for severity in Severity:
        key = ("ladder", DEFAULT, severity.value)
        if choices.value(chosen, key) == {}:
            problems.append(chosen.problem(key, "is missing"))
    return found


def _completed(table: Mapping[str, Any], default: Ladder | None) -> dict[str, Any]:
    return {**(default or Ladder(reminder=0, steps=(0,), every=1)).to_json(), **table}


def _tables(
    chosen: Choices, key: choices.Key, known: list[str], problems: list[Problem]
) -> dict[str, Mapping[str, Any]]:
    """Return the tables below a key, and note what is no table or has no known name."""
    below = choices.value(chosen, key)
    if not isinstance(below, Mapping):
        problems.append(chosen.problem(key, _TABLE, input=written(below)))
        return {}
    found = {}
    for name, table in below.items():
        if name not in known:
            problems.append(chosen.problem((*key, name), _NO_TABLE, tables=", ".join(known)))
        elif not isinstance(table, Mapping):
            problems.append(chosen.problem((*key, name), _TABLE, input=written(table)))
        else:
            found[name] = table
    return found
