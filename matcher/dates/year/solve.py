"""The year as a CP-SAT model: one Boolean per meeting and day, one level optimised after another."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from ortools.sat.python import cp_model

from matcher.cpsat import Answer, give_hint, solve_model
from matcher.dates.year.problem import (
    Attendee,
    Calendar,
    Engagement,
    Meeting,
    Series,
    YearProblem,
)
from matcher.dates.year.rules import YEAR_LEVELS, cost_of, minutes_of, month_of, week_of
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.proof import Budget, OnProgress, Progress, Proof
from matcher.requirement import Requirement

# A rule that the model may leave out to find which cannot hold together: its name and its series.
Switch = tuple[str, str]

# A level as the solver minimises it, or the number that it is whatever is chosen.
Level = cp_model.LinearExpr | int

_ROUNDING = 1e-6
# Each rule is tried without for at most this long when the rules cannot all hold.
_CONFLICT_SECONDS = 5.0


@dataclass(slots=True)
class YearModel:
    """The solver's model with its variables: `starts[meeting][day]` is 1 on the first day."""

    model: cp_model.CpModel
    starts: dict[Meeting, dict[date, cp_model.IntVar]] = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)


def switches(problem: YearProblem) -> tuple[Switch, ...]:
    """Every rule of this problem that could be left out."""
    found = [(rule, "") for rule in ("closed", "notice", "double_booking")]
    for series in problem.series:
        found += [("days", series.id), ("spacing", series.id), ("required_free", series.id)]
    fixed = {
        meeting.series
        for meeting, held in problem.current.items()
        if held.locked and problem.carrier(meeting) not in problem.booked
    }
    return (*found, *(("locked", name) for name in sorted(fixed)))


def build(problem: YearProblem, active: frozenset[Switch]) -> YearModel:
    """Build the model with the rules in `active`; days are never outside the problem's span."""
    year = YearModel(cp_model.CpModel())
    windows = _windows(problem, active)
    for meeting in problem.meetings:
        if problem.carrier(meeting) == meeting:
            allowed = list(_days(problem, meeting, active, windows[meeting]))
            name = f"{meeting.series}.{meeting.number}"
            year.starts[meeting] = {
                day: year.model.new_bool_var(f"{name}.{day}") for day in allowed
            }
            year.model.add_exactly_one(year.starts[meeting].values())
    _add_spacing(problem, year, active)
    if ("double_booking", "") in active:
        _add_double_booking(problem, year)
    year.levels = {
        "moved": _moved(problem, year),
        "absent": _caught(problem, year, lambda person: person.unavailable),
        "crowded": _crowded(problem, year),
        "overloaded": _overloaded(problem, year),
        "school_weeks": _caught(problem, year, lambda person: person.school_days),
        "uneven": _uneven(problem, year),
    }
    return year


def solve_year(
    problem: YearProblem, budget: Budget, on_progress: OnProgress | None = None
) -> tuple[Calendar, dict[str, Proof]]:
    """Optimise level by level; the proof of each level holds given the levels before it.

    Raises:
        InfeasibleError: with a set of rules that cannot all hold, each of them needed.
        NoSolutionInTimeError: when the budget ends first.
    """
    ends = time.perf_counter() + budget.seconds
    year = build(problem, frozenset(switches(problem)))
    give_hint(year.model, _near_wanted(problem, year))
    follow = _Follow(on_progress)
    calendar: Calendar | None = None
    proofs: dict[str, Proof] = {}
    for name, expression in year.levels.items():
        if isinstance(expression, int):
            proofs[name] = Proof(expression, expression)
            continue
        left = ends - time.perf_counter()
        if left <= 0.0 or follow.is_stopped:
            break
        # No level may use up the time of those after it, unless nothing has been found yet.
        share = left if calendar is None or name == YEAR_LEVELS[-1] else left / 2.0
        year.model.minimize(expression)
        try:
            answer = solve_model(
                year.model, replace(budget, seconds=share), follow, f"year: {name}"
            )
        except InfeasibleError as error:
            raise InfeasibleError(*_conflict(problem, budget)) from error
        except NoSolutionInTimeError:
            continue
        calendar = _calendar(problem, year, answer)
        best, bound = answer.proof.objective, answer.proof.lower_bound
        # The levels are whole numbers: a fraction in a bound or a value is the solver's rounding.
        proofs[name] = Proof(round(best), math.ceil(bound - _ROUNDING))
        year.model.add(expression <= round(best))
        starts = [start for days in year.starts.values() for start in days.values()]
        give_hint(year.model, {start: answer.value(start) for start in starts})
    if calendar is None:
        raise NoSolutionInTimeError(budget.seconds)
    return calendar, proofs


