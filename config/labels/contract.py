"""The labels of contracts, SLAs, requirements, problems and outages (合同与可用性)."""

from typing import Final

from rules.availability import Claim, Exclusion
from rules.contract import (
    Basis,
    ContractState,
    Hole,
    Met,
    ProblemState,
    RequirementState,
    Rhythm,
    SlaState,
)

SORTS: Final = {
    ContractState: "contract_state",
    Hole: "contract_hole",
    SlaState: "sla_state",
    Basis: "basis",
    Met: "met_by",
    RequirementState: "requirement_state",
    ProblemState: "problem_state",
    Rhythm: "frequency",
    Claim: "claim",
    Exclusion: "exclusion",
}

LABELS: Final = {
    "duty_kind": {
        "meet_requirement": "meeting a requirement",
        "solve_problem": "solution of a problem",
        "mend_contact": "mending a contact",
    },
    "contract_state": {
        "draft": "draft",
        "not_begun": "not begun",
        "in_force": "in force",
        "ended": "ended",
    },
    "contract_hole": {
        "customer": "customer",
        "manager": "manager",
        "service_time": "service time",
        "services": "services",
        "sla": "SLA in force",
        "contact": "contact",
    },
    "sla_state": {
        "draft": "draft",
        "submitted": "being approved",
        "in_force": "in force",
        "replaced": "replaced",
    },
    "basis": {"contract": "contract", "consent": "consent", "law": "legal duty"},
    "met_by": {
        "sla_line": "line of an SLA",
        "activity": "activity of the plan",
        "document": "document",
    },
    "requirement_state": {"open": "not met", "met": "met", "withdrawn": "withdrawn"},
    "problem_state": {"open": "open", "known_error": "known error", "closed": "solved"},
    "claim": {
        "planned": "planned",
        "not_claimed": "unplanned",
        "no_notice": "counts: no announcement",
        "afterwards": "counts: announced afterwards",
        "too_late": "counts: announced too late",
        "outside": "counts: outside the window",
    },
    "exclusion": {
        "maintenance": "planned maintenance",
        "customer": "customer",
        "third_party": "third party",
        "force_majeure": "force majeure",
        "false_alarm": "false alarm",
    },
}
