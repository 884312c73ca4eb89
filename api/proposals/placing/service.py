"""Where and when the national meeting is held: a planner's wish to a problem, ranked exactly, then booked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, FunctionKind
from api.calendar.days import SchoolBreak, holiday_name, is_squeeze_day, school_break_on
from api.kit.clock import from_local, to_local
from api.kit.errors import ConflictError, FieldFault
from api.meetings import queries as meetings
from api.meetings.audience import audiences
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import (
    MeetingDraft,
    MeetingFacts,
    can_be_unmade,
    change,
    confirm,
    create,
)
from api.proposals.placing.asked import Asked
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.registry.models import Rc
from api.registry.reference import counties
from api.registry.service import seats as seats_of
from api.surveys.service import tie_if_free
from api.travel.service import travel_of
from api.travel.shipped import towns as shipped_towns
from matcher.dates.meeting.problem import (
    Answer,
    ClosedDays,
    DateOption,
    Form,
    MeetingProblem,
    Mode,
    PastMeeting,
    Person,
    Place,
    Role,
    Settings,
)
from matcher.dates.meeting.rank import Choice, Ranking, rank
from matcher.geo import Point
from matcher.travel import Travel

# The one town that is known to have held a national meeting before (the report's own meetings).
KNOWN_EARLIER = "Linköping"
# What is travelled to meetings longer ago than this is no debt any more.
ROTATION_YEARS = 3
# More often in a row nobody travels longest.
MOST_IN_A_ROW = 2
# Longer than this and nobody is asked to come and go on the same day.
SHORT_HOURS = 5.0


EITHER: frozenset[Mode] = frozenset({"in_person", "digital"})
DIGITAL: frozenset[Mode] = frozenset({"digital"})


@dataclass(frozen=True, slots=True)
class PlaceWish:
    """A town to consider; cost in kronor, seats in people, None where nobody has said."""

    town: str
    cost: float = 0.0
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a planner asks: first days, how many days, clock times of the first and the last day.

    `answers` are those that differ from what the calendars say, by RC and first day, and `asked` is
    what the RC have said in a survey. `earlier` are the towns of earlier meetings, oldest first;
    `needed` are RC that must be there. Prices are kronor; 0 where nobody has said.
    """

    days: tuple[date, ...]
    starts: time
    ends: time
    places: tuple[PlaceWish, ...] = ()
    length: int = 1
    forms: tuple[Form, ...] = ("in_person",)
    needed: frozenset[str] = frozenset()
    quorums: tuple[tuple[FunctionKind, int], ...] = ()
    earlier: tuple[str, ...] = ()
    notice_weeks: int = 6
    answers: Mapping[tuple[str, date], Answer] | None = None
    asked: Asked | None = None
    spares_longest: bool = False
    night_cost: float = 0.0
    hour_cost: float = 0.0

    @property
    def hours(self) -> float:
        """Length of a meeting of one day, in hours on the clock."""
        return self.ends.hour + self.ends.minute / 60 - self.starts.hour - self.starts.minute / 60


def towns(session: Session) -> dict[str, Point]:
    """Return the towns that can be chosen: residence cities, towns with legs and every RC's seat."""
    found = {
        county.residence_city: Point(county.residence_lat, county.residence_lon)
        for county in counties().values()
    } | travel_of(session).towns
    for city, place in seats_of(session).values():
        if city:
            found.setdefault(city, Point(*place))
    return found


def nearest_towns(session: Session, most: int) -> tuple[str, ...]:
    """Return the towns that all RC reach in the fewest hours together, the least first."""
    travel = travel_of(session)
    seats = [Point(*place) for _, place in seats_of(session).values()]
    total = {
        name: sum(travel.hours(seat, point) for seat in seats)
        for name, point in travel.towns.items()
    }
    return tuple(sorted(total, key=lambda name: (total[name], name))[:most]) if seats else ()


def earlier_towns(session: Session, at: datetime) -> tuple[str, ...]:
    """Return where national meetings of the last years have been, oldest first.

    Linköping alone when none is kept.
    """
    since = at - timedelta(days=365 * ROTATION_YEARS)
    held = [
        meeting.town
        for meeting in reversed(meetings.national_meetings(session))
        if meeting.town and since < meeting.ends_at < at
    ]
    return tuple(held) or (KNOWN_EARLIER,)