def _near_wanted(problem: YearProblem, year: YearModel) -> dict[cp_model.IntVar, int]:
    """Return a first hint: every meeting on the open day nearest to the day wanted for it."""
    hint: dict[cp_model.IntVar, int] = {}
    for meeting, starts in year.starts.items():
        wanted = problem.wanted_day(meeting)
        nearest = min(starts, key=lambda day: abs((day - wanted).days), default=None)
        hint |= {start: int(day == nearest) for day, start in starts.items()}
    return hint


def _windows(problem: YearProblem, active: frozenset[Switch]) -> dict[Meeting, tuple[date, date]]:
    """Return the days that the gaps before and after each meeting leave it.

    A booked meeting has its day, and those around it begin to count from there.
    """
    found: dict[Meeting, tuple[date, date]] = {}
    booked = {one: held.day for one, held in problem.current.items() if held.booked}
    for series in problem.series:
        spaced = ("spacing", series.id) in active
        gap = timedelta(days=max(series.min_gap_days, series.days) if spaced else 0)
        numbers = range(1, series.count + 1)
        earliest, latest = problem.first, problem.last
        firsts, lasts = {}, {}
        for number in numbers:
            firsts[number] = booked.get(Meeting(series.id, number), earliest)
            earliest = firsts[number] + gap
        for number in reversed(numbers):
            lasts[number] = booked.get(Meeting(series.id, number), latest)
            latest = lasts[number] - gap
        found |= {Meeting(series.id, n): (firsts[n], lasts[n]) for n in numbers}
    return found


def _days(
    problem: YearProblem, meeting: Meeting, active: frozenset[Switch], window: tuple[date, date]
) -> Iterator[date]:
    series = problem.by_id[meeting.series]
    riders = [other for other in problem.series if other.attached_to == series.id]
    held = {one: problem.current.get(one) for one in _together(problem, meeting)}
    stands = [at.day for at in held.values() if at is not None and at.booked]
    if stands:
        yield stands[0]
        return
    locks = {
        at.day
        for one, at in held.items()
        if at is not None and at.locked and ("locked", one.series) in active
    }
    for offset in range((window[1] - window[0]).days + 1):
        day = window[0] + timedelta(days=offset)
        if locks and locks != {day}:
            continue
        if all(_is_open(problem, one, day, active) for one in (series, *riders)) and (
            ("notice", "") not in active or _has_notice(problem, meeting, day)
        ):
            yield day


def _is_open(problem: YearProblem, series: Series, day: date, active: frozenset[Switch]) -> bool:
    days = [day + timedelta(days=n) for n in range(series.days)]
    if ("closed", "") in active and any(d in closed for d in days for closed in problem.closed):
        return False
    first, last = problem.span(series)
    is_own = all(first <= d <= last and d.isoweekday() in series.weekdays for d in days)
    if ("days", series.id) in active and not is_own:
        return False
    if ("required_free", series.id) not in active:
        return True
    needed = [person for person in problem.people if person.id in series.required]
    return not any(d in person.unavailable for d in days for person in needed)


def _has_notice(problem: YearProblem, meeting: Meeting, day: date) -> bool:
    if problem.today is None or day >= problem.today + timedelta(weeks=problem.notice_weeks):
        return True
    held = [problem.current.get(one) for one in _together(problem, meeting)]
    return all(one is not None and one.day == day for one in held)


def _together(problem: YearProblem, meeting: Meeting) -> list[Meeting]:
    """Return the meeting and those attached to it."""
    riders = [
        Meeting(other.id, meeting.number)
        for other in problem.series
        if other.attached_to == meeting.series and meeting.number <= other.count
    ]
    return [meeting, *riders]


def _add_spacing(problem: YearProblem, year: YearModel, active: frozenset[Switch]) -> None:
    for series in problem.series:
        if ("spacing", series.id) not in active:
            continue
        least = max(series.min_gap_days, series.days)
        own = [problem.carrier(Meeting(series.id, n)) for n in range(1, series.count + 1)]
        for one, two in pairwise(own):
            if {one, two} <= problem.booked:
                continue
            gap = _when(problem, year, two) - _when(problem, year, one)
            year.model.add(gap >= least)


