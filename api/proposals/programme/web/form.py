"""The form that starts a programme: which survey, which rooms, which guests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from sqlmodel import Session

from api.kit.errors import FieldFault, FormError
from api.kit.i18n import Speaker
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.programme import outlines
from api.programme import queries as programmes
from api.proposals.models import Proposal
from api.proposals.programme import frame as programme_frame
from api.proposals.programme.drafting import CASE_TABLES, RoomChoice, agency_key
from api.proposals.programme.web.guests import guest_lines, turn_of
from api.proposals.words import state_in_words
from api.surveys import queries as surveys
from api.surveys.models import SurveyState
from matcher.programme.problem import Tables

ROOMS = 4
LARGEST_ROOM = 2000
TABLE_SIZES = range(2, 13)
TABLE_ROUNDS = range(1, 5)


@dataclass(frozen=True, slots=True)
class Telling:
    """How publishing is told of: a planner's own words, whom no mail goes to, and what waits as a draft.

    left, drafts: keys of mails in the outbox.
    """

    greeting: str = ""
    left: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()


def telling(
    greeting: Annotated[str, Form()] = "",
    asked: Annotated[list[str] | None, Form()] = None,
    told: Annotated[list[str] | None, Form()] = None,
    drafts: Annotated[list[str] | None, Form()] = None,
) -> Telling:
    """Return what is chosen; `asked` are the mails that the page named, `told` those to be sent."""
    left = frozenset(asked or ()) - frozenset(told or ())
    return Telling(" ".join(greeting.split()), left, frozenset(drafts or ()))


@dataclass(frozen=True, slots=True)
class RoomField:
    """A line of the form: a room's name and how many fit; both empty where there is none."""

    number: int
    name: str
    capacity: str
    is_digital: bool


