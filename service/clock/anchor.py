"""The time that passes under one service (时基): kept for a clock that has to be started anew.

A clock that dies is started again by its keeper, and would judge what it finds as a start after
downtime. The service did not stand still: so the next one goes on from where the last one was,
as long as the same keeper runs on the same boot.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Final

from processes.watch import window
from processes.watch.window import Window
from service.home.opened import keeper_of

FILE: Final = Path("run") / "clock.json"
BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def keep(home: Path, at: datetime) -> None:
    """Keep that it is `at` now, by this boot and this keeper."""
    path = home / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".clock.{os.getpid()}")
    told = {"at": at.isoformat(), "passed": window.passed(), **_whose(home)}
    draft.write_text(json.dumps(told), "utf-8")
    draft.replace(path)


def take_up(home: Path, judged: Window) -> bool:
    """Let a window go on from what was kept; False if another keeper or boot kept it."""
    try:
        told = json.loads((home / FILE).read_text("utf-8"))
        at, passed = datetime.fromisoformat(told["at"]), float(told["passed"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    whose = _whose(home)
    if not all(whose.values()) or any(told.get(name) != whose[name] for name in whose):
        return False
    judged.go_on(at, passed)
    return True


def _whose(home: Path) -> dict[str, object]:
    try:
        boot = BOOT.read_text("ascii").strip()
    except OSError:
        boot = ""
    return {"keeper": keeper_of(home), "boot": boot}
