"""What a date, place and form break and what they come to: the specification in plain Python."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from matcher.dates.meeting.problem import Answer, Candidate, MeetingProblem, Mode, Person
from matcher.proof import Violation
from matcher.travel import BANDS, EARLIEST, LATEST, MARGIN, band_of, nights

# When a whole day is reckoned to begin and end, in hours of the day.
USUAL_CLOCK = (9.0, 16.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """One candidate's figures; hours are one way, door to door, estimated; counts are people.

    `attending` is weighted; `debt` is each region's earlier travel with this meeting's added,
    largest first. `nights` is nights away of all travellers, and `cost` the place's with theirs and
    their journeys' where the settings price them. `bands` counts travellers in the order of `travel.BANDS`.
    """

    missing: tuple[str, ...]
    short_roles: tuple[tuple[str, int], ...]
    attending: int
    tentative: int
    absent: int
    in_person: int
    digital: int
    unknown_travel: int
    worst_region: str | None
    worst_hours: float
    total_hours: float
    mean_hours: float
    p95_hours: float
    max_hours: float
    bands: tuple[int, ...]
    region_hours: tuple[tuple[str, float], ...]
    debt: tuple[tuple[str, float], ...]
    nights: int
    cost: float

    @property
    def unmet(self) -> int:
        """People still missing among those who must attend and in the roles' quorums."""
        return len(self.missing) + sum(short for _, short in self.short_roles)


def answer_of(problem: MeetingProblem, person: Person, date_id: str) -> Answer:
    """Return what the person says of a date; someone never asked is taken to be free."""
    if person.answers is None:
        return "yes"
    return person.answers.get(date_id, problem.settings.unanswered)


def hours_of(problem: MeetingProblem, person: Person, candidate: Candidate) -> float | None:
    """Hours one way from home to place, door to door; None where either is not known."""
    place = candidate.place
    if person.home is None or place is None or place.point is None:
        return None
    return problem.travel.hours(person.home, place.point)


def meeting_length(problem: MeetingProblem, candidate: Candidate) -> float | None:
    """Hours on the clock, from the date's own times or else the settings."""
    own = candidate.date.hours
    return problem.settings.meeting_hours if own is None else own


def is_same_day(problem: MeetingProblem, candidate: Candidate, journey: float | None) -> bool:
    """Whether a short meeting can be reached and left within one day; a long one has no such rule."""
    hours = meeting_length(problem, candidate)
    settings, clock = problem.settings, candidate.date.clock
    if hours is None or hours > settings.short_meeting_hours or journey is None:
        return True
    if settings.longest_day_hours is None and clock is not None:
        return nights(journey, *clock) == 0
    longest = settings.longest_day_hours
    return 2.0 * journey + hours <= (LATEST - EARLIEST if longest is None else longest)


def nights_of(candidate: Candidate, journey: float) -> int:
    """Nights away from home for a journey of so many hours one way, between days included."""
    first, last = candidate.date.clock or USUAL_CLOCK
    return nights(journey, first, last) + max(0, len(candidate.date.days) - 1)


def mode_of(problem: MeetingProblem, person: Person, candidate: Candidate) -> Mode | None:
    """How the person takes part if free: in the room, digitally, or not at all in this form."""
    digitally: Mode | None = "digital" if "digital" in person.modes else None
    if candidate.form == "digital":
        return digitally
    journey = hours_of(problem, person, candidate)
    limit = person.travel_limit_hours
    limit = problem.settings.travel_limit_hours if limit is None else limit
    is_near = journey is None or limit is None or journey <= limit
    if candidate.form == "hybrid":
        is_near = is_near and is_same_day(problem, candidate, journey)
    if "in_person" in person.modes and is_near:
        return "in_person"
    return digitally if candidate.form == "hybrid" else None


