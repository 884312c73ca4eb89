"""What of a meeting goes into calendars: its event, or its part of a series."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.models import ScopeKind
from api.calendar.service import (
    EventDetails,
    Scope,
    Subject,
    Within,
    cancel_event,
    forget_occurrence,
    put_event,
    put_series,
)
from api.kit.db import announce
from api.meetings.audience import audience_of, audience_of_series
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingSeries, MeetingState
from api.networks import queries as networks
from api.networks.service import short_name

NEUTRAL = {
    MeetingKind.NATIONAL: ("Nationell träff", "National meeting"),
    MeetingKind.NETWORK: ("Nätverksträff", "Network meeting"),
    MeetingKind.SAMVERKANSFORUM: ("Samverkansforum", "Collaboration forum"),
    MeetingKind.MANAGERS: ("Chefsgrupp", "Managers' group"),
    MeetingKind.STUDY_VISIT: ("Studiebesök", "Study visit"),
    MeetingKind.OTHER: ("Möte", "Meeting"),
}


@dataclass(frozen=True, slots=True)
class MeetingChanged:
    """News: a meeting was made, moved, changed or called off."""

    meeting_id: str


def to_calendars(
    session: Session, meeting: Meeting, at: datetime, *, without: str | None = None
) -> None:
    """Bring a meeting's event to what the meeting is now; `without` is a function that has left it."""
    subject = Subject("meeting", meeting.id)
    announce(session, MeetingChanged(meeting.id))
    if meeting.state in {MeetingState.DRAFT, MeetingState.CANCELLED}:
        cancel_event(
            session, subject, at
        )  # a draft is in nobody's calendar, also one that was shown
        return
    within = None
    if meeting.series_id is not None and meeting.original_start is not None:
        within = Within(series_subject(meeting.series_id), meeting.original_start)
    audience = audience_of(session, meeting)
    if meeting.kind is MeetingKind.NATIONAL:  # the programme says whose own calendars it is in
        audience |= _functions_of(session, subject) - {Scope(ScopeKind.FUNCTION, without or "")}
    put_event(session, subject, _details(session, meeting), audience, at, within=within)


def _functions_of(session: Session, subject: Subject) -> frozenset[Scope]:
    event = calendar.event_of(session, *subject)
    scopes = calendar.audience(session, event.id) if event is not None else frozenset()
    return frozenset(Scope(kind, one) for kind, one in scopes if kind is ScopeKind.FUNCTION)


def series_to_calendars(session: Session, series: MeetingSeries, at: datetime) -> None:
    """Bring a series' event to what the series is now; its meetings come after it."""
    subject = series_subject(series.id)
    if series.state == MeetingState.CANCELLED:
        cancel_event(session, subject, at)
        return
    first = meeting_of(series, series.starts_at, series.ends_at)
    audience = audience_of_series(session, series)
    details = _details(session, first, f"/serie/{series.id}")
    put_series(session, subject, details, series.rule, audience, at)


def out_of_series(session: Session, meeting: Meeting, at: datetime) -> None:
    """Take a series' meeting out of it without a trace; the series is put into calendars after that."""
    forget_occurrence(session, Subject("meeting", meeting.id), at)
    announce(session, MeetingChanged(meeting.id))


def series_out_of_calendars(session: Session, series: MeetingSeries, at: datetime) -> None:
    """Take a series out of every calendar without a trace."""
    first = meeting_of(series, series.starts_at, series.ends_at)
    details = _details(session, first, f"/serie/{series.id}")
    put_series(session, series_subject(series.id), details, series.rule, frozenset(), at)


def series_subject(series_id: str) -> Subject:
    """Return what a series' event stands for."""
    return Subject("series", series_id)


def meeting_of(series: MeetingSeries, starts_at: datetime, ends_at: datetime) -> Meeting:
    """Return the meeting that a series has at a time, not stored."""
    return Meeting(
        kind=MeetingKind.NETWORK if series.network_id else MeetingKind.OTHER,
        network_id=series.network_id,
        group_id=series.group_id,
        name_sv=series.name_sv,
        name_en=series.name_en,
        focus_sv=series.focus_sv,
        focus_en=series.focus_en,
        form=series.form,
        town=series.town,
        video_url=series.video_url,
        starts_at=starts_at,
        ends_at=ends_at,
        state=MeetingState.PUBLISHED,
        is_protected=series.is_protected,
        is_example=series.is_example,
        series_id=series.id,
        original_start=starts_at,
    )


def _details(session: Session, meeting: Meeting, page: str = "") -> EventDetails:
    neutral_sv, neutral_en = NEUTRAL[meeting.kind]
    network = networks.network(session, meeting.network_id) if meeting.network_id else None
    if network is not None:  # three circles that meet in one week can be told apart
        own_sv, own_en = short_name(network)
        neutral_sv, neutral_en = f"{neutral_sv} {own_sv}", f"{neutral_en} {own_en}"
    return EventDetails(
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        neutral_sv=neutral_sv,
        neutral_en=neutral_en,
        title_sv=meeting.name_sv,
        title_en=meeting.name_en,
        town=meeting.town,
        is_town_open=meeting.form is not MeetingForm.DIGITAL and not meeting.town,
        video_url=meeting.video_url,
        agenda_sv=meeting.focus_sv,
        agenda_en=meeting.focus_en,
        page=page or f"/traffar/{meeting.id}",
        is_protected=meeting.is_protected,
        is_example=meeting.is_example,
        is_tentative=meeting.state == MeetingState.PROPOSED,
    )
