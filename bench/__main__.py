"""All figures, each beside its floor: `make bench`, or `make bench ARGS="tick climbing"`."""

import importlib
import sys
from typing import Final

PARTS: Final = (
    "memory",
    "tick",
    "climbing",
    "morning",
    "importing",
    "sending",
    "latency",
    "startup",
    "checks",
    "audit",
    "spc",
    "tickets",
    "board",
    "kpi",
    "plan",
    "cockpit",
)


def main() -> None:
    chosen = sys.argv[1:] or PARTS
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        sys.exit(f"no such figure: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    sys.argv = sys.argv[:1]
    for name in chosen:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
