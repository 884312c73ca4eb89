"""Free times as sets of quarters of an hour, in local time: "2027-01-11T09:00" is the quarter from nine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

QUARTER = timedelta(minutes=15)
# A span longer than this is a slip, and would fill the memory.
LONGEST = timedelta(days=31)
_FORM = "%Y-%m-%dT%H:%M"
EXPECTED = "YYYY-MM-DDTHH:MM/YYYY-MM-DDTHH:MM on quarters of an hour, the end after the start, at most 31 days"


def quarters(spans: Iterable[str]) -> frozenset[str]:
    """Return the quarters that spans cover, each span "start/end" with its end left out.

    Raises:
        ValueError: with a span that is none.
    """
    found: set[str] = set()
    for span in spans:
        start, end = _ends(span)
        while start < end:
            found.add(start.strftime(_FORM))
            start += QUARTER
    return frozenset(found)


def spans(free: frozenset[str]) -> tuple[str, ...]:
    """Return quarters as the fewest spans, in order: `quarters` of them are the same."""
    found: list[tuple[datetime, datetime]] = []
    for quarter in sorted(free):
        start = datetime.strptime(quarter, _FORM)  # noqa: DTZ007 - local times have no zone
        if found and found[-1][1] == start and start + QUARTER - found[-1][0] <= LONGEST:
            found[-1] = (found[-1][0], start + QUARTER)
        else:
            found.append((start, start + QUARTER))
    return tuple(f"{start.strftime(_FORM)}/{end.strftime(_FORM)}" for start, end in found)


def starts(free: frozenset[str], minutes: int) -> frozenset[str]:
    """Return the quarters from which so many minutes in a row are free."""
    length = max(1, -(-minutes // 15))
    found = []
    for quarter in free:
        start = datetime.strptime(quarter, _FORM)  # noqa: DTZ007 - local times have no zone
        if all((start + step * QUARTER).strftime(_FORM) in free for step in range(1, length)):
            found.append(quarter)
    return frozenset(found)


def _ends(span: str) -> tuple[datetime, datetime]:
    try:
        first, last = span.split("/")
        start = datetime.strptime(first, _FORM)  # noqa: DTZ007 - local times have no zone
        end = datetime.strptime(last, _FORM)  # noqa: DTZ007 - local times have no zone
    except ValueError as error:
        raise ValueError(span) from error
    if start.minute % 15 or end.minute % 15 or not timedelta(0) < end - start <= LONGEST:
        raise ValueError(span)
    return start, end
