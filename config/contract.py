"""What the organisation chooses about contracts (合同参数), from `contract.toml`."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import ConfigDict, Field, with_config

from config import choices
from config.current import current
from config.policy import Count
from rules.words import Role

FILE: Final = "contract.toml"
FORBID: Final = ConfigDict(extra="forbid")
Roles = Annotated[tuple[Role, ...], Field(min_length=1)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class SlaApproval:
    """Who reviews, approves and receives a version of an SLA, and how long drawing up takes."""

    reviewers: Roles
    approvers: Roles
    readers: tuple[Role, ...]
    draw_up_working_days: Count


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """How long before it begins maintenance is announced where a contract says nothing."""

    notice_hours: Annotated[int, Field(strict=True, ge=0, le=2_000)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """When a contact is to be mended, and how long data are kept after the contract."""

    mend_working_days: Count
    retention_years: Annotated[int, Field(strict=True, ge=0, le=30)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """When a requirement without a date is to be met."""

    meet_working_days: Count


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPolicy:
    """Everything that the organisation decides about contracts."""

    sla: SlaApproval
    maintenance: Maintenance
    contacts: Contacts
    requirements: Requirements


def contract_policy() -> ContractPolicy:
    """Return the policy of the home in use."""
    home = current().settings.home
    return load_contract_policy(home, _stamp(home))


@lru_cache(maxsize=4)
def load_contract_policy(home: Path, _changed: int = 0) -> ContractPolicy:
    """Return the policy of a home; raise `Misconfigured` with everything that is wrong."""
    return choices.load(ContractPolicy, FILE, home)


def _stamp(home: Path) -> int:
    """Return when the home's own file was changed last; 0 without one."""
    own = home / choices.FOLDER / FILE
    return own.stat().st_mtime_ns if own.exists() else 0
