"""Mina träffar: the viewer's agenda, the meetings to come, and the own place at each."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.front.meeting import SessionText, name_of, session_text, where_of
from api.front.network import STATES
from api.invitations.web.own import OwnPlace, places_of
from api.kit.i18n import Speaker
from api.library.models import Material
from api.library.queries import of_meetings
from api.library.service import earlier
from api.meetings.models import Meeting
from api.meetings.series import next_of_each
from api.meetings.service import meetings_for
from api.programme.reading import (
    agenda_for,
)


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A meeting in the list, with the places there that are the viewer's."""

    id: str
    name: str
    when: str
    where: str
    state: str
    series_path: str  # of a recurring meeting, where the rest of them are
    places: tuple[OwnPlace, ...]
    materials: tuple[Material, ...]


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    """What is to come for the viewer; `places` are those at no meeting of the list.

    A guest has a place at one session, a substitute perhaps at a meeting of somebody else's network.
    """

    agenda: tuple[SessionText, ...]
    meetings: tuple[MeetingLine, ...]
    places: tuple[OwnPlace, ...]
    earlier: tuple[MeetingLine, ...]  # with materials, newest first


def meetings_page(session: Session, viewer: Viewer, say: Speaker, at: datetime) -> MeetingsPage:
    """Return what is to come for the viewer: personal agenda first, then meetings."""
    agenda = [line for line in agenda_for(session, viewer) if line.ends_at > at]
    found = next_of_each(meetings_for(session, viewer, at))
    past = earlier(session, viewer, at)
    materials = of_meetings(session, [meeting.id for meeting in (*found, *past)])
    places: dict[tuple[str, str], list[OwnPlace]] = {}
    for place in places_of(session, viewer, at, say):
        places.setdefault(place.subject, []).append(place)
    return MeetingsPage(
        agenda=tuple(session_text(say, line) for line in agenda),
        meetings=tuple(
            _line(say, one, tuple(places.pop(("meeting", one.id), ())), materials.get(one.id, ()))
            for one in found
        ),
        places=tuple(place for rest in places.values() for place in rest),
        earlier=tuple(_line(say, one, (), materials[one.id]) for one in past),
    )


def _line(
    say: Speaker, meeting: Meeting, places: tuple[OwnPlace, ...], materials: tuple[Material, ...]
) -> MeetingLine:
    return MeetingLine(
        id=meeting.id,
        name=name_of(say, meeting),
        when=say.span(meeting.starts_at, meeting.ends_at),
        where=where_of(say, meeting),
        state=say.text(STATES[meeting.state]),
        series_path=f"/serie/{meeting.series_id}" if meeting.series_id else "",
        places=places,
        materials=materials,
    )
