"""Steps of Check about indicators (指标检查): what is unusual, and how the month stands."""

from datetime import datetime

from processes import special
from processes.special import Looked
from tasks.step import step


@step("Look for special situations of indicators")
def look_for_special(at: datetime) -> Looked:
    """Tell each new special situation once, also where the target is met."""
    return special.look(at=at)
