"""The room of a video meeting: its link, for those invited; in no calendar at level busy, in no log."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session

from api.audit.service import record
from api.kit.db import announce, lock
from api.kit.errors import ConflictError, FieldFault, StaleError
from api.meetings import queries
from api.meetings.calendars import series_to_calendars, to_calendars
from api.meetings.models import Meeting, MeetingSeries, MeetingState

FIELD = "video_url"
LONGEST = 500


@dataclass(frozen=True, slots=True)
class VideoChanged:
    """News: a meeting's or a series' room is another; its event's subject."""

    kind: str
    id: str


def video_url_from(typed: str) -> str:
    """Return the link to a room; an empty text is no room.

    Raises:
        FieldFault: when it is no https link, too long, or holds a name and password.
    """
    link = typed.strip()
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        is_good = (
            parts.scheme == "https"
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and link.isprintable()
            and not any(one in link for one in ' "<>')
        )
    except ValueError:
        is_good = False
    if not is_good or len(link) > LONGEST:
        raise FieldFault(FIELD, "Klistra in hela länken till videomötet. Den börjar med https://.")
    return link


def set_video(
    session: Session, meeting: Meeting, link: str, version: int, actor: str, at: datetime
) -> None:
    """Give a meeting its room; calendars follow, answers stay.

    Raises:
        FieldFault: when the link cannot be one.
        StaleError: when somebody changed the meeting since `version`.
        ConflictError: when it was called off.
    """
    room = video_url_from(link)
    _insist_on_current(meeting, version)
    if room == meeting.video_url:
        return
    meeting.video_url = room
    meeting.version += 1
    session.add(meeting)
    session.flush()
    record(session, actor, "video room changed", ("meeting", meeting.id))
    to_calendars(session, meeting, at)
    announce(session, VideoChanged("meeting", meeting.id))


def set_series_video(
    session: Session, series: MeetingSeries, link: str, version: int, actor: str, at: datetime
) -> None:
    """Give a series and each of its meetings to come their room; see `set_video`.

    Raises:
        FieldFault: when the link cannot be one.
        StaleError: when somebody changed the series since `version`.
        ConflictError: when it was called off.
    """
    room = video_url_from(link)
    _insist_on_current(series, version)
    if room == series.video_url:
        return
    series.video_url = room
    series.version += 1
    session.add(series)
    session.flush()
    record(session, actor, "video room changed", ("series", series.id))
    series_to_calendars(session, series, at)
    for meeting in queries.meetings_of_series(session, series.id):
        if meeting.state is not MeetingState.CANCELLED and meeting.ends_at > at:
            meeting.video_url = room
            meeting.version += 1
            session.add(meeting)
            session.flush()
            to_calendars(session, meeting, at)
    announce(session, VideoChanged("series", series.id))


def _insist_on_current(found: Meeting | MeetingSeries, version: int) -> None:
    lock(found)
    if found.version != version:
        raise StaleError({}, {})
    if found.state == MeetingState.CANCELLED:
        raise ConflictError("Träffen är redan inställd.")
