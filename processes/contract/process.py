"""Contracts as a part of the house (接入): what was promised, to whom, and what is owed for it."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="contract",
    kinds=(
        *part("processes.contract.requirements", DutyKind.MEET_REQUIREMENT),
        *part("processes.contract.problems", DutyKind.SOLVE_PROBLEM),
        *part("processes.contract.contacts", DutyKind.MEND_CONTACT),
    ),
    subjects=(
        *part("processes.contract.requirements", "requirement"),
        *part("processes.contract.problems", "problem"),
        *part("processes.contract.contacts", "contact"),
        *part("processes.contract.sla_facts", "sla"),
    ),
    facts=(
        *part("processes.contract.requirements", DutyKind.MEET_REQUIREMENT),
        *part("processes.contract.problems", DutyKind.SOLVE_PROBLEM),
        *part("processes.contract.contacts", DutyKind.MEND_CONTACT),
        *part(
            "processes.contract.sla_facts",
            *(DutyKind.DRAW_UP, DutyKind.REVISE, DutyKind.REVIEW, DutyKind.APPROVE, DutyKind.READ),
        ),
    ),
    papers=part("processes.contract.sla", "sla"),
    registers=part(
        "processes.contract.registers",
        *("customers", "contacts", "contracts", "services", "slas", "requirements", "problems"),
    ),
    imports=(
        *part("processes.contract.import_customers", "customers"),
        *part("processes.contract.import_contacts", "contacts"),
        *part("processes.contract.import_contracts", "contracts"),
        *part("processes.contract.import_services", "services"),
        *part("processes.contract.import_slas", "slas"),
        *part("processes.contract.import_requirements", "requirements"),
        *part("processes.contract.import_problems", "problems"),
    ),
    doctor=part("processes.contract.doctor", "contracts"),
)
