"""What duties of this process are about (待办事项), as letters call it."""

from typing import Final

from processes.duty.subject import Subject

SUBJECTS: Final = {
    "audit": Subject(called="Audit {code}"),
    "audit_finding": Subject(called="Audit finding {code}"),
    "audit_programme": Subject(called="Audit programme {code}"),
    "audit_plan": Subject(called="Plan of the audit {code}"),
    "audit_report": Subject(called="Report of the audit {code}"),
}
