"""One national meeting to place: candidate dates and places, people with roles, answers and homes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

from matcher.documents.fields import (
    DAY,
    FLAG,
    NAME,
    TEXT,
    count,
    list_of,
    number,
    object_of,
    one_of,
    said,
    set_of,
    stands,
)
from matcher.geo import Point
from matcher.travel import Travel

Answer = Literal["yes", "maybe", "no"]
Form = Literal["in_person", "hybrid", "digital"]
Mode = Literal["in_person", "digital"]
Resolution = Literal["auto", "estimate", "band"]
ClosedKind = Literal["public_holiday", "squeeze_day", "school_break", "other"]

# What a value of a file can be (`matcher.documents.fields`).
ANSWER: Final = one_of(*get_args(Answer))
FORM: Final = one_of(*get_args(Form))
FORMS: Final = list_of(FORM, least=1, unique=True)
HOURS: Final = number(0, 1e4)
COUNT: Final = count(0, 1_000_000)
MONEY: Final = number(0, 1e12)
ID: Final = replace(NAME, schema={**NAME.schema, "description": "a text that is not empty"})
IDS: Final = set_of(ID)
WEIGHT: Final = count(1, 100)  # of a visit's aim
NOTICE_WEEKS: Final = count(0, 520)


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Days on which no meeting is held, first and last included: a holiday, a school break."""

    first: date
    last: date
    name: str = stands(TEXT, default="")
    kind: ClosedKind = stands(one_of(*get_args(ClosedKind)), default="public_holiday")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class DateOption:
    """A candidate date: plain local days (last day included), or local clock times (end excluded).

    Whole days are never instants: an instant shows the day before in another time zone.
    """

    id: str
    start: date | datetime | None = None
    end: date | datetime | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """Every local day the option touches; empty when the option is only a name."""
        if self.start is None:
            return ()
        first = _day(self.start)
        last = first if self.end is None else _day(self.end)
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))

    @property
    def clock(self) -> tuple[float, float] | None:
        """When the first day begins and the last one ends, in hours of the day; None for whole days."""
        if not (isinstance(self.start, datetime) and isinstance(self.end, datetime)):
            return None
        return self.start.hour + self.start.minute / 60, self.end.hour + self.end.minute / 60

    @property
    def hours(self) -> float | None:
        """Length on the local clock; None for whole days."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return (self.end - self.start).total_seconds() / 3600.0
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """A candidate place: where it is, whom it holds (people), what it costs, when it is taken."""

    id: str = field(metadata=said(ID))
    name: str = stands(TEXT, default="")
    point: Point | None = None
    capacity: int | None = stands(COUNT)
    cost: float = stands(MONEY, default=0.0)
    accessible: bool | None = stands(FLAG)
    taken: frozenset[str] = stands(IDS, default=frozenset())


@dataclass(frozen=True, slots=True)
class Person:
    """Someone invited: roles, body (the region that travels), home and an answer per date.

    `answers` is None for someone who has not been asked: such a person is taken to be free.
    """

    id: str = field(metadata=said(ID))
    roles: tuple[str, ...] = ()
    body: str | None = stands(ID)
    must_attend: bool = stands(FLAG, default=False)
    home: Point | None = None
    answers: Mapping[str, Answer] | None = stands(object_of(ANSWER), name="availability")
    weight: int = stands(count(1, 1000), default=1)
    modes: frozenset[Mode] = stands(
        set_of(one_of(*get_args(Mode)), least=1), default=frozenset({"in_person", "digital"})
    )
    needs_accessible: bool = stands(FLAG, default=False)
    travel_limit_hours: float | None = stands(HOURS)

    @property
    def region(self) -> str:
        """The body, or the person alone where no body is given."""
        return self.id if self.body is None else self.body


@dataclass(frozen=True, slots=True)
class Role:
    """A role of which at least `quorum` people must attend."""

    id: str = field(metadata=said(ID))
    quorum: int = stands(COUNT, default=0)


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """An earlier meeting: hours that each region travelled, one way, door to door.

    `cheapest` is the regions' hours together at the place with the least travel of that time, where
    it is known: what was spent beyond it is rotation's, and is remembered.
    """

    hours: Mapping[str, float]
    cheapest: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole meeting; every field has a default that asks for nothing more.

    Without `longest_day_hours` a day begins at home at `travel.EARLIEST` and ends there at
    `travel.LATEST`. `most_in_a_row` is how many meetings running the same region may travel longest.
    `night_cost` is kronor for a night away and `hour_cost` for an hour of a journey.
    """

    forms: tuple[Form, ...] = stands(FORMS, default=("in_person",))
    prefer_forms: tuple[Form, ...] = stands(FORMS, default=())
    unanswered: Answer = stands(ANSWER, default="no")
    closed: tuple[ClosedDays, ...] = ()
    today: date | None = stands(DAY)
    notice_weeks: int = stands(NOTICE_WEEKS, default=0)
    meeting_hours: float | None = stands(HOURS)
    short_meeting_hours: float = stands(HOURS, default=5.0)
    longest_day_hours: float | None = stands(HOURS)
    travel_limit_hours: float | None = stands(HOURS)
    require_accessible: bool = stands(FLAG, default=False)
    require_attendance: bool = stands(FLAG, default=False)
    travel_resolution: Resolution = stands(one_of(*get_args(Resolution)), default="auto")
    rotation_slack: float = stands(number(0, 10), default=0.10)
    most_in_a_row: int | None = stands(count(1, 20))
    night_cost: float = stands(MONEY, default=0.0)
    hour_cost: float = stands(MONEY, default=0.0)


@dataclass(frozen=True, slots=True)
class MeetingProblem:
    """Everything that decides when, where and in what form one meeting is held."""

    dates: tuple[DateOption, ...]
    places: tuple[Place, ...] = ()
    people: tuple[Person, ...] = ()
    roles: tuple[Role, ...] = ()
    history: tuple[PastMeeting, ...] = ()
    settings: Settings = field(default_factory=Settings)
    travel: Travel = field(default_factory=Travel)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One date, one place (None for a digital meeting) and one form."""

    date: DateOption
    place: Place | None
    form: Form


def candidates(problem: MeetingProblem) -> tuple[Candidate, ...]:
    """Every date x place x form, in the order of the file; a digital meeting has no place."""
    found = []
    for option in problem.dates:
        for form in problem.settings.forms:
            places = (None,) if form == "digital" else problem.places
            found += [Candidate(option, place, form) for place in places]
    return tuple(found)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
