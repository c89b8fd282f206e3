"""Changes of indicators proposed for next year's plan (指标调整建议): into the improvements."""

from datetime import datetime
from importlib.util import find_spec

from sqlmodel import Session

from models.kpi import Kpi


def propose(
    session: Session,
    kpi: Kpi,
    change: str,
    *,
    nonconformity: str,
    by_id: int,
    at: datetime,
    actor: str,
) -> None:
    """Put a proposal into the register of improvements, once for each nonconformity."""
    if find_spec("processes.improvements") is None:
        return
