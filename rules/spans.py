"""Spans of time (时间区间): half open, from an instant up to and not including another.

What is counted is always what is left of spans, never a sum added to an instant. Everything
returned here is in order and does not overlap, so that its lengths may be added.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
Spans = list[Span]


def merged(spans: Iterable[Span]) -> Spans:
    """Return the same time in order and without overlaps; empty spans are left out."""
    found: Spans = []
    for begins, ends in sorted(spans):
        if ends <= begins:
            continue
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def common(one: Sequence[Span], other: Sequence[Span]) -> Spans:
    """Return what two merged lists of spans have in common."""
    found: Spans = []
    left = right = 0
    while left < len(one) and right < len(other):
        begins = max(one[left][0], other[right][0])
        ends = min(one[left][1], other[right][1])
        if begins < ends:
            found.append((begins, ends))
        if one[left][1] <= other[right][1]:
            left += 1
        else:
            right += 1
    return found


def without(one: Sequence[Span], other: Sequence[Span]) -> Spans:
    """Return what is left of merged spans when those of another merged list are taken out."""
    found: Spans = []
    place = 0
    for begins, ends in one:
        while place < len(other) and other[place][1] <= begins:
            place += 1
        ahead, start = place, begins
        while ahead < len(other) and other[ahead][0] < ends:
            if start < other[ahead][0]:
                found.append((start, other[ahead][0]))
            start = max(start, other[ahead][1])
            ahead += 1
        if start < ends:
            found.append((start, ends))
    return found


def length(spans: Iterable[Span]) -> timedelta:
    """Return how long merged spans are together."""
    return sum((ends - begins for begins, ends in spans), timedelta())
