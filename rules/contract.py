"""What was promised to a customer (服务合同): where a contract stands, what it lacks, who answers.

A contract without service time, without an SLA in force or without anybody to reach at the
customer is no contract that can be kept: what it lacks is named, each by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from rules.refusal import Refused


class ContractState(StrEnum):
    """Where a contract stands (合同状态)."""

    DRAFT = "draft"  # 草稿，待补全
    NOT_BEGUN = "not_begun"  # 未开始
    IN_FORCE = "in_force"  # 履行中
    ENDED = "ended"  # 已结束


class Hole(StrEnum):
    """What a contract lacks (合同缺项)."""

    CUSTOMER = "customer"
    MANAGER = "manager"
    SERVICE_TIME = "service_time"
    SERVICES = "services"
    SLA = "sla"
    CONTACT = "contact"


class SlaState(StrEnum):
    """Where one version of an SLA stands (SLA 版本状态)."""

    DRAFT = "draft"  # 草稿
    SUBMITTED = "submitted"  # 审批中
    IN_FORCE = "in_force"  # 有效
    REPLACED = "replaced"  # 已被替代


class Basis(StrEnum):
    """Why personal data of a contact may be kept (个人信息处理依据)."""

    CONTRACT = "contract"  # 履行合同所必需
    CONSENT = "consent"  # 本人同意
    LAW = "law"  # 法定义务


class Met(StrEnum):
    """By what a requirement is met (需求满足方式)."""

    SLA_LINE = "sla_line"
    ACTIVITY = "activity"
    DOCUMENT = "document"


class RequirementState(StrEnum):
    """Where a requirement stands (需求状态)."""

    OPEN = "open"  # 未满足
    MET = "met"  # 已满足
    WITHDRAWN = "withdrawn"  # 已撤回


class ProblemState(StrEnum):
    """Where a problem stands (问题状态)."""

    OPEN = "open"  # 处理中
    KNOWN_ERROR = "known_error"  # 已知错误
    CLOSED = "closed"  # 已解决


class Rhythm(StrEnum):
    """How often a contract is reported on (服务报告频次)."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"


class RetainedOpen(Refused):
    """Personal data that a contract without an end still needs."""

    sentence = (
        "the data of {contact} are kept while {contract} runs, which has no end yet: enter its"
        " end first"
    )


class AlreadyErased(Refused):
    """There is nothing left to erase."""

    sentence = "the data of {contact} were erased on {day}"


class NothingMeets(Refused):
    """A requirement that is said to be met by something that is not there."""

    sentence = "nothing here is called {reference}: name {what} that is in force"


class NoReference(Refused):
    """A requirement is said to be met, and not by what."""

    sentence = "say by what it is met: {what}"


class NoCause(Refused):
    """A problem is said to be solved, and its cause is not named."""

    sentence = "name the cause first: a problem is solved when its cause is gone"


class NoWorkaround(Refused):
    """A known error without a way around it."""

    sentence = "say how to work around it: that is what makes it a known error"


class NotReady(Refused):
    """An SLA cannot be handed in while its contract lacks something."""

    sentence = "the SLA of {contract} cannot be handed in: it lacks {lacks}"


MET_BY: Final = {
    Met.SLA_LINE: "a line of an SLA",
    Met.ACTIVITY: "an activity of the plan",
    Met.DOCUMENT: "a document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a contract has, as far as it concerns what it may lack."""

    customer: bool
    manager: bool
    service_time: bool
    services: bool
    sla: bool
    contact: bool


def state(*, draft: bool, start: date | None, end: date | None, day: date) -> ContractState:
    """Return where a contract stands on a day; both its first and its last day belong to it."""
    if draft:
        return ContractState.DRAFT
    if end is not None and end < day:
        return ContractState.ENDED
    if start is not None and day < start:
        return ContractState.NOT_BEGUN
    return ContractState.IN_FORCE


def holes(standing: Standing) -> tuple[Hole, ...]:
    """Return what a contract lacks, in the order in which it is mended."""
    return tuple(hole for hole in Hole if not getattr(standing, hole.value))


def kept_until(ends: Iterable[date | None], years: int) -> date | None:
    """Return the day until which contracts need a contact's data; None while one has no end.

    Without any contract nothing holds them: that is the earliest of days.
    """
    last = date.min
    for end in ends:
        if end is None:
            return None
        last = max(last, _years_later(end, years))
    return last


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, month=3, day=1)


def reference(met_by: Met, given: str) -> str:
    """Return what is named as meeting a requirement, or refuse to take nothing for it."""
    named = given.strip()
    if not named:
        raise NoReference(what=MET_BY[met_by])
    return named