def figures(problem: MeetingProblem, candidate: Candidate) -> Figures:
    """Count who comes, who travels how far, what is owed to whom and what it costs."""
    modes = {person.id: mode_of(problem, person, candidate) for person in problem.people}
    able = [person for person in problem.people if modes[person.id] is not None]
    answers = {p.id: answer_of(problem, p, candidate.date.id) for p in problem.people}
    coming = [person for person in able if answers[person.id] == "yes"]
    present = {person.id for person in coming}
    travellers = [person for person in coming if modes[person.id] == "in_person"]
    known = [(p, h) for p in travellers if (h := hours_of(problem, p, candidate)) is not None]
    hours = sorted(journey for _, journey in known)
    by_region: dict[str, float] = {}
    for person, journey in known:
        by_region[person.region] = max(by_region.get(person.region, 0.0), journey)
    worst = max(by_region, key=lambda region: (by_region[region], region), default=None)
    heads = [sum(role.id in person.roles for person in coming) for role in problem.roles]
    short = [
        (r.id, r.quorum - n) for r, n in zip(problem.roles, heads, strict=True) if n < r.quorum
    ]
    bands = [band_of(journey) for journey in hours]
    away = sum(nights_of(candidate, journey) for journey in hours)
    settings = problem.settings
    journeys = settings.night_cost * away + settings.hour_cost * 2.0 * math.fsum(hours)
    return Figures(
        missing=tuple(p.id for p in problem.people if p.must_attend and p.id not in present),
        short_roles=tuple(short),
        attending=sum(person.weight for person in coming),
        tentative=sum(person.weight for person in able if answers[person.id] == "maybe"),
        absent=sum(answers[p.id] == "no" or modes[p.id] is None for p in problem.people),
        in_person=len(travellers),
        digital=len(coming) - len(travellers),
        unknown_travel=len(travellers) - len(known),
        worst_region=worst,
        worst_hours=by_region[worst] if worst is not None else 0.0,
        total_hours=math.fsum(hours),
        mean_hours=math.fsum(hours) / len(hours) if hours else 0.0,
        p95_hours=percentile(hours, 0.95),
        max_hours=hours[-1] if hours else 0.0,
        bands=tuple(bands.count(band) for band in BANDS),
        region_hours=tuple(sorted(by_region.items())),
        debt=_debt_with(problem, by_region),
        nights=away,
        cost=journeys + (candidate.place.cost if candidate.place is not None else 0.0),
    )


def percentile(ascending: list[float], share: float) -> float:
    """Nearest-rank percentile of ascending values; 0 of none."""
    return ascending[math.ceil(share * len(ascending)) - 1] if ascending else 0.0


def debts(problem: MeetingProblem) -> dict[str, float]:
    """Hours that each region has travelled to the earlier meetings."""
    owed = dict.fromkeys((person.region for person in problem.people), 0.0)
    for meeting in problem.history:
        for region, hours in meeting.hours.items():
            owed[region] = owed.get(region, 0.0) + hours
    return owed


def violations(problem: MeetingProblem, candidate: Candidate) -> tuple[Violation, ...]:
    """Every hard rule that the candidate breaks, in the order of `RULES`."""
    broken = []
    for name, rule in RULES.items():
        message = rule(problem, candidate)
        if message is not None:
            subjects = [candidate.date.id]
            subjects += [candidate.place.id] if candidate.place is not None else []
            broken.append(Violation(name, tuple(subjects), message))
    return tuple(broken)


def open_day(problem: MeetingProblem, candidate: Candidate) -> str | None:
    """A meeting stands outside holidays, squeeze days and school breaks."""
    for day in candidate.date.days:
        for closed in problem.settings.closed:
            if day in closed:
                return f"{day} is closed: {closed.name or closed.kind}"
    return None


def notice(problem: MeetingProblem, candidate: Candidate) -> str | None:
    """A meeting is announced at least the set number of weeks ahead."""
    settings, days = problem.settings, candidate.date.days
    if settings.today is None or not days:
        return None
    earliest = settings.today + timedelta(weeks=settings.notice_weeks)
    if days[0] >= earliest:
        return None
    return f"{days[0]} gives less than {settings.notice_weeks} weeks' notice from {settings.today}"


def place_free(_problem: MeetingProblem, candidate: Candidate) -> str | None:
    """A place is used only on dates when it is free."""
    place = candidate.place
    if place is None or candidate.date.id not in place.taken:
        return None
    return f"{place.id} is taken on {candidate.date.id}"


