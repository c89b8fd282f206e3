"""What duties of this process are about (待办事项), as letters call it."""

from typing import Final

from processes.duty.subject import Subject

SUBJECTS: Final = {
    "check": Subject(called="Project quality check {code}"),
}
