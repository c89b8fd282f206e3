"""Availability as a part of the house (接入): outages, exclusions, and figures from them."""

from typing import Final

from processes.plug import Process, part

PROCESS: Final = Process(
    name="availability",
    registers=part("processes.availability.registers", "outages", "exclusions"),
    imports=(
        *part("processes.availability.import_outages", "outages"),
        *part("processes.availability.import_exclusions", "exclusions"),
    ),
)
