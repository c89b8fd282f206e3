"""What duties of this process are about (待办事项), as letters call it."""

from typing import Final

from processes.duty.subject import Subject

SUBJECTS: Final = {
    "quality_plan": Subject(called="Annual quality plan {code}"),
    "activity": Subject(called="Planned activity {code}"),
}
