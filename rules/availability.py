"""Availability (可用性): three figures of one contract, service and period, from spans of time.

"Planned" is a claim to check: an outage is planned only if it was announced long enough before
it began and lies inside the agreed window; whoever declares it afterwards has an outage that
counts. Where a planned and another outage overlap, the other one counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import Final

from rules.refusal import Refused
from rules.service_time import ServiceTime
from rules.spans import Span, Spans, common, length, merged, without

PLACES: Final = Decimal("0.0001")  # of a percentage, and of minutes
_EXACT: Final = Context(prec=60)
_MICROSECOND: Final = timedelta(microseconds=1)
_PER_MINUTE: Final = 60_000_000

# The formulas as they are printed beside the figures; D is downtime, A the agreed service time.
FORMULAS: Final = {
    "all": "(agreed − unplanned − planned − excluded) ÷ agreed",
    "agreed": "(agreed − unplanned) ÷ agreed",
    "reliability": "(agreed − planned − excluded − unplanned) ÷ (agreed − planned − excluded)",
}


class Claim(StrEnum):
    """Why an outage that somebody calls planned is none, or `PLANNED` (计划性判定)."""

    PLANNED = "planned"  # 属计划停机
    NOT_CLAIMED = "not_claimed"  # 未声明为计划
    NO_NOTICE = "no_notice"  # 无公告时间
    AFTERWARDS = "afterwards"  # 开始后才公告
    TOO_LATE = "too_late"  # 公告提前量不足
    OUTSIDE = "outside"  # 不在约定窗口内


class Exclusion(StrEnum):
    """Why minutes are taken out of an outage (例外种类)."""

    MAINTENANCE = "maintenance"  # 计划维护
    CUSTOMER = "customer"  # 客户原因
    THIRD_PARTY = "third_party"  # 第三方
    FORCE_MAJEURE = "force_majeure"  # 不可抗力
    FALSE_ALARM = "false_alarm"  # 误报


class PeriodNotBegun(Refused):
    """A period that lies ahead has no figures."""

    sentence = "{period} has not begun: there is nothing to compute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Some time without the service; `counted` says whether the contract counts its severity."""

    begins: datetime
    ends: datetime
    announced_at: datetime | None = None
    planned: bool = False
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """A window that was taken out by agreement. One that nobody agreed to takes nothing out."""

    kind: Exclusion
    begins: datetime
    ends: datetime
    announced_at: datetime | None = None
    agreed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a contract says of planned maintenance: how long before, and inside which window."""

    notice: timedelta
    window: ServiceTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one period in minutes and per cent; None where there is nothing to divide."""

    agreed_minutes: Decimal
    planned_minutes: Decimal
    unplanned_minutes: Decimal
    excluded_minutes: Decimal
    false_minutes: Decimal
    outages: int
    all: Decimal | None
    agreed: Decimal | None
    reliability: Decimal | None
    mttr_minutes: Decimal | None
    mtbf_minutes: Decimal | None


def claim(outage: Outage | Excluded, terms: Terms, *, planned: bool) -> Claim:
    """Return whether an outage that is claimed to be planned is, and if not, why."""
    if not planned:
        return Claim.NOT_CLAIMED
    if outage.announced_at is None:
        return Claim.NO_NOTICE
    if outage.announced_at > outage.begins:
        return Claim.AFTERWARDS
    if outage.announced_at > outage.begins - terms.notice:
        return Claim.TOO_LATE
    if terms.window is not None and not terms.window.holds((outage.begins, outage.ends)):
        return Claim.OUTSIDE
    return Claim.PLANNED


