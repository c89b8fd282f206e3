"""The step that raises a nonconformity (提报不符合项) from an operator's form."""

from datetime import date, datetime

from processes.nonconformity import raising as nonconformities
from rules.words import Risk, Severity
from tasks.step import step


@step("Raise the nonconformity")
def raise_(
    *,
    at: datetime,
    actor: str,
    title: str,
    owner_code: str,
    description: str,
    source: str,
    potential: bool,
    severity: Severity,
    risk: Risk,
    project: str | None,
    clause: str | None,
    due: date | None,
    raised_by: str | None,
) -> str:
    """Raise it, or refuse by name; return its code."""
    return nonconformities.raise_(
        at=at,
        actor=actor,
        title=title,
        owner_code=owner_code,
        description=description,
        source=source,
        potential=potential,
        severity=severity,
        risk=risk,
        project=project,
        clause=clause,
        due=due,
        raised_by=raised_by,
    )