def busy_days(session: Session, since: datetime) -> dict[str, set[date]]:
    """Return the local days on which each RC already has a meeting from a moment on."""
    found = [m for m in meetings.meetings(session, since) if m.state != MeetingState.CANCELLED]
    concerned = audiences(session, found)
    everybody = [*registry.names(session)]
    busy: dict[str, set[date]] = {rc_id: set() for rc_id in everybody}
    for meeting in found:
        away = concerned[meeting.id].occupied
        for rc_id in everybody if away is None else away:
            busy.setdefault(rc_id, set()).update(days_of(meeting))
    return busy


def days_of(meeting: Meeting) -> tuple[date, ...]:
    """Return every local day that a meeting touches."""
    first = to_local(meeting.starts_at).date()
    last = to_local(meeting.ends_at - timedelta(seconds=1)).date()
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def answer_of(wish: Wish, rc_id: str, day: date, busy: Mapping[str, Collection[date]]) -> Answer:
    """Return what is known of an RC on a first day: the planner's word, its calendar, its own answer."""
    said = (wish.answers or {}).get((rc_id, day))
    if said is not None:
        return said
    if is_taken(wish, rc_id, day, busy):
        return "no"
    asked = wish.asked.answers if wish.asked is not None else {}
    return asked.get((rc_id, day), "yes")


def is_taken(wish: Wish, rc_id: str, day: date, busy: Mapping[str, Collection[date]]) -> bool:
    """Whether an RC has another meeting on any of the days from a first day on."""
    taken = busy.get(rc_id, ())
    return any(one in taken for one in _days(day, wish.length))


def problem_of(
    session: Session, wish: Wish, breaks: tuple[SchoolBreak, ...], at: datetime
) -> MeetingProblem:
    """Return the engine's problem of a wish, today's register, functions and calendars."""
    known, travel = towns(session), travel_of(session)
    rcs = registry.rcs(session)
    busy = busy_days(session, at)
    return MeetingProblem(
        dates=tuple(_option(wish, day) for day in wish.days),
        places=tuple(
            Place(one.town, one.town, point_of(known, one.town), one.seats, one.cost)
            for one in wish.places
        ),
        people=tuple(_people(session, wish, rcs, busy)),
        roles=tuple(Role(kind.value, quorum) for kind, quorum in wish.quorums),
        history=tuple(
            _past(rcs, place, travel)
            for town in wish.earlier
            if (place := point_of(known, town)) is not None
        ),
        settings=Settings(
            forms=wish.forms,
            prefer_forms=("in_person", "hybrid", "digital"),
            closed=closed_days(wish.days, wish.length, breaks),
            today=to_local(at).date(),
            notice_weeks=wish.notice_weeks,
            short_meeting_hours=SHORT_HOURS,
            most_in_a_row=MOST_IN_A_ROW if wish.spares_longest else None,
            night_cost=wish.night_cost,
            hour_cost=wish.hour_cost,
        ),
        travel=travel,
    )


def point_of(known: Mapping[str, Point], town: str) -> Point | None:
    """Return where a town is: one of those given, or any of Sweden's by its right name."""
    return known.get(town) or shipped_towns().get(town)


def ranking_of(
    session: Session, wish: Wish, breaks: tuple[SchoolBreak, ...], at: datetime
) -> Ranking:
    """Rank every day, place and form of a wish.

    Raises:
        InfeasibleError: when every candidate breaks a rule.
    """
    return rank(problem_of(session, wish, breaks, at))


def key_of(choice: Choice) -> str:
    """Return what a form calls a choice: its first day, its form and its town."""
    place = choice.candidate.place
    return f"{choice.candidate.date.id}|{choice.candidate.form}|{place.id if place else ''}"


@dataclass(frozen=True, slots=True)
class Booking:
    """What a planner chose: an alternative by its key, the meeting's texts, and which meeting gets the day.

    meeting: one that stands without a decided day, as its sender saw it (`version`); None for a new one.
    """

    key: str
    texts: Mapping[str, str]
    meeting: Meeting | None = None
    version: int = 0


