"""A tick with nothing due: what it costs at 1,000 open duties and at 1,000,000."""

from bench import ground
from processes.duty import issued as duties
from processes.mail import outbox


def tick() -> None:
    """What the clock asks when it looks for work."""
    duties.due(ground.NOW)
    outbox.gather(ground.NOW)


def main() -> None:
    seconds = {}
    for count in (1_000, 1_000_000):
        with ground.home():
            ground.people(100)
            ground.duties(count, owners=100, first_owner=101, due=0, nth=2)
            tick()
            seconds[count] = ground.typical(tick, 200)
        ground.say(f"tick with nothing due, {count:,} open", f"{seconds[count] * 1000:.2f} ms")
    ratio = seconds[1_000_000] / seconds[1_000]
    ground.say("  a million beside a thousand", f"{ratio:.2f} x", "must stay under 3 x, 5 ms")


if __name__ == "__main__":
    main()
