"""What a management review's input is made of (管理评审输入的组成): values alone, list by list.

Lists are bounded and say how many more there are. Every field has a value to begin with, so that
what was kept of an earlier review can still be read when the input has grown.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

MOST: Final = 20  # rows of one list; the registers have the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """An open duty that was told at the top of the chain. `times` counts how often it was."""

    duty: int = 0
    kind: str = ""
    code: str = ""
    title: str = ""
    owner: str = ""
    due_at: datetime | None = None
    days: int = 0  # working days overdue
    level: int = 0
    told: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """What reached the top and is still open, the longest overdue first."""

    rows: tuple[Reached, ...] = ()
    more: int = 0
    overdue: int = 0  # open duties past due in all, whatever their level


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A nonconformity in one line."""

    code: str = ""
    title: str = ""
    severity: str = ""
    state: str = ""
    owner: str = ""
    due_on: date | None = None
    days: int = 0  # working days overdue
    rounds: int = 1
    note: str = ""  # what it recurs from


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters:
    """Some of them, and how many more."""

    rows: tuple[Matter, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision of an earlier review and what became of it.

    `code` is of the activity it became, empty where the next plan takes it up (`taken`).
    """

    review: str = ""
    number: int = 0
    kind: str = ""
    what: str = ""
    code: str = ""
    owner: str = ""
    until: date | None = None
    state: str = ""  # of the activity; proposed or taken of an improvement
    late: bool = False
    level: int = 0  # how far it has climbed
    done_on: date | None = None
    result: str = ""
    taken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Actions of earlier reviews: decisions, the late ones first, and nonconformities."""

    previous: str = ""  # activity of the review before
    held_on: date | None = None
    decisions: tuple[Decided, ...] = ()
    more: int = 0
    matters: Matters = Matters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of the system: a version of a plan or of indicators, with its reason."""

    kind: str = ""  # a word of the labels' sort "system_change"
    code: str = ""
    version: int = 0
    reason: str = ""
    on: date | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activities:
    """How far one kind of planned activity was in the period."""

    kind: str = ""
    planned: int = 0
    done: int = 0
    late: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Internal changes, and how the plan was kept."""

    rows: tuple[Change, ...] = ()
    more: int = 0
    imports: dict[str, int] = field(default_factory=dict)  # acts of the trail on people and units
    postponed: int = 0
    cancelled: int = 0
    activities: tuple[Activities, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One series of an indicator over the period: how often attained, missed, missing."""

    code: str = ""
    name: str = ""
    name_en: str = ""
    scope: str = ""
    unit: str = ""
    target: str = ""
    met: int = 0
    missed: int = 0
    missing: int = 0
    value: Decimal | None = None
    period: str = ""
    nonconformities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """Attainment of all periods that ended in these days; rows are those with a miss or a gap."""

    met: int = 0
    missed: int = 0
    no_data: int = 0
    missing: int = 0
    share: Decimal | None = None  # per cent of those judged
    rows: tuple[Indicator, ...] = ()
    more: int = 0
    objectives: tuple[dict[str, str], ...] = ()  # of the plan in force


@dataclass(frozen=True, slots=True, kw_only=True)
class Nonconformities:
    """Nonconformities and corrective actions: of the period, and what is open now."""

    raised: int = 0
    closed: int = 0
    closed_in_time: int = 0
    void: int = 0
    open: int = 0
    overdue: int = 0
    disputed: int = 0
    recurrences: int = 0
    verified: int = 0
    ineffective: int = 0
    states: dict[str, int] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    late: Matters = Matters()
    recurred: Matters = Matters()
    repeated: Matters = Matters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One point, project or unit of the project quality checks."""

    code: str = ""
    name: str = ""
    name_en: str = ""
    checked: int = 0
    nonconforming: int = 0
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What the project quality checks of the period came to, the worst first."""

    checks: int = 0
    checked: int = 0
    nonconforming: int = 0
    observation: int = 0
    rate: Decimal | None = None
    points: tuple[Checked, ...] = ()
    projects: tuple[Checked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One internal audit and its conclusions, by stable words."""

    code: str = ""
    area: str = ""
    held_on: date | None = None
    state: str = ""
    service: str = ""
    own: str = ""
    effective: str = ""
    conclusion: str = ""
    grades: dict[str, int] = field(default_factory=dict)
    still_open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audits:
    """Internal audits of the period, and what could not be audited."""

    rows: tuple[Audited, ...] = ()
    more: int = 0
    not_held: tuple[str, ...] = ()
    unstaffed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """The voice of the customer: complaints and major incidents, satisfaction measured."""

    complaints: int = 0
    complaints_open: int = 0
    incidents: int = 0
    matters: Matters = Matters()
    indicators: tuple[Indicator, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What management decided about something that came straight up, or an exception."""

    code: str = ""
    title: str = ""
    decision: str = ""
    text: str = ""
    by: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Risks:
    """Risks that management accepted, measures it ordered, time and exceptions it granted."""

    decisions: dict[str, int] = field(default_factory=dict)
    undecided: int = 0
    accepted: tuple[Ruling, ...] = ()
    more: int = 0
    extensions: dict[str, int] = field(default_factory=dict)  # granted, refused, undecided
    twice: int = 0  # duties that were granted more than one
    exceptions: tuple[Ruling, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A part that stood still, from when until when."""

    part: str = ""
    message: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How reliably the engine itself told people in the period."""

    silences: tuple[Stood, ...] = ()
    more: int = 0
    alarms: dict[str, int] = field(default_factory=dict)  # by kind
    alarms_open: int = 0
    mails: int = 0
    dead: int = 0
    addresses: int = 0  # nothing is sent to them until somebody lifts it
    caught_up: int = 0  # activities opened late because the service was down


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An improvement and the plan that took it up."""

    source: str = ""
    ref: str = ""
    text: str = ""
    taken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one person owes now."""

    person: str = ""
    open: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvements:
    """Opportunities for improvement, and whether there are people enough."""

    proposed: int = 0
    taken: int = 0
    rows: tuple[Proposal, ...] = ()
    more: int = 0
    loads: tuple[Load, ...] = ()
    nobody: int = 0  # activities and indicators that nobody could be given


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInput:
    """Everything that one management review is to look at, in the order in which it does."""

    since: date
    until: date
    at: datetime
    top: Top = Top()
    before: Before = Before()
    changes: Changes = Changes()
    objectives: Objectives = Objectives()
    nonconformities: Nonconformities = Nonconformities()
    checks: Checks = Checks()
    audits: Audits = Audits()
    customers: Customers = Customers()
    risks: Risks = Risks()
    engine: Engine = Engine()
    improvements: Improvements = Improvements()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A period as readers ask for it: local days, both included, and the instants around them."""

    first: date
    last: date
    begins: datetime
    ends: datetime  # the first instant after it
    at: datetime  # what is open and late is judged as of this instant
