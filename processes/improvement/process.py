"""Improvements as a part of the house (接入): what the others propose is kept here."""

from typing import Final

from processes.plug import Process, part

PROCESS: Final = Process(
    name="improvement",
    founding=True,
    optional=False,
    on=part("processes.improvement.proposals", "improvement.proposed"),
)
