"""What a national meeting is in a delegate's own calendar: the whole of it, its breaks and the way there.

Between one's sessions one is still in Linköping: the meeting itself stands over them. A guest has
exactly the own time.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, Role
from api.calendar import queries as calendar
from api.calendar.models import ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_audience, put_event, scopes_of
from api.kit.clock import STOCKHOLM, to_local
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingForm, MeetingState
from api.programme.models import Slot
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.travel.service import travel_of
from api.travel.shipped import UnknownTownError, town
from matcher.geo import Point

SHORTEST_JOURNEY = timedelta(minutes=30)
_FIRST_DEPARTURE, _LAST_ARRIVAL = time(6), time(21)
_NONE: frozenset[Scope] = frozenset()


def to_calendars(
    session: Session,
    meeting: Meeting,
    slots: Iterable[Slot],
    function_ids: Collection[str],
    at: datetime,
) -> None:
    """Bring a meeting's frame, breaks and journeys to the calendars of those RC functions that attend."""
    delegates = _delegates(session, function_ids)
    whole = calendar.event_of(session, "meeting", meeting.id)
    if whole is None:
        return
    everybody = {Scope(ScopeKind.FUNCTION, one) for those in delegates.values() for one in those}
    others = {one for one in scopes_of(session, whole) if one.kind is not ScopeKind.FUNCTION}
    hosting = meetings.co_hosts(session, [meeting.id]).get(meeting.id, frozenset())
    others |= {Scope(ScopeKind.FUNCTION, one) for one in hosting}
    put_audience(session, Subject("meeting", meeting.id), others | everybody)
    is_on = meeting.state is not MeetingState.CANCELLED
    for slot in slots:
        if slot.is_break:
            subject = Subject("break", f"{meeting.id}/{slot.id}")
            _put(session, subject, _break(meeting, slot), everybody if is_on else _NONE, at)
    _journeys(session, meeting, delegates if is_on else {}, at)


def forget_break(session: Session, meeting_id: str, slot_id: str) -> None:
    """Take a break that is no more out of every calendar."""
    put_audience(session, Subject("break", f"{meeting_id}/{slot_id}"), _NONE)


def _delegates(session: Session, function_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the functions that attend for an RC, by the RC's id."""
    found: dict[str, list[str]] = {}
    for function, body in accounts.functions_of_kind(session, BodyKind.RC):
        if function.id in function_ids and function.role is not Role.GUEST and body.rc_id:
            found.setdefault(body.rc_id, []).append(function.id)
    return found


def _put(
    session: Session,
    subject: Subject,
    details: EventDetails,
    scopes: Collection[Scope],
    at: datetime,
) -> None:
    """Put an event where somebody has it; where nobody does it leaves without a trace."""
    if scopes:
        put_event(session, subject, details, scopes, at)
    else:
        put_audience(session, subject, _NONE)


def _break(meeting: Meeting, slot: Slot) -> EventDetails:
    return EventDetails(
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        neutral_sv="Nationell träff, paus",
        neutral_en="National meeting, break",
        title_sv=slot.name_sv or "Paus",
        title_en=slot.name_en or "Break",
        town=meeting.town,
        page=f"/traffar/{meeting.id}",
        is_protected=meeting.is_protected,
        is_example=meeting.is_example,
    )


def _journeys(
    session: Session, meeting: Meeting, delegates: dict[str, list[str]], at: datetime
) -> None:
    travel = travel_of(session)
    place = _place(meeting)
    known = calendar.events_of(
        session,
        "journey",
        [
            f"{meeting.id}/{rc.id}/{way}"
            for rc in registry.rcs(session)
            for way in ("there", "back")
        ],
    )
    for rc in registry.rcs(session):
        seat = seat_of(rc)
        length = timedelta()
        if seat is not None and place is not None and rc.id in delegates:
            hours = travel.hours(Point(*seat), place)
            length = timedelta(minutes=30 * round(2 * hours))
        scopes = {Scope(ScopeKind.FUNCTION, one) for one in delegates.get(rc.id, ())}
        for way, start in (
            ("there", _departure(meeting.starts_at, length)),
            ("back", meeting.ends_at),
        ):
            subject = Subject("journey", f"{meeting.id}/{rc.id}/{way}")
            if length < SHORTEST_JOURNEY or not scopes:
                if subject.id in known:
                    put_audience(session, subject, _NONE)
                continue
            details = _journey(meeting, rc.seat_city or rc.name, way, start, start + length)
            put_event(session, subject, details, scopes, at)


def _place(meeting: Meeting) -> Point | None:
    if not meeting.town or meeting.form is MeetingForm.DIGITAL:
        return None
    try:
        return town(meeting.town).point
    except UnknownTownError:
        return None


def _departure(begins: datetime, length: timedelta) -> datetime:
    """Return when one leaves: just in time, or the evening before where that would be at night."""
    start = begins - length
    local = to_local(begins)
    if to_local(start).date() == local.date() and to_local(start).time() >= _FIRST_DEPARTURE:
        return start
    evening = datetime.combine(local.date() - timedelta(days=1), _LAST_ARRIVAL, tzinfo=STOCKHOLM)
    return evening.astimezone(begins.tzinfo) - length


def _journey(meeting: Meeting, home: str, way: str, start: datetime, end: datetime) -> EventDetails:
    hours = f"{(end - start) / timedelta(hours=1):.1f}".removesuffix(".0")
    to_sv = f"Resa till {meeting.town}" if way == "there" else f"Resa hem från {meeting.town}"
    to_en = f"Journey to {meeting.town}" if way == "there" else f"Journey home from {meeting.town}"
    return EventDetails(
        starts_at=start,
        ends_at=end,
        neutral_sv=to_sv,
        neutral_en=to_en,
        title_sv=to_sv,
        title_en=to_en,
        town=meeting.town if way == "there" else home,
        agenda_sv=f"Ungefär {hours.replace('.', ',')} timmar mellan {home} och {meeting.town}, dörr till dörr.",
        agenda_en=f"About {hours} hours between {home} and {meeting.town}, door to door.",
        page=f"/traffar/{meeting.id}",
        is_protected=meeting.is_protected,
        is_example=meeting.is_example,
    )
