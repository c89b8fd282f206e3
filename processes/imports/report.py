"""What an import did (导入报告): how many rows are new, changed, unchanged or refused."""

from dataclasses import dataclass

from processes.imports.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of one file. `notes` are taken all the same and should be looked at."""

    kind: str
    file: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    notes: tuple[Problem, ...] = ()
    codes: tuple[str, ...] = ()  # of what is new
    dry_run: bool = False