def _add_double_booking(problem: YearProblem, year: YearModel) -> None:
    """Of the meetings that one kind of person attends, at most one in each half of each day.

    People in exactly the same series are one kind; a set inside another adds nothing. Two that are
    booked already may clash: that is not for this year to undo, but nothing is added to it.
    """
    kinds, booked = {kind.series for kind in _kinds(problem)}, problem.booked
    for kind in sorted(kinds, key=sorted):
        if any(kind < other for other in kinds):
            continue
        for half in ("morning", "afternoon"):
            for starts in _busy(problem, year, kind, half).values():
                free = [start for (one, _), start in starts.items() if one not in booked]
                if len(free) < len(starts):
                    year.model.add(cp_model.LinearExpr.sum(free) == 0)
                elif len(free) > 1:
                    year.model.add_at_most_one(free)


def _busy(
    problem: YearProblem, year: YearModel, kind: frozenset[str], half: str
) -> dict[date, dict[tuple[Meeting, date], cp_model.IntVar]]:
    """Return, per day, the starts that occupy that half of it; a carrier and its rider count once."""
    busy: dict[date, dict[tuple[Meeting, date], cp_model.IntVar]] = {}
    for meeting in problem.meetings:
        series = problem.by_id[meeting.series]
        if series.id not in kind or series.part not in {"day", half}:
            continue
        carrier = problem.carrier(meeting)
        for day, start in year.starts[carrier].items():
            for n in range(series.days):
                busy.setdefault(day + timedelta(days=n), {})[carrier, day] = start
    return busy


@dataclass(frozen=True, slots=True)
class _Kind:
    """People who attend exactly the same series, with the same journeys and the same else to do."""

    series: frozenset[str]
    journey: float
    engagements: tuple[Engagement, ...]
    booked: tuple[tuple[Meeting, float], ...]


def _kinds(problem: YearProblem) -> dict[_Kind, int]:
    """Return the kinds of people with the heads of each."""
    heads: dict[_Kind, int] = {}
    for person in problem.people:
        own = frozenset(series.id for series in problem.series if person.id in series.people)
        if own:
            booked = tuple(sorted(person.booked.items()))
            kind = _Kind(own, person.journey, person.engagements, booked)
            heads[kind] = heads.get(kind, 0) + person.heads
    return heads


def _when(problem: YearProblem, year: YearModel, meeting: Meeting) -> cp_model.LinearExpr:
    starts = year.starts[meeting]
    days = [(day - problem.first).days for day in starts]
    return cp_model.LinearExpr.weighted_sum(list(starts.values()), days)


def _moved(problem: YearProblem, year: YearModel) -> Level:
    # A held day that is no longer allowed has no variable: its meeting moves whatever is chosen.
    stays = [
        year.starts[problem.carrier(meeting)].get(held.day)
        for meeting, held in problem.current.items()
    ]
    kept = [start for start in stays if start is not None]
    return len(stays) - cp_model.LinearExpr.sum(kept) if kept else len(stays)


def _caught(
    problem: YearProblem, year: YearModel, days_away: Callable[[Attendee], frozenset[date]]
) -> Level:
    starts: list[cp_model.IntVar] = []
    heads: list[int] = []
    for meeting in problem.meetings:
        series = problem.by_id[meeting.series]
        mine = [p for p in problem.people if p.id in series.people and days_away(p)]
        for day, start in year.starts[problem.carrier(meeting)].items():
            days = {day + timedelta(days=n) for n in range(series.days)}
            caught = sum(person.heads for person in mine if days & days_away(person))
            if caught:
                starts.append(start)
                heads.append(caught)
    return cp_model.LinearExpr.weighted_sum(starts, heads) if starts else 0


def _crowded(problem: YearProblem, year: YearModel) -> Level:
    extras = _Extras(year.model)
    for kind, heads in _kinds(problem).items():
        own = {problem.carrier(one) for one in problem.meetings if one.series in kind.series}
        other = Counter(week_of(one.day) for one in kind.engagements)
        weeks: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for meeting in sorted(own):
            for day, start in year.starts[meeting].items():
                weeks.setdefault(week_of(day), []).append(start)
        for week, starts in weeks.items():
            room = max(0, problem.max_per_week - other[week])
            extras.add(starts, [1] * len(starts), room, len(own), heads)
    return extras.total()


