"""Where an indicator's values come from (数据来源): one function a kind of source.

A source is asked outside every transaction: claim, call, settle. It returns what it measured
with how it can be looked at again, or says in a sentence why it cannot. `kpis.csv` names it as
`kind:rest`; what `rest` means is the kind's own affair.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from rules.kpi import Observation
from rules.period import Period
from rules.refusal import Refused

REPORT: Final = "report"  # a duty of the indicator's owner
IMPORT: Final = "import"  # a file that somebody imports; nobody is asked but the owner
ASKED: Final = frozenset({REPORT, IMPORT})


class SourceUnknown(Refused):
    """A source that nothing here can ask."""

    sentence = "{source} is no source: use one of {known}"


class SourceFailed(Exception):
    """The source gave no value; `permanent` says that trying again will not help.

    The sentence is English and the key of its translation, like that of a `Refused`.
    """

    def __init__(self, sentence: str, /, *, permanent: bool = False, **facts: Any) -> None:
        super().__init__(sentence.format(**facts))
        self.sentence, self.facts, self.permanent = sentence, facts, permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One value that is to be fetched: of which indicator and period, and by whose word."""

    kpi_id: int
    code: str
    source: str  # as kpis.csv names it: "sql:tickets_on_time"
    unit: str
    period: Period
    at: datetime

    @property
    def rest(self) -> str:
        """What follows the kind in the source's name."""
        return self.source.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a source measured, a scope each; `evidence` lets somebody ask it again."""

    observations: tuple[Observation, ...]
    evidence: Mapping[str, Any] = field(default_factory=dict)


Ask = Callable[[Wanted], Fetched]

# kind: "module:function", loaded when first asked, so that quick commands stay quick.
SOURCES: Final[dict[str, str]] = {
    "tickets": "processes.kpi.from_tickets:fetch",
    "sql": "processes.kpi.fetch:sql",
    "http": "processes.kpi.fetch:http",
    "prometheus": "processes.kpi.fetch:prometheus",
}


def kind_of(source: str) -> str:
    """Return the kind of a source's name, or refuse what is none."""
    kind = source.partition(":")[0]
    if kind not in SOURCES and source not in ASKED:
        raise SourceUnknown(source=source, known=", ".join([*sorted(ASKED), *SOURCES]))
    return kind


def asking(source: str) -> Ask:
    """Return the function that asks this source."""
    module, _, name = SOURCES[kind_of(source)].partition(":")
    found: Ask = getattr(import_module(module), name)
    return found
