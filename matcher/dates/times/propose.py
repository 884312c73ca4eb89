"""The earliest good times for a small meeting: whoever must come is free, few may be away, and no day is closed.

Times are local clock times; all are tried in order, so that what is proposed is the earliest there is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

MOST = 3
# A working day's clock times to begin at, in the order that is tried on a day.
CLOCKS = (time(9), time(10), time(13), time(14), time(15))
MIDWEEK = frozenset({2, 3, 4})
WORKING_DAYS = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class Taken:
    """When somebody cannot, or perhaps cannot: local moments, the end excluded."""

    starts: datetime
    ends: datetime
    is_tentative: bool = False


@dataclass(frozen=True, slots=True)
class TimesProblem:
    """Who is to meet for how long, from which day on, and what they are busy with.

    `closed` says of a day why nobody should meet on it, or nothing; `discouraged` why it had better
    be another. `weeks` holds for each person the ISO weeks in which they meet already.
    """

    first: date
    last: date
    minutes: int
    busy: Mapping[str, tuple[Taken, ...]]
    closed: Callable[[date], str]
    discouraged: Callable[[date], str]
    weeks: Mapping[str, frozenset[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A time with who cannot, who perhaps cannot, who meets already that week, and what to mind."""

    starts: datetime
    ends: datetime
    away: tuple[str, ...]
    perhaps: tuple[str, ...]
    crowded: tuple[str, ...]
    mind: str

    @property
    def cost(self) -> tuple[int, int, int, int, int]:
        """How good it is, less is better: away, full weeks, what to mind, perhaps, an unusual weekday."""
        odd = int(self.starts.isoweekday() not in MIDWEEK)
        return (
            len(self.away),
            len(self.crowded),
            int(bool(self.mind)),
            len(self.perhaps),
            odd,
        )


def propose(problem: TimesProblem, most: int = MOST) -> tuple[Proposed, ...]:
    """Return at most so many times on different days: the best there are, and of equals the earliest.

    Only times as good as the best one, or next to it, are worth asking about: a worse one that is
    earlier is proposed only when there are too few.
    """
    days: dict[date, Proposed] = {}
    for one in candidates(problem):
        day = one.starts.date()
        if day not in days or one.cost < days[day].cost:
            days[day] = one
    ordered = sorted(days.values(), key=lambda one: (one.cost, one.starts))
    return tuple(sorted(ordered[:most], key=lambda one: one.starts))


def candidates(problem: TimesProblem) -> Iterator[Proposed]:
    """Every time on an open day, earliest first."""
    length = timedelta(minutes=problem.minutes)
    for offset in range((problem.last - problem.first).days + 1):
        day = problem.first + timedelta(days=offset)
        if day.isoweekday() not in WORKING_DAYS or problem.closed(day):
            continue
        week = day.isocalendar().year, day.isocalendar().week
        crowded = tuple(sorted(name for name, of in problem.weeks.items() if week in of))
        mind = problem.discouraged(day)
        for clock in CLOCKS:
            starts = datetime.combine(day, clock)
            ends = starts + length
            away, perhaps = _missing(problem, starts, ends)
            yield Proposed(starts, ends, away, perhaps, crowded, mind)


def _missing(
    problem: TimesProblem, starts: datetime, ends: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    away, perhaps = [], []
    for name, spans in sorted(problem.busy.items()):
        hit = [one for one in spans if one.starts < ends and starts < one.ends]
        if any(not one.is_tentative for one in hit):
            away.append(name)
        elif hit:
            perhaps.append(name)
    return tuple(away), tuple(perhaps)
