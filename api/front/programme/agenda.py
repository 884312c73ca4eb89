"""A person's own agenda of a meeting on one page to print: only the sessions that he or she attends."""

from dataclasses import dataclass

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.feeds.stance import sessions_of_others
from api.front.holes import Hole, holes
from api.front.meeting import SessionText, name_of, session_text
from api.front.network import where_of
from api.kit.errors import MissingError
from api.kit.i18n import Speaker
from api.programme.reading import (
    AgendaLine,
    agenda_for,
    visible_meeting,
)


@dataclass(frozen=True, slots=True)
class AgendaPage:
    """The sheet: the meeting, and each session with its time, room, task and preparation."""

    meeting_id: str
    meeting: str
    when: str
    where: str
    sessions: tuple[SessionText, ...]
    holes: tuple[Hole, ...]  # times without a session of one's own, and why


def own_agenda(session: Session, viewer: Viewer) -> list[AgendaLine]:
    """Return a viewer's agenda by time, without what is declined or given away."""
    lines = agenda_for(session, viewer)
    gone = sessions_of_others(session, viewer.person_id, {line.session.id for line in lines})
    return [line for line in lines if line.session.id not in gone]


def agenda_page(session: Session, viewer: Viewer, meeting_id: str, say: Speaker) -> AgendaPage:
    """Return a viewer's agenda of one meeting.

    Raises:
        MissingError: when there is no such meeting for this viewer, or nothing on the agenda.
    """
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    lines = [line for line in own_agenda(session, viewer) if line.meeting.id == meeting.id]
    if not lines:
        raise MissingError
    return AgendaPage(
        meeting.id,
        name_of(say, meeting),
        say.span(meeting.starts_at, meeting.ends_at),
        where_of(say, meeting),
        tuple(session_text(say, line) for line in lines),
        holes(session, viewer, meeting, lines, say),
    )
