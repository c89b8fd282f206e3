"""Proposals for improvement (改进建议): what a process found and puts before the next plan."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal; the same source, reference and cycle are the same proposal.

    `source` is a source of nonconformities (quality_check, kpi_miss, internal_audit, …), `ref`
    names what it follows from, `cycle` is the year in which it was found.
    """

    source: str
    ref: str
    text: str
    cycle: str
