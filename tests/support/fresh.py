"""Commands in processes of their own, forked from one that holds libraries and nothing of ours.

What a command imports it imports itself, as when somebody types it: an import that only another
command makes is missing here. Only the seconds that libraries take are spared.
"""

import contextlib
import importlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    "typer", "typer.rich_utils", "rich.table", "rich.console", "sqlmodel",
    "sqlalchemy.dialects.sqlite", "pydantic", "pydantic_settings", "jinja2",
    "babel.dates", "babel.messages.pofile", "holidays",
    "itsdangerous", "alembic.command", "fastapi", "css_inline", "docxtpl", "typst", "xlsxwriter",
    "python_calamine", "dateutil.rrule", "icalendar", "highspy", "yagmail", "structlog", "httpx",
)  # fmt: skip
OURS = {
    "rules", "models", "notifications", "config", "processes", "tasks", "flows", "web", "service",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Fresh:
    """Types commands in one home."""

    def __init__(self) -> None:
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fresh"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def type(self, home: Path, *words: str) -> Said:
        out, err = home.with_name("stdout"), home.with_name("stderr")
        asked = {"words": words, "home": str(home), "out": str(out), "err": str(err)}
        assert self.parent.stdin is not None
        assert self.parent.stdout is not None
        self.parent.stdin.write(json.dumps(asked) + "\n")
        self.parent.stdin.flush()
        code = int(self.parent.stdout.readline())
        return Said(code, out.read_text("utf-8"), err.read_text("utf-8"))

    def close(self) -> None:
        assert self.parent.stdin is not None
        assert self.parent.stdout is not None
        self.parent.stdin.close()
        self.parent.wait(timeout=30)
        self.parent.stdout.close()


def serve() -> None:
    """Fork for each command that is asked for, until nobody asks any more."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not OURS & {name.partition(".")[0] for name in sys.modules}
    for line in sys.stdin:
        number = os.fork()
        if number == 0:
            _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)


def _become(asked) -> None:
    """Be the command; never returns."""
    code = 70
    try:
        for name, stream in ((asked["out"], 1), (asked["err"], 2)):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        os.environ.update(PDCA_HOME=asked["home"], PDCA_LANGUAGE="en")
        os.chdir(asked["home"])
        sys.argv = ["pdca", *asked["words"]]
        from service.main import main

        main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
