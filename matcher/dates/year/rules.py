"""What a year's calendar breaks, and what it is worth: the specification in plain Python."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import combinations

from matcher.dates.year.problem import Calendar, Meeting, YearProblem
from matcher.proof import Violation

# The levels of the order, first to last; a lower value is better on each.
YEAR_LEVELS = ("moved", "absent", "crowded", "uneven")


def days_of(problem: YearProblem, calendar: Calendar, meeting: Meeting) -> list[date]:
    """Every day of a meeting."""
    length = problem.by_id[meeting.series].days
    return [calendar[meeting] + timedelta(days=n) for n in range(length)]


def violations(problem: YearProblem, calendar: Calendar) -> tuple[Violation, ...]:
    """Every hard rule that the calendar breaks."""
    return tuple(found for rule in YEAR_RULES.values() for found in rule(problem, calendar))


def open_day(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """A meeting stands on its series' weekdays, inside its span, outside closed days."""
    for meeting in problem.meetings:
        series = problem.by_id[meeting.series]
        first, last = problem.span(series)
        for day in days_of(problem, calendar, meeting):
            shut = next((closed for closed in problem.closed if day in closed), None)
            if shut is not None:
                yield _violation("open_day", meeting, f"{day} is closed: {shut.name or shut.kind}")
            if day.isoweekday() not in series.weekdays or not first <= day <= last:
                yield _violation("open_day", meeting, f"{day} is not a day of the series")


def notice(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """A meeting that is new or moved is announced at least the set number of weeks ahead."""
    if problem.today is None:
        return
    earliest = problem.today + timedelta(weeks=problem.notice_weeks)
    for meeting in problem.meetings:
        held = problem.current.get(meeting)
        is_as_announced = held is not None and held.day == calendar[meeting]
        if calendar[meeting] < earliest and not is_as_announced:
            yield _violation("notice", meeting, f"{calendar[meeting]} is before {earliest}")


def spacing(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """Meetings of a series come in order, at least the series' gap apart."""
    for series in problem.series:
        for number in range(1, series.count):
            one, two = Meeting(series.id, number), Meeting(series.id, number + 1)
            gap = (calendar[two] - calendar[one]).days
            if gap < max(series.min_gap_days, series.days):
                yield _violation("spacing", two, f"{gap} days after the one before")


def double_booking(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """Nobody is in two meetings in the same part of a day."""
    at: dict[date, list[Meeting]] = {}
    for meeting in problem.meetings:
        for day in days_of(problem, calendar, meeting):
            at.setdefault(day, []).append(meeting)
    for day, there in at.items():
        for one, two in combinations(there, 2):
            first, second = problem.by_id[one.series], problem.by_id[two.series]
            apart = {first.part, second.part} == {"morning", "afternoon"}
            shared = sorted(first.people & second.people)
            if shared and not apart and problem.carrier(one) != problem.carrier(two):
                message = f"{shared[0]} is also in {two.series} {two.number} on {day}"
                yield _violation("double_booking", one, message)


def attached(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """Half an hour added to another meeting has that meeting's day."""
    for meeting in problem.meetings:
        if calendar[problem.carrier(meeting)] != calendar[meeting]:
            yield _violation("attached", meeting, f"{calendar[meeting]} is another day")


def locked(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """A locked meeting keeps its day."""
    for meeting, held in problem.current.items():
        if held.locked and calendar[meeting] != held.day:
            yield _violation("locked", meeting, f"moved from {held.day} to {calendar[meeting]}")


def required_free(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """Those whom a series requires are free on its days."""
    people = {person.id: person for person in problem.people}
    for meeting in problem.meetings:
        days = set(days_of(problem, calendar, meeting))
        for name in sorted(problem.by_id[meeting.series].required):
            if name in people and days & people[name].unavailable:
                yield _violation("required_free", meeting, f"{name} cannot come")


YearRule = Callable[[YearProblem, Calendar], Iterator[Violation]]
YEAR_RULES: dict[str, YearRule] = {
    "open_day": open_day,
    "notice": notice,
    "spacing": spacing,
    "double_booking": double_booking,
    "attached": attached,
    "locked": locked,
    "required_free": required_free,
}


def levels(problem: YearProblem, calendar: Calendar) -> tuple[int, ...]:
    """Value on each of `YEAR_LEVELS`: meetings moved, absences, meetings too many a week, days."""
    return (
        moved(problem, calendar),
        sum(heads for _, heads in absences(problem, calendar)),
        crowded(problem, calendar),
        uneven(problem, calendar),
    )


def moved(problem: YearProblem, calendar: Calendar) -> int:
    """Meetings that lose the day they had."""
    return sum(calendar[meeting] != held.day for meeting, held in problem.current.items())


def absences(problem: YearProblem, calendar: Calendar) -> list[tuple[tuple[Meeting, str], int]]:
    """Who cannot come to what, with how many heads each counts."""
    found = []
    for meeting in problem.meetings:
        days = set(days_of(problem, calendar, meeting))
        people = problem.by_id[meeting.series].people
        found += [
            ((meeting, person.id), person.heads)
            for person in problem.people
            if person.id in people and days & person.unavailable
        ]
    return found


def crowded(problem: YearProblem, calendar: Calendar) -> int:
    """Meetings beyond the most that one person should have in an ISO week, over all people.

    A meeting counts in the week of its first day; one added to another makes no new journey.
    """
    total = 0
    for person in problem.people:
        mine = {
            problem.carrier(meeting)
            for meeting in problem.meetings
            if person.id in problem.by_id[meeting.series].people
        }
        weeks = Counter(tuple(calendar[meeting].isocalendar())[:2] for meeting in mine)
        extra = sum(max(0, count - problem.max_per_week) for count in weeks.values())
        total += extra * person.heads
    return total


def uneven(problem: YearProblem, calendar: Calendar) -> int:
    """Days between each meeting and the day wanted for it; attached meetings follow their carrier."""
    return sum(
        abs((calendar[meeting] - problem.wanted_day(meeting)).days)
        for meeting in problem.meetings
        if problem.carrier(meeting) == meeting
    )


def _violation(rule: str, meeting: Meeting, message: str) -> Violation:
    subjects = (meeting.series, str(meeting.number))
    return Violation(rule, subjects, f"{meeting.series} {meeting.number}: {message}")
