"""Alarms as a part of the house (接入): their register."""

from typing import Final

from processes.plug import Process, part

PROCESS: Final = Process(
    name="alarm",
    registers=part("processes.alarm.registers", "alarms"),
)
