"""What is said after an answer about an audit (审核办理后的提示)."""

from typing import Final

PLANNED: Final = "Recorded. The auditee and the team are invited; the audit itself is owed next."
PLAN_SUBMITTED: Final = "Recorded. The plan is reviewed and approved; then everybody is invited."
PLAN_REDRAWN: Final = "Drawn anew. Hand it in again by your duty to revise it."
RECEIVED: Final = "Recorded. The audit takes place as announced."
CONDUCTED: Final = "Recorded. The auditee is asked about the findings, and you owe the report."
CONFIRMED: Final = "Recorded. It is now a nonconformity: cause and plan are owed by its owner."
DISPUTED: Final = "Recorded. Somebody who did not audit it decides."
WITHDRAWN: Final = "Recorded. The finding is withdrawn."
STANDS: Final = "Recorded. The finding stands and is now a nonconformity."
REPORTED: Final = "Recorded. The report goes to review and approval, then to everybody it is for."
CARRIED: Final = "Recorded. What is open is carried into the next audit, and this one is closed."
WAITING: Final = "Recorded. The audit stays open until everything is verified."
GRANTED: Final = "Recorded. The exception holds for this audit and for the reasons named."
NOT_GRANTED: Final = "Recorded. The auditor stays out of this audit."