def book(
    session: Session, ranking: Ranking, wish: Wish, booking: Booking, actor: str, at: datetime
) -> Meeting:
    """Make the national meeting that was chosen, or give the one that waits for it its day and place.

    It goes to the calendars of all RC, and the survey whose answers counted is the meeting's from now on.

    Raises:
        FieldFault: when a name or the focus is missing.
        ConflictError: when the choice breaks a rule now.
        StaleError: when somebody changed the meeting since `version`.
    """
    choice = next((one for one in ranking.choices if key_of(one) == booking.key), None)
    if choice is None:
        raise ConflictError("Det alternativet går inte längre. Jämför igen och välj ett annat.")
    facts = _facts(choice, wish, booking.texts)
    made = booking.meeting
    if made is None:
        draft = {name: getattr(facts, name) for name in facts.__slots__ if name != "with_programme"}
        made = create(session, MeetingDraft(kind=MeetingKind.NATIONAL, **draft), actor, at)
        can_be_unmade(session, made)
    else:
        change(session, made, facts, booking.version, actor, at)
        if made.state is not MeetingState.PUBLISHED:
            confirm(session, made, made.version, actor, at)
    if wish.asked is not None:
        tie_if_free(session, actor, wish.asked.survey_id, made.id)
    return made


def _facts(choice: Choice, wish: Wish, texts: Mapping[str, str]) -> MeetingFacts:
    for name in ("name_sv", "name_en"):
        if not texts.get(name, "").strip():
            raise FieldFault(name, "Skriv vad träffen heter.")
    if not texts.get("focus_sv", "").strip():
        raise FieldFault(
            "focus_sv", "Skriv vad träffen handlar om. Utan det går den inte att publicera."
        )
    first = date.fromisoformat(choice.candidate.date.id)
    place = choice.candidate.place
    return MeetingFacts(
        name_sv=texts["name_sv"].strip(),
        name_en=texts["name_en"].strip(),
        focus_sv=texts["focus_sv"].strip(),
        focus_en=texts.get("focus_en", "").strip() or texts["focus_sv"].strip(),
        form=MeetingForm(choice.candidate.form),
        town=place.id if place is not None else "",
        starts_at=from_local(datetime.combine(first, wish.starts)),
        ends_at=from_local(datetime.combine(_days(first, wish.length)[-1], wish.ends)),
    )


def closed_days(
    days: Collection[date], length: int, breaks: tuple[SchoolBreak, ...]
) -> tuple[ClosedDays, ...]:
    """Return the days among these, and those that meetings reach into, on which nobody should meet."""
    touched = sorted({one for day in days for one in _days(day, length)})
    found = []
    for day in touched:
        name = holiday_name(day)
        if name is not None:
            found.append(ClosedDays(day, day, name))
        elif is_squeeze_day(day):
            found.append(ClosedDays(day, day, "", "squeeze_day"))
        elif (break_name := school_break_on(day, breaks)) is not None:
            found.append(ClosedDays(day, day, break_name, "school_break"))
    return tuple(found)


def _days(first: date, length: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=n) for n in range(length))


def _option(wish: Wish, day: date) -> DateOption:
    start = datetime.combine(day, wish.starts)
    end = datetime.combine(_days(day, wish.length)[-1], wish.ends)
    return DateOption(day.isoformat(), start, end)


def _people(
    session: Session, wish: Wish, rcs: list[Rc], busy: Mapping[str, Collection[date]]
) -> list[Person]:
    """Return every function of each RC, or the RC as one where it has none; one of each is needed."""
    kinds: dict[str, list[str]] = {}
    for function, body in accounts.functions_of_kind(session, BodyKind.RC):
        if body.rc_id:
            kinds.setdefault(body.rc_id, []).append(function.kind.value)
    found = []
    for rc in rcs:
        seat = seat_of(rc)
        answers = {day.isoformat(): answer_of(wish, rc.id, day, busy) for day in wish.days}
        for number, kind in enumerate(kinds.get(rc.id, [""])):
            person = Person(
                id=f"{rc.id}:{number}",
                roles=(kind,) if kind else (),
                body=rc.id,
                must_attend=rc.id in wish.needed and number == 0,
                home=Point(*seat) if seat is not None else None,
                answers=answers,
                modes=DIGITAL if wish.asked and rc.id in wish.asked.digital else EITHER,
            )
            found.append(person)
    return found


def _past(rcs: list[Rc], place: Point, travel: Travel) -> PastMeeting:
    seats = {rc.id: seat for rc in rcs if (seat := seat_of(rc)) is not None}
    return PastMeeting({name: travel.hours(Point(*seat), place) for name, seat in seats.items()})
