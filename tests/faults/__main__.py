"""`python -m tests.faults replay SEED [--mutant NAME]`, and `run --seeds 2000 --kills 300`."""

import argparse
import json
import sys
from pathlib import Path

from tests.faults import campaign
from tests.faults.mutants import MUTANTS

SUMMARY = Path("var") / "faults.json"


def main():
    asked = _arguments().parse_args()
    return _replay(asked) if asked.command == "replay" else _run(asked)


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    commands = parser.add_subparsers(dest="command", required=True)
    replay = commands.add_parser("replay", help="live one world again and print its log")
    replay.add_argument("seed", type=int)
    replay.add_argument("--mutant", choices=MUTANTS)
    replay.add_argument("--crash-at", type=int, help="end a process at this point of a calm world")
    replay.add_argument("--points", action="store_true", help="print every point that is passed")
    run = commands.add_parser("run", help="live many worlds, catch every mutant, kill processes")
    run.add_argument("--seeds", type=int, default=2000)
    run.add_argument("--first", type=int, default=0)
    run.add_argument("--kills", type=int, default=300)
    return parser


def _replay(asked):
    with campaign.scratch() as folder:
        campaign.prepare(Path(folder))
        world = campaign.live(
            asked.seed,
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


def _run(asked):
    from tests.faults import kills

    with campaign.processes() as pool:
        came = campaign.worlds(pool, asked.seeds, first=asked.first)
        points = campaign.points(pool)
        mutants = campaign.mutants(pool)
    for violation in came.violations + points.violations:
        print(campaign.told(violation))
    killed = kills.campaign(asked.kills) if asked.kills else kills.Killed()
    print(kills.table(killed))
    violations = len(came.violations) + len(points.violations)
    summary = {
        "worlds": came.worlds,
        "violations": violations,
        "crashes": came.crashes,
        "steps": came.steps,
        "mails": came.mails,
        "points": {"names": len(points.points), "worlds": points.worlds},
        "mutants": mutants,
        "kills": killed.kills,
        "lost": killed.lost,
        "phantoms": killed.phantoms,
        "copies": killed.copies,
    }
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(json.dumps(summary, indent=2) + "\n")
    print(
        f"{came.worlds} worlds, {came.crashes} crashes, {came.steps} steps, {came.mails} mails;"
        f" {points.worlds} worlds for {len(points.points)} points: {violations} violations;"
        f" {SUMMARY}"
    )
    return bool(violations or None in mutants.values() or not killed.right)


if __name__ == "__main__":
    sys.exit(main())
