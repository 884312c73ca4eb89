"""A meeting as tables and as a calendar: agendas, people, door sheets, and the whole programme in one file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.accounts import queries as accounts
from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.calendar import queries as calendar
from api.calendar.ical import Heading, vcalendar
from api.calendar.models import Event
from api.feeds.access import may_see_event
from api.feeds.service import part_of
from api.invitations import queries as invitations
from api.invitations.meeting import ANSWERS, PLACES, may_invite
from api.kit.exports import Cell, Format, Table, download
from api.kit.i18n import Speaker
from api.kit.pages import language_of, speaker_of
from api.meetings.models import Meeting
from api.programme.queries import Programme
from api.programme.reading import lines, programme_for, visible_meeting

api = APIRouter(tags=["meetings"])

FILE: Mapping[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}


@api.get(
    "/meetings/{meeting_id}/agendas.{kind}",
    summary="Everybody's agenda as a table",
    response_class=Response,
    responses=dict(FILE),
)
def get_agendas(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str, kind: Format
) -> Response:
    """Return who is at which session, post by post; your own posts' alone unless you plan."""
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    programme = programme_for(session, viewer, meeting)
    seen = [
        one
        for one in programme.attendances
        if may_plan(viewer) or one.function_id in viewer.function_ids
    ]
    posts = {
        function.id: (function, holder)
        for function, holder, _ in accounts.functions_with_people(
            session, function_ids={one.function_id for one in seen}
        )
    }
    bodies = {body.id: body.name for body in accounts.bodies(session)}
    say = speaker_of(request)
    running = {line.session.id: line for line in lines(programme, meeting)}
    rows: list[tuple[Cell, ...]] = []
    for one in seen:
        if one.session_id not in running or one.function_id not in posts:
            continue
        line, (function, holder) = running[one.session_id], posts[one.function_id]
        rows.append(
            (
                bodies.get(function.body_id, ""),
                function.title,
                holder.name if holder else "",
                line.slot.starts_at,
                line.ends_at,
                say.either(line.session.title_sv, line.session.title_en),
                line.room.name if line.room else "",
            )
        )
    headings = ("Organisation", "Funktion", "Namn", "Börjar", "Slutar", "Pass", "Lokal")
    ordered = sorted(rows, key=lambda row: (str(row[0]), str(row[1]), str(row[3])))
    return download([_table(meeting, headings, ordered, say)], kind, say)


@api.get(
    "/meetings/{meeting_id}/people.{kind}",
    summary="Who is invited and what they answered, as a table",
    response_class=Response,
    responses=dict(FILE),
)
def get_people(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str, kind: Format
) -> Response:
    """Return the places of a meeting with their answers; for those who invite to it."""
    insist(may_invite(session, viewer, meeting_id))
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    event = calendar.event_of(session, "meeting", meeting.id)
    found = invitations.of_event(session, event.id) if event is not None else []
    say = speaker_of(request)
    headings = ("Namn", "E-postadress", "Plats", "Svar")
    rows = [
        (one.name, one.address, say.text(PLACES[one.place]), say.text(ANSWERS[one.partstat]))
        for one in found
    ]
    return download([_table(meeting, headings, rows, say)], kind, say)


@api.get(
    "/meetings/{meeting_id}/doors.xlsx",
    summary="What hangs on each room's door",
    response_class=Response,
    responses=dict(FILE),
)
def get_doors(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Return a workbook with a sheet a room: what happens there, by time, as far as you may see it."""
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    programme = programme_for(session, viewer, meeting)
    say = speaker_of(request)
    headings = ("Börjar", "Slutar", "Pass", "Spår", "Leds av")
    found = tuple(lines(programme, meeting))
    tables = []
    for room in programme.rooms:
        rows = [
            (
                line.slot.starts_at,
                line.ends_at,
                say.either(line.session.title_sv, line.session.title_en),
                say.either(line.track.name_sv, line.track.name_en) if line.track else "",
                line.session.leader,
            )
            for line in found
            if line.room is not None and line.room.id == room.id
        ]
        tables.append(_table(meeting, headings, rows, say, room.name))
    return download(tables or [_table(meeting, headings, [], say)], "xlsx", say)


@api.get(
    "/meetings/{meeting_id}/programme.ics",
    summary="The whole programme for a calendar",
    response_class=Response,
    responses=dict(FILE),
)
def get_calendar(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Return the meeting and each session that you may see in one file for a calendar program."""
    meeting, _ = visible_meeting(session, viewer, meeting_id)
    programme = programme_for(session, viewer, meeting)
    parts = [
        octets
        for event in _events(session, meeting.id, programme)
        if may_see_event(session, viewer, event)
        and (octets := part_of(session, event, language_of(request)))
    ]
    headers = {"Content-Disposition": 'attachment; filename="samkrets.ics"'}
    whole = vcalendar(Heading(), parts)
    return Response(whole, media_type="text/calendar; charset=utf-8", headers=headers)


def _events(session: Transaction, meeting_id: str, programme: Programme) -> list[Event]:
    own = calendar.event_of(session, "meeting", meeting_id)
    found = calendar.events_of(session, "session", [one.id for one in programme.sessions])
    of_sessions = [found[one.id] for one in programme.sessions if one.id in found]
    return [*([own] if own is not None else []), *of_sessions]


def _table(
    meeting: Meeting,
    headings: Sequence[str],
    rows: Iterable[tuple[Cell, ...]],
    say: Speaker,
    title: str = "",
) -> Table:
    """Return a table under a title, else the meeting's name; the headings' source texts are said."""
    return Table(
        title=title or say.either(meeting.name_sv, meeting.name_en),
        headings=tuple(say.text(one) for one in headings),
        rows=tuple(rows),
        is_example=meeting.is_example,
    )