def figures(
    outages: Sequence[Outage],
    exclusions: Sequence[Excluded],
    *,
    terms: Terms,
    service: ServiceTime,
    begins: datetime,
    ends: datetime,
) -> Figures:
    """Return the figures of one period, `begins` included and `ends` not."""
    parts = _Parts.of(outages, exclusions, terms, (begins, ends))
    agreed = service.spans(begins, ends)
    return _figures(
        agreed=length(agreed),
        planned=length(common(parts.planned, agreed)),
        unplanned=length(common(parts.unplanned, agreed)),
        excluded=length(common(parts.excluded, agreed)),
        false=length(common(parts.false, agreed)),
        count=parts.count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The downtime of a period, told apart: no minute is in two of them."""

    planned: Spans
    unplanned: Spans
    excluded: Spans
    false: Spans
    count: int  # outages of which something counts

    @staticmethod
    def of(
        outages: Sequence[Outage], exclusions: Sequence[Excluded], terms: Terms, period: Span
    ) -> "_Parts":
        near = [one for one in outages if one.counted and _touches(one, period)]
        windows = [one for one in exclusions if _touches(one, period)]
        good = [one for one in near if claim(one, terms, planned=one.planned) is Claim.PLANNED]
        rest = [one for one in near if claim(one, terms, planned=one.planned) is not Claim.PLANNED]
        down, ahead = _clipped(rest, period), _clipped(good, period)
        planned = without(ahead, down)
        false = _clipped([w for w in windows if _false(w)], period)
        agreed = _clipped([w for w in windows if _taken_out(w)], period)
        upkeep = _clipped([w for w in windows if _announced(w, terms)], period)
        excluded = without(common(down, agreed), false)
        moved = without(common(without(down, agreed), upkeep), false)
        gone = merged([*false, *agreed, *upkeep])
        return _Parts(
            planned=merged([*without(planned, false), *moved]),
            unplanned=without(down, gone),
            excluded=excluded,
            false=common(merged([*down, *planned]), false),
            count=sum(bool(without([one], gone)) for one in down),
        )


def _false(window: Excluded) -> bool:
    return window.agreed and window.kind is Exclusion.FALSE_ALARM


def _taken_out(window: Excluded) -> bool:
    return window.agreed and window.kind not in {Exclusion.FALSE_ALARM, Exclusion.MAINTENANCE}


def _announced(window: Excluded, terms: Terms) -> bool:
    """Whether a window is maintenance that was announced as the contract wants it."""
    if window.kind is not Exclusion.MAINTENANCE:
        return False
    return claim(window, terms, planned=True) is Claim.PLANNED


def takes_out(window: Excluded, terms: Terms) -> bool:
    """Whether a window takes anything out: agreed to, or maintenance announced in time."""
    return _false(window) or _taken_out(window) or _announced(window, terms)


def _touches(one: Outage | Excluded, period: Span) -> bool:
    return one.begins < period[1] and period[0] < one.ends


def _clipped(ones: Iterable[Outage | Excluded], period: Span) -> Spans:
    return common(merged((one.begins, one.ends) for one in ones), [period])


def _figures(
    *,
    agreed: timedelta,
    planned: timedelta,
    unplanned: timedelta,
    excluded: timedelta,
    false: timedelta,
    count: int,
) -> Figures:
    out = planned + excluded
    return Figures(
        agreed_minutes=minutes(agreed),
        planned_minutes=minutes(planned),
        unplanned_minutes=minutes(unplanned),
        excluded_minutes=minutes(excluded),
        false_minutes=minutes(false),
        outages=count,
        all=percent(agreed - unplanned - out, agreed),
        agreed=percent(agreed - unplanned, agreed),
        reliability=percent(agreed - out - unplanned, agreed - out),
        mttr_minutes=_each(unplanned, count),
        mtbf_minutes=_each(agreed - unplanned, count),
    )


def minutes(time: timedelta) -> Decimal:
    """Return a length of time in minutes, without needless zeros."""
    return _plain(_EXACT.divide(Decimal(time // _MICROSECOND), Decimal(_PER_MINUTE)))


def percent(part: timedelta, whole: timedelta) -> Decimal | None:
    """Return a share in per cent; None of nothing."""
    if not whole:
        return None
    share = _EXACT.divide(Decimal(100 * (part // _MICROSECOND)), Decimal(whole // _MICROSECOND))
    return share.quantize(PLACES, ROUND_HALF_EVEN)


def _each(time: timedelta, count: int) -> Decimal | None:
    if not count:
        return None
    return _plain(_EXACT.divide(Decimal(time // _MICROSECOND), Decimal(_PER_MINUTE * count)))


def _plain(number: Decimal) -> Decimal:
    short = number.quantize(PLACES, ROUND_HALF_EVEN)
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short.normalize()
