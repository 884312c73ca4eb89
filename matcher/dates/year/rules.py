"""What a year's calendar breaks, and what it is worth: the specification in plain Python."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from matcher.dates.year.problem import Attendee, Calendar, Meeting, YearProblem
from matcher.proof import Violation

# The levels of the order, first to last; a lower value is better on each.
YEAR_LEVELS = ("moved", "absent", "crowded", "overloaded", "school_weeks", "uneven")


def days_of(problem: YearProblem, calendar: Calendar, meeting: Meeting) -> list[date]:
    """Every day of a meeting."""
    length = problem.by_id[meeting.series].days
    return [calendar[meeting] + timedelta(days=n) for n in range(length)]


def violations(problem: YearProblem, calendar: Calendar) -> tuple[Violation, ...]:
    """Every hard rule that the calendar breaks."""
    return tuple(found for rule in YEAR_RULES.values() for found in rule(problem, calendar))


def open_day(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """A meeting stands on its series' weekdays, inside its span, outside closed days.

    One that is booked already stands where it stands, and opens the day to no other.
    """
    booked = problem.booked
    for meeting in problem.meetings:
        if problem.carrier(meeting) in booked:
            continue
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
    """Meetings of a series come in order, at least the series' gap apart; booked ones as they are."""
    booked = problem.booked
    for series in problem.series:
        for number in range(1, series.count):
            one, two = Meeting(series.id, number), Meeting(series.id, number + 1)
            if {problem.carrier(one), problem.carrier(two)} <= booked:
                continue
            gap = (calendar[two] - calendar[one]).days
            if gap < max(series.min_gap_days, series.days):
                yield _violation("spacing", two, f"{gap} days after the one before")


