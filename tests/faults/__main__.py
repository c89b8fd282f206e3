"""`python -m tests.faults replay SEED [--mutant NAME]`, and `run --seeds 2000`."""

import argparse
import sys
from pathlib import Path

from tests.faults import campaign


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    commands = parser.add_subparsers(dest="command", required=True)
    replay = commands.add_parser("replay", help="live one world again and print its log")
    replay.add_argument("seed", type=int)
    replay.add_argument("--mutant")
    replay.add_argument("--crash-at", type=int)
    replay.add_argument("--points", action="store_true", help="print every point that is passed")
    asked = parser.parse_args()
    return _replay(asked)


def _replay(asked):
    with campaign.scratch() as folder:
        folder = Path(folder)
        template = campaign.prepare(folder)
        world = campaign.live(
            asked.seed,
            folder,
            template,
            mutant=asked.mutant,
            crash_at=asked.crash_at,
            calm=asked.crash_at is not None,
            trace=asked.points,
        )
    print(*world.log, sep="\n")
    print("violated:" if world.wrong else "nothing was violated")
    for promise, what in world.wrong:
        print(f"  {promise}: {what}")
    return bool(world.wrong)


if __name__ == "__main__":
    sys.exit(main())
