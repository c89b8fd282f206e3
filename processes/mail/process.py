"""Mail as a part of the house (接入): its registers."""

from typing import Final

from processes.plug import Process, part

PROCESS: Final = Process(
    name="mail",
    founding=True,
    optional=False,
    registers=part("processes.mail.registers", "notices", "returned", "suppressions"),
)
