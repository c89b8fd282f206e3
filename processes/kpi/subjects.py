"""What duties of this process are about (待办事项), as letters call it."""

from typing import Final

from processes.duty.subject import Subject

SUBJECTS: Final = {
    "kpi": Subject(called="Indicator {code}"),
    "kpi_late": Subject(called="Indicator {code}"),
    "kpi_special": Subject(called="Special situation {code}"),
    "indicator_system": Subject(called="Indicator system {code}"),
    "tracking_plan": Subject(called="Indicator tracking plan {code}"),
}
