"""What a place at a national meeting holds beside the meeting: the sessions, the tables and the breaks."""

from dataclasses import dataclass

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.fragments import as_vevent
from api.calendar.ical import Heading, vcalendar, vevent
from api.calendar.models import Event, Level
from api.invitations.meeting import meeting_of
from api.invitations.models import Invitation
from api.kit.clock import to_local
from api.kit.db import base_url_of
from api.kit.i18n import Language, Speaker
from api.programme.models import Slot
from api.programme.reading import agenda_of_function
from api.programme.seating import in_words


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """One session or break of somebody's day."""

    day: str
    when: str  # its hours
    title: str
    where: str  # room and table
    task: str
    preparation: str


def programme_of(
    session: Session, invited: Invitation, event: Event, say: Speaker
) -> tuple[ProgrammeLine, ...]:
    """Return what whoever has a place does at a meeting, by time; nothing of a single session's place."""
    meeting = meeting_of(session, event)
    if meeting is None or event.subject_kind != "meeting" or event.is_protected:
        return ()
    sessions, breaks = agenda_of_function(session, meeting, invited.function_id)
    if not sessions:
        return ()
    found = [
        (
            line.slot.starts_at,
            ProgrammeLine(
                **_time(line.slot, say),
                title=say.either(line.session.title_sv, line.session.title_en),
                where=", ".join(
                    filter(None, (line.room.name if line.room else "", in_words(line.tables, say)))
                ),
                task=say.either(line.session.task_sv, line.session.task_en),
                preparation=say.either(line.session.preparation_sv, line.session.preparation_en),
            ),
        )
        for line in sessions
    ]
    found += [
        (
            slot.starts_at,
            ProgrammeLine(
                **_time(slot, say),
                title=say.either(slot.name_sv, slot.name_en) or say.text("Paus"),
                where="",
                task="",
                preparation="",
            ),
        )
        for slot in breaks
    ]
    return tuple(line for _, line in sorted(found, key=lambda one: one[0]))


def _time(slot: Slot, say: Speaker) -> dict[str, str]:
    hours = f"{say.clock(slot.starts_at)}–{say.clock(slot.ends_at)}"
    return {"day": say.date(to_local(slot.starts_at).date()), "when": hours}


def calendar_of(session: Session, invited: Invitation, event: Event, language: Language) -> bytes:
    """Return all of it as a file for a calendar program: the meeting, its sessions and breaks, in neutral words."""
    meeting = meeting_of(session, event)
    found = [event]
    if meeting is not None and event.subject_kind == "meeting":
        sessions, breaks = agenda_of_function(session, meeting, invited.function_id)
        by_session = calendar.events_of(session, "session", [one.session.id for one in sessions])
        by_break = calendar.events_of(
            session, "break", [f"{meeting.id}/{slot.id}" for slot in breaks] if sessions else []
        )
        found += [*by_session.values(), *by_break.values()]
    octets = [
        calendar.fragment(session, one.id, Level.NEUTRAL, language)
        or vevent(as_vevent(one, Level.NEUTRAL, language, base_url_of(session)))
        for one in found
    ]
    return vcalendar(Heading(), octets)