@dataclass(frozen=True, slots=True)
class ProgrammeFormPage:
    """The form, filled in with what is known of the meeting."""

    meeting_id: str
    meeting: str
    when: str
    surveys: tuple[tuple[str, str], ...]
    survey: str
    rooms: tuple[RoomField, ...]
    guests: tuple[tuple[str, str], ...]  # function id, and what is known of the guest
    chosen_guests: tuple[str, ...]
    table_size: str
    table_rounds: str
    faults: tuple[FieldFault, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A proposal in the list."""

    id: str
    title: str
    state: str
    made: str


@dataclass(frozen=True, slots=True)
class ProgrammeListPage:
    """Where planning begins: the national meetings ahead, and the proposals so far."""

    meetings: tuple[tuple[str, str, str], ...]  # id, name, when
    proposals: tuple[Line, ...]


def list_page(
    session: Session, proposals: list[Proposal], say: Speaker, at: datetime
) -> ProgrammeListPage:
    """Return the meetings ahead and the proposals, newest first."""
    ahead = [one for one in meetings.national_meetings(session) if one.ends_at > at]
    planned = meetings.meetings_by_id(session, {one.meeting_id or "" for one in proposals})
    names = {one.id: say.either(one.name_sv, one.name_en) for one in planned}
    return ProgrammeListPage(
        meetings=tuple(
            (one.id, say.either(one.name_sv, one.name_en), say.span(one.starts_at, one.ends_at))
            for one in reversed(ahead)
        ),
        proposals=tuple(
            Line(
                one.id,
                names.get(one.meeting_id or "", one.title),
                state_in_words(one, say),
                say.moment(one.created_at),
            )
            for one in proposals
        ),
    )


def form_page(
    session: Session, meeting: Meeting, say: Speaker, form: Mapping[str, str] | None = None
) -> ProgrammeFormPage:
    """Return the form; without posted values with the rooms and guests that the meeting has already."""
    tied = surveys.survey_of_meeting(session, meeting.id)
    offered = [one for one in surveys.surveys(session) if one.state != SurveyState.DRAFT]
    answered = surveys.answer_counts(session)
    begun = tied or next((one for one in offered if one.id in answered), None)
    guests = programme_frame.guests(session)
    heard = turn_of(session, meeting.id, guests)
    known = [RoomField(0, r.name, str(r.capacity), r.is_digital) for r in _rooms(session, meeting)]
    fields = [
        RoomField(
            number,
            form.get(f"room{number}", ""),
            form.get(f"capacity{number}", ""),
            f"digital{number}" in form,
        )
        if form is not None
        else (known[number - 1] if number <= len(known) else RoomField(0, "", "", False))  # noqa: FBT003 - a line without room
        for number in range(1, max(ROOMS, len(known)) + 1)
    ]
    rooms = tuple(
        RoomField(number, field.name, field.capacity, field.is_digital)
        for number, field in enumerate(fields, start=1)
    )
    return ProgrammeFormPage(
        meeting_id=meeting.id,
        meeting=say.either(meeting.name_sv, meeting.name_en),
        when=say.span(meeting.starts_at, meeting.ends_at),
        surveys=tuple((one.id, say.either(one.title_sv, one.title_en)) for one in offered),
        survey=begun.id if begun else "",  # one that nobody has answered gives no programme
        rooms=rooms,
        guests=guest_lines(session, guests, heard, tied.id if tied else "", say),
        chosen_guests=tuple(one.function_id for one in guests if agency_key(one) in heard.next),
        table_size=(form or {}).get("table_size", str(CASE_TABLES.size)),
        table_rounds=(form or {}).get("table_rounds", str(CASE_TABLES.rounds)),
        faults=(),
    )


def as_known(session: Session, meeting: Meeting, say: Speaker) -> tuple[dict[str, str], list[str]]:
    """Return the form's fields, and the guests chosen, as they stand before anybody has written in it."""
    page = form_page(session, meeting, say)
    fields = {
        "survey": page.survey,
        "table_size": page.table_size,
        "table_rounds": page.table_rounds,
    }
    for room in page.rooms:
        fields |= {f"room{room.number}": room.name, f"capacity{room.number}": room.capacity}
        if room.is_digital:
            fields[f"digital{room.number}"] = "yes"
    return fields, list(page.chosen_guests)


def _rooms(session: Session, meeting: Meeting) -> tuple[RoomChoice, ...]:
    """Return the rooms that the meeting has already: as its planner has them, else as published."""
    plan = outlines.live_content(session, meeting.id)
    if plan is not None:
        return plan.rooms
    published = programmes.programme(session, meeting.id).rooms
    return tuple(RoomChoice(r.key, r.name, r.capacity, r.is_digital) for r in published)


def read_rooms(session: Session, meeting: Meeting, form: Mapping[str, str]) -> list[RoomChoice]:
    """Return the rooms of a posted form; a room that the meeting has already keeps its key.

    Raises:
        FormError: with one fault per line that cannot be used.
    """
    known = {room.name: room.key for room in _rooms(session, meeting)}
    rooms: list[RoomChoice] = []
    faults: list[FieldFault] = []
    for number in range(1, max(ROOMS, len(known)) + 1):
        name = form.get(f"room{number}", "").strip()
        written = form.get(f"capacity{number}", "").strip()
        if not name and not written:
            continue
        if not name or any(room.name == name for room in rooms):
            faults.append(FieldFault(f"room{number}", "Ge lokalen ett eget namn."))
        elif not written.isdecimal() or not 1 <= int(written) <= LARGEST_ROOM:
            faults.append(FieldFault(f"capacity{number}", "Skriv antalet platser, 1–2 000."))
        else:
            key = known.get(name, f"room{number}")
            rooms.append(RoomChoice(key, name, int(written), f"digital{number}" in form))
    if not rooms and not faults:
        faults.append(FieldFault("room1", "Skriv minst en lokal."))
    if faults:
        raise FormError(*faults)
    return rooms


def read_tables(form: Mapping[str, str]) -> Tables:
    """Return how case rounds are seated by a posted form; what it leaves out is as usual.

    Raises:
        FormError: with one fault per number that cannot be used.
    """
    size = form.get("table_size", str(CASE_TABLES.size)).strip()
    rounds = form.get("table_rounds", str(CASE_TABLES.rounds)).strip()
    faults = []
    if size not in map(str, TABLE_SIZES):
        faults.append(FieldFault("table_size", "Skriv hur många som får sitta vid ett bord, 2–12."))
    if rounds not in map(str, TABLE_ROUNDS):
        faults.append(FieldFault("table_rounds", "Skriv hur många omgångar det blir, 1–4."))
    if faults:
        raise FormError(*faults)
    return Tables(int(size), int(rounds))


def is_ahead(meeting: Meeting, at: datetime) -> bool:
    """Whether there is something left to plan."""
    return meeting.state != MeetingState.CANCELLED and meeting.ends_at > at
