"""The room of a video meeting: its link, for those invited; in no calendar at level busy, in no log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session

from api.audit.service import record
from api.kit.db import announce, lock
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.meetings import queries
from api.meetings.calendars import series_to_calendars, to_calendars
from api.meetings.models import Meeting, MeetingSeries, MeetingState
from api.outbox.acts import Data, can_undo_by, changed

UNDO = "video"
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
    if room != meeting.video_url:
        can_undo_by(session, UNDO, _step("meeting", meeting, room))
        _give(session, meeting, room, actor, at)


def _give(session: Session, meeting: Meeting, room: str, actor: str, at: datetime) -> None:
    record(session, actor, "video room changed", ("meeting", meeting.id))
    _put(session, meeting, room, at)
    announce(session, VideoChanged("meeting", meeting.id))


def _put(session: Session, meeting: Meeting, room: str, at: datetime) -> None:
    meeting.video_url = room
    meeting.version += 1
    session.add(meeting)
    session.flush()
    to_calendars(session, meeting, at)


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
    if room != series.video_url:
        rooms = {one.id: one.video_url for one in _to_come(session, series, at)}
        can_undo_by(session, UNDO, _step("series", series, room) | {"rooms": rooms})
        _give_series(session, series, room, dict.fromkeys(rooms, room), actor, at)


def _give_series(
    session: Session,
    series: MeetingSeries,
    room: str,
    rooms: Mapping[str, str],
    actor: str,
    at: datetime,
) -> None:
    series.video_url = room
    series.version += 1
    session.add(series)
    session.flush()
    record(session, actor, "video room changed", ("series", series.id))
    series_to_calendars(session, series, at)
    for meeting in _to_come(session, series, at):
        _put(session, meeting, rooms.get(meeting.id, meeting.video_url), at)
    announce(session, VideoChanged("series", series.id))


def _to_come(session: Session, series: MeetingSeries, at: datetime) -> list[Meeting]:
    return [
        one
        for one in queries.meetings_of_series(session, series.id)
        if one.state is not MeetingState.CANCELLED and one.ends_at > at
    ]


def _step(kind: str, found: Meeting | MeetingSeries, room: str) -> Data:
    return {"kind": kind, "id": found.id, "before": found.video_url, "after": room}


def undo_video(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Bring back the room that was; calendars follow at once.

    Raises:
        ConflictError: when somebody has changed it since, or it is called off.
    """
    meeting = queries.meeting(session, data["id"]) if data["kind"] == "meeting" else None
    series = queries.series(session, data["id"]) if data["kind"] == "series" else None
    found = meeting or series
    if found is None:
        raise MissingError
    _insist_on_current(found, found.version)
    changed({"video_url": data["after"]}, {"video_url": found.video_url})
    if meeting is not None:
        _give(session, meeting, data["before"], actor, at)
    if series is not None:
        _give_series(session, series, data["before"], data["rooms"], actor, at)


def _insist_on_current(found: Meeting | MeetingSeries, version: int) -> None:
    lock(found)
    if found.version != version:
        raise StaleError({}, {})
    if found.state == MeetingState.CANCELLED:
        raise ConflictError("Träffen är redan inställd.")
