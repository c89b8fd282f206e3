"""From `pdca up` to the first answer of pages and Prefect, beside a bare Prefect server.

Both start on a home that exists already, in turn, on free ports.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

import httpx

from bench import ground

RUNS: Final = 3
PATIENCE: Final = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the address answers with anything but an error of the connection."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            sys.exit(f"it ended with {process.returncode} before {address} answered")
        try:
            httpx.get(address, timeout=2)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"{address} did not answer within {PATIENCE:.0f} s")


def until_answered(command: list[str], surroundings: dict[str, str], addresses: list[str]) -> float:
    """Start the command, wait for every address, end it; return the seconds until all answered."""
    begun = time.monotonic()
    process = subprocess.Popen(
        command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for address in addresses:
            wait_for(address, process)
        return time.monotonic() - begun
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End it as Ctrl-C would, and by force only if that does nothing."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()


def clean() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "PDCA_"))}


def ours(home: Path) -> float:
    prefect, pages, inbox = free_port(), free_port(), free_port()
    surroundings = {
        **clean(),
        "PDCA_HOME": str(home),
        "PDCA_PREFECT__PORT": str(prefect),
        "PDCA_PAGES__PORT": str(pages),
        "PDCA_MAIL__INBOX_PORT": str(inbox),
    }
    return until_answered(
        [sys.executable, "-m", "service.main", "up"],
        surroundings,
        [f"http://127.0.0.1:{pages}/health", f"http://127.0.0.1:{prefect}/api/health"],
    )


def floor(home: Path) -> float:
    port = free_port()
    surroundings = {
        **clean(),
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    return until_answered(
        [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)],
        surroundings,
        [f"http://127.0.0.1:{port}/api/health"],
    )


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="pdca-bench-"))
    try:
        ours(folder / "ours"), floor(folder / "floor")  # the homes come into being
        pairs = [(ours(folder / "ours"), floor(folder / "floor")) for _ in range(RUNS)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    up, bare = (median(side) for side in zip(*pairs, strict=True))
    ground.say("pdca up until pages and Prefect answer", f"{up:.1f} s")
    ground.say("  floor: a bare prefect server start", f"{bare:.1f} s")
    ratio = median(a / b for a, b in pairs)
    ground.say("  beside the floor", f"{ratio:.2f} x", "must stay under 2 x")


if __name__ == "__main__":
    main()
