"""Imports every module of the product first, each in a process of its own (`make check`).

A module that works only after another one was imported hides a circle, or a table that fills by
accident. The parent holds third-party libraries alone and forks once a module: seconds in all.
"""

import importlib
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pkgutil import walk_packages

FOLDERS = (
    "rules", "models", "notifications", "config", "processes", "tasks", "flows", "web", "service",
)  # fmt: skip
# What takes long to load and is not ours; Prefect is loaded for whoever needs it.
LIBRARIES = (
    "sqlmodel", "sqlalchemy.orm", "pydantic_settings", "fastapi", "starlette.testclient", "typer",
    "jinja2", "babel.messages.pofile", "holidays", "alembic.autogenerate", "prefect", "yagmail",
    "docxtpl", "xlsxwriter", "icalendar", "highspy", "aiosmtpd.controller", "apscheduler",
)  # fmt: skip
NOT_ALONE = ("models.migrations",)  # scripts that Alembic runs


def modules() -> list[str]:
    """Return the name of every module of the product."""
    found = list(FOLDERS)
    for folder in FOLDERS:
        package = importlib.util.find_spec(folder)
        assert package is not None
        paths = list(package.submodule_search_locations or ())
        found += [one.name for one in walk_packages(paths, f"{folder}.", onerror=lambda _n: None)]
    return sorted({one for one in found if not one.startswith(NOT_ALONE)})


def fails(name: str) -> str:
    """Import a module in a fork of this process; return the trace, empty if it went well."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            importlib.import_module(name)
        except BaseException:  # noqa: BLE001 - said by the parent
            os.write(writer, traceback.format_exc().encode()[-4000:])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        trace = said.read().decode()
    os.waitpid(child, 0)
    return trace


def main() -> int:
    """Import all of them; say which cannot be the first, and return 1 if there is one."""
    for library in LIBRARIES:
        importlib.import_module(library)
    known = modules()
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as several:
        found = dict(zip(known, several.map(fails, known), strict=True))
    broken = {name: why for name, why in found.items() if why}
    for name, why in broken.items():
        sys.stderr.write(f"{name} cannot be imported first:\n{why}\n")
    sys.stdout.write(f"{len(known)} modules imported first, {len(broken)} of them in vain\n")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
