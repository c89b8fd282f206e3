"""Outages and exclusions as registers (停机与例外台账); planned or not is judged when asked."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Session, col, select

from models.availability import ExclusionWindow, Outage
from models.contract import Contract, Service
from models.engine import reading
from processes.availability import figures, terms
from processes.availability.terms import Agreed
from processes.imports import whole
from processes.register.query import Filters, Page
from processes.register.registers import Register, words
from rules import availability as rule
from rules.availability import Claim, Exclusion
from rules.spans import common, length, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRow:
    """One outage. `planned` is what the terms make of its claim, `why` the reason in a word."""

    code: str
    contract: str
    service: str | None
    starts_at: datetime
    ends_at: datetime | None
    announced_at: datetime | None
    claimed: bool
    planned: bool
    counted: bool
    why: str
    cause: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRow:
    """One exclusion; `minutes` are those of downtime in service time that it takes out."""

    code: str
    contract: str
    service: str | None
    kind: str
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime | None
    agreed_by: str
    evidence: str
    note: str
    minutes: Decimal


def outages(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[OutageRow]:
    """Return the outages, the newest first; `subject` keeps those of one contract."""
    with reading() as session:
        read = _Known(session, filters)
        query = select(Outage).order_by(col(Outage.starts_at).desc(), col(Outage.code))
        found = [_outage(one, read, at) for one in session.exec(query) if read.wanted(one)]
    kept = [one for one in found if not filters.since or one.starts_at >= filters.since]
    return _cut(kept, limit, offset)


def exclusions(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[ExclusionRow]:
    """Return the exclusions, the newest first; `subject` keeps those of one contract."""
    with reading() as session:
        read = _Known(session, filters)
        down: dict[int, list[Outage]] = {}
        for one in session.exec(select(Outage)):
            down.setdefault(one.contract_id, []).append(one)
        query = select(ExclusionWindow).order_by(col(ExclusionWindow.starts_at).desc())
        found = [
            _exclusion(one, read, down.get(one.contract_id, []), at)
            for one in session.exec(query)
            if read.wanted(one)
        ]
    kept = [one for one in found if filters.kind in {None, one.kind}]
    return _cut(kept, limit, offset)


class _Known:
    """What rows of outages are made of, read once."""

    def __init__(self, session: Session, filters: Filters) -> None:
        self.contract = whole.code_of(session, Contract)
        self.service = whole.code_of(session, Service)
        self.subject = filters.subject
        timed = select(Contract).where(col(Contract.service_time).is_not(None))
        self.agreed: dict[int, Agreed] = {
            one.id or 0: terms.agreed(one) for one in session.exec(timed)
        }

    def wanted(self, one: Outage | ExclusionWindow) -> bool:
        """Whether a row is of the contract that is asked for."""
        return not self.subject or self.contract[one.contract_id] == self.subject


def _outage(one: Outage, read: _Known, at: datetime) -> OutageRow:
    agreed = read.agreed.get(one.contract_id)
    why = Claim.NOT_CLAIMED
    if agreed is not None:
        why = rule.claim(figures.outage(one, at), agreed.terms, planned=one.planned)
    return OutageRow(
        code=one.code,
        contract=read.contract[one.contract_id],
        service=read.service.get(one.service_id or 0),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        announced_at=one.announced_at,
        claimed=one.planned,
        planned=why is Claim.PLANNED,
        counted=one.counted,
        why=why.value,
        cause=one.cause,
        source=one.source,
    )


def _exclusion(
    one: ExclusionWindow, read: _Known, down: list[Outage], at: datetime
) -> ExclusionRow:
    copied = {
        name: getattr(one, name)
        for name in ("code", "starts_at", "ends_at", "announced_at", "agreed_by", "evidence")
    }
    return ExclusionRow(
        contract=read.contract[one.contract_id],
        service=read.service.get(one.service_id or 0),
        kind=one.kind.value,
        note=one.note,
        minutes=_taken(one, read.agreed.get(one.contract_id), down, at),
        **copied,
    )


def _taken(
    one: ExclusionWindow, agreed: Agreed | None, down: list[Outage], at: datetime
) -> Decimal:
    """Return the minutes of downtime in service time that an exclusion takes out by itself."""
    window = figures.excluded(one)
    if agreed is None or not rule.takes_out(window, agreed.terms):
        return Decimal(0)
    near = [figures.outage(row, at) for row in down if _same(row, one) and row.counted]
    spans = common(merged((o.begins, o.ends) for o in near), [(window.begins, window.ends)])
    served = agreed.service.spans(window.begins, window.ends)
    return rule.minutes(length(common(spans, served)))


def _same(row: Outage, one: ExclusionWindow) -> bool:
    return one.service_id is None or row.service_id in {None, one.service_id}


def _cut(rows: list[Any], limit: int | None, offset: int) -> Page[Any]:
    return Page(rows[offset:] if limit is None else rows[offset : offset + limit], len(rows))


REGISTERS: Final = {
    "outages": Register(
        read=outages,
        filters=("subject", "since"),
        heads=(
            ("code", "Code"),
            ("contract", "Contract"),
            ("service", "Service"),
            ("starts_at", "Begins"),
            ("ends_at", "Ends"),
            ("announced_at", "Announced"),
            ("planned", "Planned"),
            ("counted", "Counted"),
            ("why", "By the contract"),
        ),
        labels={"why": "claim"},
    ),
    "exclusions": Register(
        read=exclusions,
        filters=("subject", "kind"),
        kinds=words(Exclusion),
        heads=(
            ("code", "Code"),
            ("contract", "Contract"),
            ("kind", "Kind"),
            ("starts_at", "Begins"),
            ("ends_at", "Ends"),
            ("agreed_by", "Agreed by"),
            ("evidence", "Evidence"),
            ("minutes", "Minutes taken out"),
        ),
        labels={"kind": "exclusion"},
    ),
}
