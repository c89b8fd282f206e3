"""Alarms as a part of the house (接入): their register."""

from typing import Final

from processes.plug import Process, part

PROCESS: Final = Process(
    name="alarm",
    founding=True,
    optional=False,
    registers=part("processes.alarm.registers", "alarms"),
)
