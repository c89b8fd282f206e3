"""Nonconformities as a part of the house (接入): their kinds of duty and their sources."""

from typing import Final

from processes.plug import Process, part
from rules.words import DutyKind

PROCESS: Final = Process(
    name="nonconformity",
    founding=True,
    optional=False,
    offices=part(
        "processes.nonconformity.offices",
        *(DutyKind.AGREE, DutyKind.VERIFY, DutyKind.VERIFY_EFFECT),
        *(DutyKind.DECIDE_DISPUTE, DutyKind.DECIDE),
    ),
    kinds=part(
        "processes.nonconformity.kinds",
        *(DutyKind.RESPOND, DutyKind.AGREE, DutyKind.ACT, DutyKind.VERIFY, DutyKind.VERIFY_EFFECT),
        *(DutyKind.DECIDE_DISPUTE, DutyKind.DECIDE),
    ),
    sources=part(
        "processes.nonconformity.sources",
        *("external_audit", "quality_check", "process_audit"),
        *("management_review", "complaint", "kpi_advice", "major_incident", "daily"),
    ),
    subjects=part("processes.nonconformity.subject", "nonconformity"),
    on=part(
        "processes.nonconformity.kinds",
        *("extended:nonconformity", "handed_over:nonconformity"),
    ),
    registers=part("processes.nonconformity.registers", "nonconformities"),
    imports=(*part("processes.nonconformity.import_nonconformities", "nonconformities"),),
)
