"""Working time counted on the fingers: slow, obvious, and not the product's.

Instants are aware UTC; the site is eight hours ahead and has no summer time.
"""

from datetime import UTC, date, datetime, time, timedelta

AHEAD = timedelta(hours=8)
OPENS, CLOSES = time(9), time(18)
DAY = timedelta(days=1)


def local(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) + AHEAD


def instant(day: date, clock: time) -> datetime:
    return (datetime.combine(day, clock) - AHEAD).replace(tzinfo=UTC)


class Days:
    """`off` and `on` are the days that a weekday rule gets wrong."""

    def __init__(self, off, on):
        self.off, self.on = off, on

    def working(self, day):
        return day in self.on or (day.isoweekday() < 6 and day not in self.off)

    def changed(self, day):
        """Return the days with this one turned round."""
        off, on = self.off - {day}, self.on - {day}
        return Days(off | {day}, on) if self.working(day) else Days(off, on | {day})

    def walk(self, day, n):
        """Return the n-th working day after (before) that day."""
        step = DAY if n > 0 else -DAY
        for _ in range(abs(n)):
            day += step
            while not self.working(day):
                day += step
        return day

    def add(self, at, n):
        there = local(at)
        return instant(self.walk(there.date(), n), there.time())

    def opening(self, at):
        there = local(at)
        if self.working(there.date()) and there.time() < CLOSES:
            return at if there.time() >= OPENS else instant(there.date(), OPENS)
        return self.morning_after(there.date())

    def morning_after(self, day):
        return instant(self.walk(day, 1), OPENS)

    def between(self, first, last):
        """Count the working days after `first` up to `last`."""
        days = (last - first).days
        return sum(self.working(first + DAY * n) for n in range(1, days + 1))

    def deadline(self, at, n):
        """18:00 of the n-th working day after the day it was set."""
        return instant(self.walk(local(at).date(), n), CLOSES)

    def deadline_in_calendar_days(self, at, n):
        day = local(at).date() + DAY * n
        return instant(day if self.working(day) else self.walk(day, 1), CLOSES)
