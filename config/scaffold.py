"""What `pdca init` writes into a new home (初始化): settings, policies and import templates.

A file that is already there is somebody's work and is left as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.choices import FOLDER, PACKAGED
from config.reading import Misconfigured, Problem

HOME: Final = PACKAGED / "home"
POLICIES: Final = (
    "escalation.toml",
    "deadlines.toml",
    "calendar.toml",
    "notifications.toml",
    "kpi.toml",
    "kpis.toml",
    "special.toml",
    "people.toml",
    "plan.toml",
)
BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it Excel takes Chinese for another encoding

# The columns of each kind that can be imported, as the templates name them.
COLUMNS: Final = {
    "units": "code,name,parent,head",
    "people": "code,name,email,manager,unit,roles,language,active,"
    "absent_from,absent_until,delegate",
    "projects": "code,name,customer,customer_email,manager,unit,start,end,contract",
    "nonconformities": "code,title,description,source,project,unit,clause,severity,risk,"
    "owner,raised_by,raised_at,due",
    "kpis": "code,name,element,definition,numerator,denominator,unit,direction,target,"
    "frequency,owner,checker,source",
    "plan": "year,number,kind,title,detail,object_kind,object,rule,working_day,lead_days,"
    "owner,checker,output,source,reason",
    "measurements": "kpi,period,scope,value,numerator,denominator,note",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffolded:
    """The files written, and those that were there already and stay as they were."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def scaffold(home: Path) -> Scaffolded:
    """Write what a new home begins with; raise `Misconfigured` where nothing can be written."""
    written, kept = [], []
    for path, text in _files(home):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
        except FileExistsError:
            if path.parent.is_dir():
                kept.append(path)
                continue
            found = Problem(str(path.parent), "is a file, and a folder is needed")
            raise Misconfigured(found) from None
        except OSError as broken:
            found = Problem(str(path), "cannot be written: {why}", {"why": broken.strerror})
            raise Misconfigured(found) from broken
        written.append(path)
    return Scaffolded(written=tuple(written), kept=tuple(kept))


def _files(home: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(HOME.iterdir()):
        yield home / path.name, path.read_text("utf-8")
    for name in POLICIES:
        yield home / FOLDER / name, (PACKAGED / name).read_text("utf-8")
    for kind, columns in COLUMNS.items():
        yield home / "import" / f"{kind}.csv", f"{BOM}{columns}\r\n"