def _overloaded(problem: YearProblem, year: YearModel) -> Level:
    if problem.max_hours_per_month is None:
        return 0
    cap = minutes_of(problem.max_hours_per_month)
    extras = _Extras(year.model)
    for kind, heads in _kinds(problem).items():
        person = Attendee("", journey=kind.journey, booked=dict(kind.booked))
        other = Counter[tuple[int, int]]()
        for one in kind.engagements:
            other[month_of(one.day)] += minutes_of(one.hours)
        own = [one for one in problem.meetings if one.series in kind.series]
        costs = {one: cost_of(problem, person, one) for one in own}
        months: dict[tuple[int, int], tuple[list[cp_model.IntVar], list[int]]] = {}
        for meeting in own:
            for day, start in year.starts[problem.carrier(meeting)].items():
                starts, minutes = months.setdefault(month_of(day), ([], []))
                starts.append(start)
                minutes.append(costs[meeting])
        for month, (starts, minutes) in months.items():
            room = max(0, cap - other[month])
            extras.add(starts, minutes, room, sum(costs.values()), heads)
    return extras.total()


class _Extras:
    """Variables for what is beyond a limit, each with the heads that it counts for."""

    def __init__(self, model: cp_model.CpModel) -> None:
        self._model = model
        self._extras: list[cp_model.IntVar] = []
        self._heads: list[int] = []

    def add(
        self, starts: list[cp_model.IntVar], weights: list[int], room: int, most: int, heads: int
    ) -> None:
        """Count what these starts come to beyond the room there is; `most` they can all come to."""
        if most <= room:
            return
        extra = self._model.new_int_var(0, most - room, f"extra.{len(self._extras)}")
        used = cp_model.LinearExpr.weighted_sum(starts, weights)
        self._model.add(used - extra <= room)
        self._extras.append(extra)
        self._heads.append(heads)

    def total(self) -> Level:
        """Return all of it together."""
        if not self._extras:
            return 0
        return cp_model.LinearExpr.weighted_sum(self._extras, self._heads)


def _uneven(problem: YearProblem, year: YearModel) -> Level:
    starts: list[cp_model.IntVar] = []
    away: list[int] = []
    for meeting, days in year.starts.items():
        wanted = problem.wanted_day(meeting)
        starts += days.values()
        away += [abs((day - wanted).days) for day in days]
    return cp_model.LinearExpr.weighted_sum(starts, away)


def _calendar(problem: YearProblem, year: YearModel, answer: Answer) -> Calendar:
    own = {
        meeting: next(day for day, start in starts.items() if answer.is_true(start))
        for meeting, starts in year.starts.items()
    }
    return {meeting: own[problem.carrier(meeting)] for meeting in problem.meetings}


def _conflict(problem: YearProblem, budget: Budget) -> tuple[Requirement, ...]:
    """Return rules that cannot all hold, none of which can be left out (deletion filter)."""
    needed = frozenset(switches(problem))
    short = replace(budget, seconds=min(budget.seconds, _CONFLICT_SECONDS))
    for switch in sorted(needed):
        try:
            solve_model(build(problem, needed - {switch}).model, short)
        except InfeasibleError:
            needed -= {switch}
        except NoSolutionInTimeError:
            continue  # not known to be superfluous, so it stays
    return tuple(_requirement(problem, switch) for switch in sorted(needed))


def _requirement(problem: YearProblem, switch: Switch) -> Requirement:
    rule, name = switch
    if rule == "closed":
        return Requirement("closed_days")
    if rule == "notice":
        return Requirement(rule, (), (problem.notice_weeks,), note=f"{problem.today}")
    if rule == "spacing":
        series = problem.by_id[name]
        gap = max(series.min_gap_days, series.days)
        return Requirement(rule, (name,), (series.count, gap))
    return Requirement(rule, (name,) if name else ())


class _Follow:
    """Passes progress on and remembers when it was told to stop, so that no new level begins."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self.is_stopped = False
        self._on_progress = on_progress

    def __call__(self, progress: Progress) -> bool:
        """Return False when whoever follows has seen enough."""
        if self._on_progress is not None and self._on_progress(progress) is False:
            self.is_stopped = True
        return not self.is_stopped
