"""What keeps the program from starting is named, with where it is and what to do: never a trace."""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from models import health

NOBODY = 65_534
ROOT = Path(__file__).parents[3]


@pytest.fixture
def open_folder():
    """A folder that everybody may enter: pytest's own are the tester's alone."""
    folder = Path(tempfile.mkdtemp(prefix="pdca-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(work):
    """Return what a process without any rights says to this; the loaded program comes along."""
    said = multiprocessing.get_context("fork").Queue()

    def run():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        try:
            said.put(repr(work()))
        except Exception as no:  # noqa: BLE001 - whatever it is, is what was said
            said.put(f"{type(no).__name__}: {no}")

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    told = said.get(timeout=20)
    child.join()
    return told


@pytest.mark.parametrize("rights", [0o444, 0o400])
def test_a_database_of_somebody_elses_is_named(open_folder, home, rights):
    file = open_folder / "pdca.sqlite"
    shutil.copy(home / "pdca.sqlite", file)
    open_folder.chmod(0o777)
    file.chmod(rights)
    told = as_nobody(lambda: health.check(file))
    assert told.startswith("Unhealthy")
    assert str(file) in told
    assert "ownership" in told


def test_a_folder_that_is_read_only_is_named(open_folder, home):
    file = open_folder / "pdca.sqlite"
    shutil.copy(home / "pdca.sqlite", file)
    file.chmod(0o666)
    open_folder.chmod(0o555)
    told = as_nobody(lambda: health.check(file))
    assert told.startswith("Unhealthy")
    assert str(open_folder) in told


WITHOUT_ZONES = """
import sys
sys.modules["tzdata"] = None  # as in a container without the package
from service.main import main
sys.argv = ["pdca", *sys.argv[1:]]
sys.exit(main())
"""


def test_without_time_zones_it_refuses_to_start(home):
    """A deadline by a wrong zone would be wrong for months before somebody sees it."""
    surroundings = {
        **os.environ,
        "PYTHONTZPATH": "",  # no /usr/share/zoneinfo
        "PDCA_HOME": str(home),
        "PDCA_LANGUAGE": "en",
    }
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_ZONES, "list", "duties"],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "timezone" in ended.stderr
    assert "tzdata" in ended.stderr
    assert "Asia/Shanghai" in ended.stderr
