"""The load ledger: hours a month that meetings, journeys, visits and surveys take of each who comes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlmodel import Session

from api.kit.clock import from_local, to_local
from api.meetings import queries as meetings
from api.meetings.audience import audiences
from api.meetings.models import Meeting, MeetingForm, MeetingState
from api.proposals.placing.service import days_of, towns
from api.proposals.year.people import Attending, attending
from api.registry.reference import counties
from api.registry.service import seats as seats_of
from api.surveys import queries as surveys
from api.surveys.models import SurveyState
from api.travel.service import travel_of
from api.travel.shipped import towns as shipped_towns
from matcher.geo import Point, great_circle_km
from matcher.travel import SAME_TOWN_KM, Travel

# What a needs survey takes: five minutes to answer, and asking a colleague first.
SURVEY_HOURS = 0.5
# Nobody works longer than this on a day of a meeting, wherever its hours end.
LONGEST_DAY = 10.0


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Hours of a journey there and back, and what was taken for granted where something is not known.

    `as_to` is the town it is reckoned to when the meeting's own is not decided or not known; a home
    that is not known is as far away as the farthest one that is.
    """

    hours: float
    as_to: str = ""
    is_home_known: bool = True


NO_JOURNEY = Reckoned(0.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that takes time: hours on the spot and the journey there; `meeting` is None for a survey."""

    day: date
    name_sv: str
    name_en: str
    hours: float
    journey: Reckoned = NO_JOURNEY
    meeting: Meeting | None = None

    @property
    def total(self) -> float:
        """Hours in all."""
        return self.hours + self.journey.hours


@dataclass(frozen=True, slots=True)
class Journeys:
    """Where RC have their seats, county boards theirs (by county), and where towns are, to reckon from.

    `nearest` is the town that all RC reach in the fewest hours together; empty without any seat.
    """

    travel: Travel
    seats: Mapping[str, Point]
    boards: Mapping[str, Point]
    towns: Mapping[str, Point]
    nearest: str = ""

    def reckoned(self, one: Attending, town: str) -> Reckoned:
        """Return hours there and back, never 0 because something is not known.

        This is what the load ledger and the year both count, for meetings that are booked and new.
        """
        known = self._place(town) is not None
        goal = town if known else self.nearest
        hours = self.there_and_back(one, goal)
        is_home_known = hours is not None
        if hours is None:
            hours = self._longest(goal)
        return Reckoned(hours, "" if known else goal, is_home_known)

    def there_and_back(self, one: Attending, town: str) -> float | None:
        """Return hours, 0 within one's own town; None where either place is not known."""
        home = self.seats.get(one.rc_id) if one.rc_id else self.boards.get(one.county)
        return self._both_ways(home, town)

    def of_rc(self, rc_id: str, town: str) -> float | None:
        """Return the same for an RC, from its seat."""
        return self._both_ways(self.seats.get(rc_id), town)

    def _place(self, town: str) -> Point | None:
        return self.towns.get(town) or shipped_towns().get(town)

    def _both_ways(self, home: Point | None, town: str) -> float | None:
        place = self._place(town)
        if home is None or place is None:
            return None
        if great_circle_km(home, place) <= SAME_TOWN_KM:
            return 0.0
        return 2.0 * self.travel.hours(home, place)

    def _longest(self, town: str) -> float:
        known = (self.of_rc(rc_id, town) for rc_id in self.seats)
        return max((hours for hours in known if hours is not None), default=0.0)


def journeys_of(session: Session) -> Journeys:
    """Return the journeys over today's register and legs."""
    seats = {rc_id: Point(*place) for rc_id, (_, place) in seats_of(session).items()}
    boards = {code: Point(one.residence_lat, one.residence_lon) for code, one in counties().items()}
    travel, known = travel_of(session), towns(session)
    return Journeys(travel, seats, boards, known, _nearest_of_all(travel, seats, known))


def _nearest_of_all(travel: Travel, seats: Mapping[str, Point], known: Mapping[str, Point]) -> str:
    if not seats:
        return ""
    return min(
        known,
        key=lambda town: (sum(travel.hours(seat, known[town]) for seat in seats.values()), town),
    )


def meetings_in(session: Session, year: int) -> list[Meeting]:
    """Return a year's meetings that take place, drafts too, earliest first."""
    start = from_local(datetime(year, 1, 1))  # noqa: DTZ001 - local, made aware here
    return [
        one
        for one in meetings.meetings(session, start)
        if to_local(one.starts_at).year == year and one.state != MeetingState.CANCELLED
    ]


def ledger(
    session: Session, year: int, others: tuple[Attending, ...] = ()
) -> dict[Attending, tuple[Piece, ...]]:
    """Return what a year holds for everybody who comes to meetings, and for some others, in order of the days."""
    people, found = (*attending(session), *others), meetings_in(session, year)
    journeys = journeys_of(session)
    concerned = audiences(session, found)
    pieces: dict[Attending, list[Piece]] = {one: [] for one in people}
    journey = cache(journeys.reckoned)  # many a meeting is in the same town
    for meeting in found:
        day, hours = to_local(meeting.starts_at).date(), hours_on_the_spot(meeting)
        is_digital = meeting.form == MeetingForm.DIGITAL
        for one in people:
            if one.is_at(concerned[meeting.id]):
                reckoned = NO_JOURNEY if is_digital else journey(one, meeting.town)
                piece = Piece(day, meeting.name_sv, meeting.name_en, hours, reckoned, meeting)
                pieces[one].append(piece)
    for survey in surveys.surveys(session):
        day = to_local(survey.deadline).date()
        if day.year == year and survey.state != SurveyState.DRAFT:
            answering = _who_answers(people, survey.rc_ids)
            for one in answering:
                piece = Piece(day, survey.title_sv, survey.title_en, SURVEY_HOURS)
                pieces[one].append(piece)
    return {one: tuple(sorted(of, key=lambda piece: piece.day)) for one, of in pieces.items()}


def by_month(pieces: Iterable[Piece]) -> dict[int, float]:
    """Return hours a month, 1 to 12, for the months that hold anything."""
    found: dict[int, float] = {}
    for one in pieces:
        found[one.day.month] = found.get(one.day.month, 0.0) + one.total
    return found


def hours_on_the_spot(meeting: Meeting) -> float:
    """Return a meeting's hours on the clock: of several days, each from its beginning to its end."""
    days = len(days_of(meeting))
    first, last = to_local(meeting.starts_at), to_local(meeting.ends_at)
    day = (last - timedelta(days=days - 1)) - first
    hours = day.total_seconds() / 3600.0
    return days * min(hours if hours > 0.0 else LONGEST_DAY, LONGEST_DAY)


def _who_answers(people: Sequence[Attending], rc_ids: Iterable[str]) -> list[Attending]:
    """An RC answers once: its first post in the order of kinds, the coordinator before others."""
    asked = set(rc_ids)
    found: dict[str, Attending] = {}
    for one in sorted(people, key=lambda one: (one.kind != "operative_coordinator", one.id)):
        if one.rc_id in asked:
            found.setdefault(one.rc_id, one)
    return list(found.values())
