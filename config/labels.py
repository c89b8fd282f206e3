"""What people call the stable words (标签): English here, Chinese in `locale/zh/words.po`.

The Chinese of a label has the sort of word as its context, because one English word may need
two Chinese ones.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rules.nonconformity import Method, State
from rules.words import DutyKind, DutyState, LetterKind, Risk, Role, Severity

# Which sort of word a value of ours is, so that a sentence can show it by its label.
SORTS: Final[Mapping[type[StrEnum], str]] = {
    Severity: "severity",
    Risk: "risk",
    Role: "role",
    DutyKind: "duty_kind",
    DutyState: "duty_state",
    State: "nonconformity_state",
    LetterKind: "letter",
    Method: "method",
}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "severity": {"minor": "minor", "major": "major", "observation": "observation"},
    "risk": {"low": "low", "normal": "normal", "high": "high"},
    "role": {
        "quality": "quality department",
        "quality_head": "head of quality",
        "auditor": "internal auditor",
        "service_desk": "service desk",
        "project_manager": "project manager",
        "department_manager": "department manager",
        "centre_director": "operations centre director",
        "vp_operations": "vice president, operations",
        "top_management": "top management",
        "process_owner": "process owner",
    },
    "duty_kind": {
        "respond": "cause and plan",
        "agree": "agreement to the plan",
        "act": "carrying out the action",
        "verify": "verification of effectiveness",
        "verify_effect": "confirmation of the effect",
        "decide_dispute": "decision on a dispute",
        "decide": "decision of management",
        "decide_extension": "decision on an extension",
    },
    "duty_state": {"open": "open", "discharged": "done", "withdrawn": "withdrawn"},
    "nonconformity_state": {
        "raised": "raised",
        "disputed": "disputed",
        "accepted": "accepted",
        "planned": "planned",
        "implemented": "implemented, to be verified",
        "closed": "closed",
        "void": "void",
    },
    "letter": {
        "assignment": "assignment",
        "reminder": "reminder",
        "overdue": "overdue",
        "escalation": "escalation",
        "straight_up": "straight to management",
        "stood_in": "received by your delegate",
        "extension_asked": "extension asked",
        "extension_decided": "extension decided",
        "verification_asked": "verification asked",
        "ineffective": "found ineffective",
        "over": "it is over",
        "code": "code to sign with",
        "sign_in": "sign-in link",
        "alarm": "alarm",
    },
    "notice_state": {
        "pending": "to be sent",
        "leased": "being sent",
        "sent": "sent",
        "dead": "refused by the server",
        "cancelled": "cancelled",
    },
    "source": {
        "internal_audit": "internal audit",
        "external_audit": "external audit",
        "quality_check": "project quality check",
        "process_audit": "process audit",
        "management_review": "management review",
        "complaint": "customer complaint",
        "kpi_miss": "missed KPI",
        "major_incident": "major incident",
        "daily": "daily work",
    },
    "method": {"5why": "5 whys", "fishbone": "fishbone diagram", "other": "other"},
    "thing": {
        "person": "person",
        "unit": "unit",
        "project": "project",
        "nonconformity": "nonconformity",
        "duty": "duty",
        "extension": "extension asked for",
        "evidence": "evidence file",
        "notice": "mail",
        "cycle": "cycle",
    },
}
