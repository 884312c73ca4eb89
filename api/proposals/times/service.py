"""From a circle, its members' meetings and one's own calendar to the engine's question: when next?"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.availability.busy import Kind, Span
from api.calendar.days import SchoolBreak, holiday_name, is_squeeze_day, school_break_on
from api.calendar.school_weeks import closed_near, usual_breaks
from api.kit.clock import to_local
from api.meetings import queries as meetings
from api.meetings.audience import audiences
from api.meetings.models import Meeting, MeetingState
from api.meetings.service import NOTICE
from api.proposals.placing.service import days_of
from api.proposals.year.building import SUMMER
from api.registry import queries as registry
from matcher.dates.times.propose import Proposed, Taken, TimesProblem, propose

# How far beyond the notice a time is looked for.
AHEAD = timedelta(weeks=8)
# The days around the turn of the year when schools are closed and many are away, from when till when.
CHRISTMAS = ((12, 24), (1, 6))
OWN = "own"  # whoever asks, with the calendar that was chosen


def window(at: datetime) -> tuple[date, date]:
    """Return the first and the last day that a time is looked for on."""
    first = to_local(at + NOTICE).date() + timedelta(days=1)
    return first, first + AHEAD


def times_for(
    session: Session,
    rc_ids: Iterable[str],
    minutes: int,
    own: Iterable[Span],
    breaks: tuple[SchoolBreak, ...],
    at: datetime,
    moved: Meeting | None = None,
) -> tuple[Proposed, ...]:
    """Return at most three times for some RC: the best there are, and of equals the earliest.

    `moved` is the meeting that gets a new time: it stands in nobody's way. `own` is what the calendar of whoever asks is busy with; nothing of it is kept.
    """
    members = tuple(sorted(rc_ids))
    first, last = window(at)
    found = [
        one
        for one in meetings.meetings(session, at)
        if one.state not in {MeetingState.CANCELLED, MeetingState.DRAFT}
        and (moved is None or one.id != moved.id)
        and days_of(one)[0] <= last
    ]
    busy, weeks = _engaged(session, members, found)
    busy[OWN] = tuple(
        Taken(_clock(one.starts_at), _clock(one.ends_at), one.kind is Kind.TENTATIVE) for one in own
    )
    return propose(
        TimesProblem(
            first,
            last,
            minutes,
            busy,
            lambda day: _closed(day, breaks),
            _discouraged(session, members, breaks),
            {key: frozenset(of) for key, of in weeks.items()},
        )
    )


def _engaged(
    session: Session, members: tuple[str, ...], found: list[Meeting]
) -> tuple[dict[str, tuple[Taken, ...]], dict[str, set[tuple[int, int]]]]:
    concerned = audiences(session, found)
    busy: dict[str, list[Taken]] = {one: [] for one in members}
    weeks: dict[str, set[tuple[int, int]]] = {one: set() for one in members}
    for meeting in found:
        away = concerned[meeting.id].occupied
        for one in members:
            if away is None or one in away:
                busy[one].append(Taken(_clock(meeting.starts_at), _clock(meeting.ends_at)))
                iso = days_of(meeting)[0].isocalendar()
                weeks[one].add((iso.year, iso.week))
    return {one: tuple(spans) for one, spans in busy.items()}, weeks


def _closed(day: date, breaks: tuple[SchoolBreak, ...]) -> str:
    first, last = (date(day.year, *end) for end in SUMMER)
    if first <= day <= last:
        return "summer"
    return holiday_name(day) or school_break_on(day, breaks) or ""


def _discouraged(
    session: Session, members: tuple[str, ...], breaks: tuple[SchoolBreak, ...]
) -> Callable[[date], str]:
    """Return what says why a day had better be another for these RC."""
    counties = {rc.county_code for rc in registry.rcs(session) if rc.id in members}

    def why(day: date) -> str:
        if is_squeeze_day(day):
            return "squeeze_day"
        if CHRISTMAS[0] <= (day.month, day.day) or (day.month, day.day) <= CHRISTMAS[1]:
            return "christmas"
        usual = usual_breaks(day.year, breaks)
        return "school" if any(day in closed_near(one, usual) for one in counties) else ""

    return why


def _clock(moment: datetime) -> datetime:
    """Return a moment as the wall shows it."""
    return to_local(moment).replace(tzinfo=None)
