"""The organisation as a part of the house (接入): its registers and what is imported into it."""

from typing import Final

from processes.plug import Process, part

PROCESS: Final = Process(
    name="organisation",
    founding=True,
    optional=False,
    registers=part("processes.organisation.registers", "people", "units", "projects"),
    imports=(
        *part("processes.organisation.import_units", "units"),
        *part("processes.organisation.import_people", "people"),
        *part("processes.organisation.import_projects", "projects"),
    ),
)