def double_booking(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """Nobody is in two meetings in the same part of a day, unless both were booked before."""
    booked = problem.booked
    at: dict[date, list[Meeting]] = {}
    for meeting in problem.meetings:
        for day in days_of(problem, calendar, meeting):
            at.setdefault(day, []).append(meeting)
    for day, there in at.items():
        for one, two in combinations(there, 2):
            first, second = problem.by_id[one.series], problem.by_id[two.series]
            apart = {first.part, second.part} == {"morning", "afternoon"}
            shared = sorted(first.people & second.people)
            carriers = {problem.carrier(one), problem.carrier(two)}
            if shared and not apart and len(carriers) == 2 and not carriers <= booked:
                message = f"{shared[0]} is also in {two.series} {two.number} on {day}"
                yield _violation("double_booking", one, message)


def attached(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """Half an hour added to another meeting has that meeting's day."""
    for meeting in problem.meetings:
        if calendar[problem.carrier(meeting)] != calendar[meeting]:
            yield _violation("attached", meeting, f"{calendar[meeting]} is another day")


def locked(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """A locked or booked meeting keeps its day."""
    for meeting, held in problem.current.items():
        if (held.locked or held.booked) and calendar[meeting] != held.day:
            yield _violation("locked", meeting, f"moved from {held.day} to {calendar[meeting]}")


def required_free(problem: YearProblem, calendar: Calendar) -> Iterator[Violation]:
    """Those whom a series requires are free on its days."""
    people = {person.id: person for person in problem.people}
    booked = problem.booked
    for meeting in problem.meetings:
        if problem.carrier(meeting) in booked:
            continue
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
    """Value on each of `YEAR_LEVELS`.

    Meetings moved, absences, meetings too many a week, minutes too many a month, people whose
    schools are usually closed, and days from an even spread.
    """
    return (
        moved(problem, calendar),
        sum(heads for _, heads in absences(problem, calendar)),
        sum(one.extra * one.heads for one in crowds(problem, calendar)),
        sum(one.extra * one.heads for one in overloads(problem, calendar)),
        sum(heads for _, heads in in_school_weeks(problem, calendar)),
        uneven(problem, calendar),
    )


def moved(problem: YearProblem, calendar: Calendar) -> int:
    """Meetings that lose the day they had."""
    return sum(calendar[meeting] != held.day for meeting, held in problem.current.items())


def absences(problem: YearProblem, calendar: Calendar) -> list[tuple[tuple[Meeting, str], int]]:
    """Who cannot come to what, with how many heads each counts."""
    return _caught(problem, calendar, lambda person: person.unavailable)


def in_school_weeks(
    problem: YearProblem, calendar: Calendar
) -> list[tuple[tuple[Meeting, str], int]]:
    """Whose schools are usually closed at what, with how many heads each counts."""
    return _caught(problem, calendar, lambda person: person.school_days)


def _caught(
    problem: YearProblem, calendar: Calendar, days_away: Callable[[Attendee], frozenset[date]]
) -> list[tuple[tuple[Meeting, str], int]]:
    found = []
    for meeting in problem.meetings:
        days = set(days_of(problem, calendar, meeting))
        people = problem.by_id[meeting.series].people
        found += [
            ((meeting, person.id), person.heads)
            for person in problem.people
            if person.id in people and days & days_away(person)
        ]
    return found


@dataclass(frozen=True, slots=True)
class Excess:
    """More than one person should have in a week or a month, and what makes it up.

    `period` is year and ISO week, or year and month; `extra` is meetings, or minutes, beyond the cap
    and beyond what the person's other engagements come to; `fixed` says that all of it was booked
    before.
    """

    person: str
    heads: int
    period: tuple[int, int]
    extra: int
    meetings: tuple[Meeting, ...]
    fixed: bool


def crowds(problem: YearProblem, calendar: Calendar) -> list[Excess]:
    """Weeks with more meetings than one person should have in an ISO week.

    A meeting counts in the week of its first day; one added to another makes no new journey.
    """
    booked = problem.booked
    found = []
    for person in problem.people:
        there: dict[tuple[int, int], list[Meeting]] = {}
        for meeting in carriers_of(problem, person):
            there.setdefault(week_of(calendar[meeting]), []).append(meeting)
        other = Counter(week_of(one.day) for one in person.engagements)
        for week, meetings in there.items():
            extra = other[week] + len(meetings) - max(problem.max_per_week, other[week])
            if extra > 0:
                before = other[week] + sum(meeting in booked for meeting in meetings)
                is_fixed = before - problem.max_per_week >= extra
                at = tuple(sorted(meetings))
                found.append(Excess(person.id, person.heads, week, extra, at, is_fixed))
    return found


def overloads(problem: YearProblem, calendar: Calendar) -> list[Excess]:
    """Months with more minutes than one person should have, over everything that is known of it."""
    if problem.max_hours_per_month is None:
        return []
    cap, booked = minutes_of(problem.max_hours_per_month), problem.booked
    found = []
    for person in problem.people:
        load = Counter[tuple[int, int]]()
        before = Counter[tuple[int, int]]()
        there: dict[tuple[int, int], list[Meeting]] = {}
        for one in person.engagements:
            load[month_of(one.day)] += minutes_of(one.hours)
            before[month_of(one.day)] += minutes_of(one.hours)
        for meeting in meetings_of(problem, person):
            month = month_of(calendar[meeting])
            there.setdefault(month, []).append(meeting)
            load[month] += cost_of(problem, person, meeting)
            if problem.carrier(meeting) in booked:
                before[month] += cost_of(problem, person, meeting)
        other = Counter[tuple[int, int]]()
        for month, meetings in there.items():
            other[month] = load[month] - sum(cost_of(problem, person, one) for one in meetings)
        found += [
            Excess(
                person.id,
                person.heads,
                month,
                load[month] - max(cap, other[month]),
                tuple(sorted(meetings)),
                before[month] >= load[month],
            )
            for month, meetings in sorted(there.items())
            if load[month] > max(cap, other[month])
        ]
    return found


def meetings_of(problem: YearProblem, person: Attendee) -> list[Meeting]:
    """Every meeting that a person attends."""
    return [one for one in problem.meetings if person.id in problem.by_id[one.series].people]


def carriers_of(problem: YearProblem, person: Attendee) -> set[Meeting]:
    """The meetings that bring a person somewhere: those added to another are not counted."""
    return {problem.carrier(one) for one in meetings_of(problem, person)}


def cost_of(problem: YearProblem, person: Attendee, meeting: Meeting) -> int:
    """Minutes that a meeting takes of a person, with the journey there and back."""
    if meeting in person.booked:
        return minutes_of(person.booked[meeting])
    series = problem.by_id[meeting.series]
    travels = series.form != "digital" and series.attached_to is None
    return minutes_of(series.hours + (person.journey if travels else 0.0))


def minutes_of(hours: float) -> int:
    """Whole minutes."""
    return round(60.0 * hours)


def week_of(day: date) -> tuple[int, int]:
    """ISO year and week."""
    return day.isocalendar().year, day.isocalendar().week


def month_of(day: date) -> tuple[int, int]:
    """Year and month."""
    return day.year, day.month


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
