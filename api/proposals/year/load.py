"""The load ledger: hours a month that meetings, journeys, visits and surveys take of each who comes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.kit.clock import from_local, to_local
from api.meetings import queries as meetings
from api.meetings.audience import audiences
from api.meetings.models import Meeting, MeetingForm, MeetingState
from api.proposals.placing.service import days_of, towns
from api.proposals.year.people import Attending, attending
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.registry.reference import counties
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
class Piece:
    """Something that takes time: hours on the spot and hours of the journey there and back.

    `meeting` is None for a survey; a journey is None where either town is not known.
    """

    day: date
    name_sv: str
    name_en: str
    hours: float
    journey: float | None = 0.0
    meeting: Meeting | None = None

    @property
    def total(self) -> float:
        """Hours in all, as far as they are known."""
        return self.hours + (self.journey or 0.0)


@dataclass(frozen=True, slots=True)
class Journeys:
    """Where RC have their seats, county boards theirs (by county), and where towns are, to reckon from."""

    travel: Travel
    seats: Mapping[str, Point]
    boards: Mapping[str, Point]
    towns: Mapping[str, Point]

    def there_and_back(self, one: Attending, town: str) -> float | None:
        """Return hours, 0 within one's own town; None where either place is not known."""
        home = self.seats.get(one.rc_id) if one.rc_id else self.boards.get(one.county)
        return self._both_ways(home, town)

    def of_rc(self, rc_id: str, town: str) -> float | None:
        """Return the same for an RC, from its seat."""
        return self._both_ways(self.seats.get(rc_id), town)

    def _both_ways(self, home: Point | None, town: str) -> float | None:
        place = self.towns.get(town) or shipped_towns().get(town)
        if home is None or place is None:
            return None
        if great_circle_km(home, place) <= SAME_TOWN_KM:
            return 0.0
        return 2.0 * self.travel.hours(home, place)

    def expected(self, one: Attending, town: str) -> float:
        """Return hours there and back; where a home is not known, as long as the longest that is."""
        known = self.there_and_back(one, town)
        place = self.towns.get(town)
        if known is not None or place is None:
            return known or 0.0
        return max(
            (2.0 * self.travel.hours(seat, place) for seat in self.seats.values()), default=0.0
        )

    def nearest_of_all(self) -> str:
        """Return the town that all RC reach in the fewest hours together; empty without any seat."""
        if not self.seats:
            return ""
        return min(
            self.towns,
            key=lambda town: (
                sum(self.travel.hours(seat, self.towns[town]) for seat in self.seats.values()),
                town,
            ),
        )


def journeys_of(session: Session) -> Journeys:
    """Return the journeys over today's register and legs."""
    seats = {rc.id: Point(*seat) for rc in registry.rcs(session) if (seat := seat_of(rc))}
    boards = {code: Point(one.residence_lat, one.residence_lon) for code, one in counties().items()}
    return Journeys(travel_of(session), seats, boards, towns(session))


def ledger(session: Session, year: int) -> dict[Attending, tuple[Piece, ...]]:
    """Return what a year holds for everybody who comes to meetings, in order of the days."""
    people = attending(session)
    start = from_local(datetime(year, 1, 1))  # noqa: DTZ001 - local, made aware here
    found = [
        one
        for one in meetings.meetings(session, start)
        if to_local(one.starts_at).year == year and one.state != MeetingState.CANCELLED
    ]
    return pieces_of(session, people, found, year)


def pieces_of(
    session: Session,
    people: Sequence[Attending],
    found: Sequence[Meeting],
    year: int,
    *,
    with_surveys: bool = True,
) -> dict[Attending, tuple[Piece, ...]]:
    """Return what these meetings and the year's surveys come to for each of the people."""
    journeys = journeys_of(session)
    concerned = audiences(session, found)
    pieces: dict[Attending, list[Piece]] = {one: [] for one in people}
    for meeting in found:
        for one in people:
            if one.is_at(concerned[meeting.id]):
                pieces[one].append(_piece(meeting, one, journeys))
    for survey in surveys.surveys(session) if with_surveys else ():
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


def _piece(meeting: Meeting, one: Attending, journeys: Journeys) -> Piece:
    journey: float | None = 0.0
    if meeting.form != MeetingForm.DIGITAL:
        journey = journeys.there_and_back(one, meeting.town)
    return Piece(
        to_local(meeting.starts_at).date(),
        meeting.name_sv,
        meeting.name_en,
        hours_on_the_spot(meeting),
        journey,
        meeting,
    )


def _who_answers(people: Sequence[Attending], rc_ids: Iterable[str]) -> list[Attending]:
    """An RC answers once: its first post in the order of kinds, the coordinator before others."""
    asked = set(rc_ids)
    found: dict[str, Attending] = {}
    for one in sorted(people, key=lambda one: (one.kind != "operative_coordinator", one.id)):
        if one.rc_id in asked:
            found.setdefault(one.rc_id, one)
    return list(found.values())