def capacity(problem: MeetingProblem, candidate: Candidate) -> str | None:
    """Everybody who may come in person, `maybe` included, has a seat."""
    place = candidate.place
    if place is None or place.capacity is None:
        return None
    heads = len(_in_the_room(problem, candidate, {"yes", "maybe"}))
    return (
        f"{place.id} holds {place.capacity}, {heads} may come" if heads > place.capacity else None
    )


def accessible(problem: MeetingProblem, candidate: Candidate) -> str | None:
    """A place is known to be accessible when the meeting or someone who may come needs it."""
    place = candidate.place
    if place is None or place.accessible:
        return None
    coming = _in_the_room(problem, candidate, {"yes", "maybe"})
    is_needed = problem.settings.require_accessible or any(p.needs_accessible for p in coming)
    return f"{place.id} is not known to be accessible" if is_needed else None


def same_day(problem: MeetingProblem, candidate: Candidate) -> str | None:
    """A short meeting in person is reached and left the same day by everybody who comes."""
    if candidate.form != "in_person" or candidate.place is None:
        return None
    stuck = [
        person.id
        for person in _in_the_room(problem, candidate, {"yes"})
        if not is_same_day(problem, candidate, hours_of(problem, person, candidate))
    ]
    if not stuck:
        return None
    return f"{candidate.place.id} cannot be reached and left in one day by {_some(stuck)}"


def not_again(problem: MeetingProblem, candidate: Candidate) -> str | None:
    """No region travels longest more often in a row than the settings allow.

    Longest is longer than every other by more than the margin of error: those within it share it.
    """
    most = problem.settings.most_in_a_row
    if most is None or len(problem.history) < most:
        return None
    journeys: dict[str, float] = {}
    for person in _in_the_room(problem, candidate, {"yes"}):
        hours = hours_of(problem, person, candidate)
        if hours is not None:
            journeys[person.region] = max(hours, journeys.get(person.region, 0.0))
    longest = farthest(journeys)
    earlier = [farthest(past.hours) for past in problem.history[len(problem.history) - most :]]
    if longest is None or any(one != longest for one in earlier):
        return None
    return f"{longest} would travel longest {most + 1} times in a row"


def farthest(journeys: Mapping[str, float]) -> str | None:
    """The region whose journey is longer than all others' by more than the margin, or None."""
    ordered = sorted(journeys.items(), key=lambda item: -item[1])
    if len(ordered) < 2:
        return None
    (region, most), (_, second) = ordered[:2]
    return region if most >= second * (1.0 + MARGIN) else None


def required_attendance(problem: MeetingProblem, candidate: Candidate) -> str | None:
    """Only where the settings ask: nobody who must attend is missing and every quorum is met."""
    if not problem.settings.require_attendance:
        return None
    found = figures(problem, candidate)
    if found.missing:
        return f"{_some(list(found.missing))} must attend and would not"
    if found.short_roles:
        role, short = found.short_roles[0]
        return f"the quorum of {role} is {short} short"
    return None


Rule = Callable[[MeetingProblem, Candidate], str | None]
RULES: dict[str, Rule] = {
    "open_day": open_day,
    "notice": notice,
    "place_free": place_free,
    "capacity": capacity,
    "accessible": accessible,
    "same_day": same_day,
    "not_again": not_again,
    "required_attendance": required_attendance,
}


def _in_the_room(problem: MeetingProblem, at: Candidate, said: set[Answer]) -> list[Person]:
    return [
        person
        for person in problem.people
        if answer_of(problem, person, at.date.id) in said
        and mode_of(problem, person, at) == "in_person"
    ]


def _debt_with(problem: MeetingProblem, hours: dict[str, float]) -> tuple[tuple[str, float], ...]:
    owed = debts(problem)
    summed = {region: owed.get(region, 0.0) + hours.get(region, 0.0) for region in owed}
    return tuple(sorted(summed.items(), key=lambda item: (-item[1], item[0])))


def _some(names: list[str]) -> str:
    most = 5
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
