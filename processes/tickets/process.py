"""Ticket logs as a part of the house (接入): tickets taken over, and what they raise."""

from typing import Final

from processes.plug import Process, part

PROCESS: Final = Process(
    name="tickets",
    founding=True,
    imports=(
        *part("processes.tickets.taken", "tickets"),
        *part("processes.tickets.nonconformities", "nonconformities+mapping"),
    ),
)
