"""The product's version (版本): one number, in `pyproject.toml`."""

import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[1] / "pyproject.toml"
NAME: Final = "pdca"


def of_product() -> str:
    """Return the version that runs: a checkout's own, else that of the installed package.

    What was installed from a checkout remembers the version of that day; the file is newer.
    """
    try:
        project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return version(NAME)
    return str(project["version"]) if project.get("name") == NAME else version(NAME)
