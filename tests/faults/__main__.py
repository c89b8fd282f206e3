"""`python -m tests.faults replay SEED [--mutant NAME]`, and `run --seeds 2000 --kills 300`."""

import argparse
import json
import sys
import time
from pathlib import Path

from tests.faults import campaign, coverage
from tests.faults.mutants import MUTANTS

SUMMARY = Path("var") / "faults.json"


def main():
    sys.stdout.reconfigure(line_buffering=True)  # a campaign is looked at while it runs
    asked = _arguments().parse_args()
    return _replay(asked) if asked.command == "replay" else _run(asked)


def _arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    commands = parser.add_subparsers(dest="command", required=True)
    replay = commands.add_parser("replay", help="live one world again and print its log")
    replay.add_argument("seed", type=int)
    replay.add_argument("--mutant", choices=MUTANTS)
    replay.add_argument("--crash-at", type=int, help="end a process at this point")
    replay.add_argument("--calm", action="store_true", help="with no other fault than that")
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
            calm=asked.calm,
            trace=asked.points,
        )
    print(*world.log, sep="\n")
    print("violated:" if world.wrong else "nothing was violated")
    for promise, what in world.wrong:
        print(f"  {promise}: {what}")
    return bool(world.wrong)


def _run(asked):
    from tests.faults import kills  # loads the whole service

    began = time.monotonic()
    with campaign.processes() as pool:
        came = campaign.worlds(pool, asked.seeds, first=asked.first)
        points = campaign.points(pool, came)
        mutants = campaign.mutants(pool)
    violations = came.violations + points.violations
    for violation in points.violations:
        print(campaign.told(violation))
    killed = kills.campaign(asked.kills) if asked.kills else kills.Killed()
    print(kills.table(killed))
    counts = came.counts + points.counts
    print(coverage.table(counts))
    missing = coverage.missing(counts)
    if missing:
        print("never happened, so nothing is known of it:", *missing, sep="\n  ")
    survivors = [name for name, seed in mutants.items() if seed is None]
    summary = {
        "worlds": came.worlds,
        "violations": len(violations),
        "mutants": mutants,
        "kills": killed.kills,
        "lost": killed.lost,
        "copies": killed.copies,
        "phantoms": killed.phantoms,
        "broken": killed.broken,
        "crashes": counts_of(counts, "crash"),
        "steps": came.steps,
        "mails": came.mails,
        "points": {"names": len(coverage.points()), "worlds": points.worlds},
        "never": missing,
        "seconds": round(time.monotonic() - began),
        "counts": {name: counts[name] for name in sorted(counts)},
    }
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(json.dumps(summary, indent=2) + "\n")
    print(
        f"{came.worlds} worlds and {points.worlds} for {len(coverage.points())} points:"
        f" {summary['crashes']} crashes, {came.steps} steps, {came.mails} mails,"
        f" {len(violations)} violations; {len(mutants)} mutants, {len(survivors)} survive;"
        f" {summary['seconds']} s; {SUMMARY}"
    )
    return bool(violations or survivors or missing or not killed.right)


def counts_of(counts, kind):
    return sum(n for name, n in counts.items() if name.startswith(f"{kind}: "))


if __name__ == "__main__":
    sys.exit(main())
