"""A signed-in person's own places: what they are asked to, what was answered, and who comes instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function
from api.accounts.policy import Viewer, insist, may_give_place
from api.calendar import queries as calendar
from api.calendar.fragments import as_vevent
from api.calendar.models import Event, Level
from api.calendar.wording import when
from api.dietary import service as dietary
from api.invitations import queries, service
from api.invitations.meeting import meeting_of
from api.invitations.models import Invitation, Partstat, Place
from api.invitations.series import place_at
from api.invitations.web.showing import (
    NOTHING_TYPED,
    AnswerPage,
    Asker,
    SubstitutedPage,
    Suggestion,
    Typed,
    page_of,
    substituted_page,
)
from api.kit.clock import to_local
from api.kit.db import base_url_of
from api.kit.errors import MissingError
from api.kit.i18n import Speaker


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A place in a list; `path` leads to where it is answered or passed on."""

    path: str
    subject: tuple[str, str]  # what the event is of: ("meeting", id), ("session", id)
    title: str
    when: str
    function: str
    name: str  # who has it
    partstat: Partstat
    is_mine: bool
    is_waiting: bool

    @property
    def is_asked(self) -> bool:
        """Whether the viewer's own answer is what everybody waits for."""
        return self.is_mine and not self.is_waiting and self.partstat is Partstat.NEEDS_ACTION


@dataclass(frozen=True, slots=True)
class Seat:
    """One place that the viewer may open."""

    invited: Invitation
    event: Event
    is_mine: bool


def places_of(session: Session, viewer: Viewer, at: datetime, say: Speaker) -> list[OwnPlace]:
    """Return the viewer's places ahead, earliest first: the person's own, and the functions'."""
    mine, base_url = _address(session, viewer), base_url_of(session)
    return [
        OwnPlace(
            path=f"/inbjudan/{invited.id}",
            subject=(event.subject_kind, event.subject_id),
            title=as_vevent(event, Level.INTERNAL, say.language, base_url).summary,
            when=when(event, say),
            function=function.title,
            name=invited.name,
            partstat=invited.partstat,
            is_mine=invited.address == mine,
            is_waiting=invited.place is Place.WAITING,
        )
        for invited, event, function in _rows(session, viewer, mine, at)
    ]


def unanswered(session: Session, viewer: Viewer, at: datetime) -> list[tuple[Invitation, Event]]:
    """Return the invitations that the viewer in person has not answered, earliest first."""
    mine = _address(session, viewer)
    return [
        (invited, event)
        for invited, event, _ in _rows(session, viewer, mine, at)
        if invited.address == mine
        and invited.place is Place.INVITED
        and invited.partstat is Partstat.NEEDS_ACTION
    ]


def place_for(session: Session, viewer: Viewer, invitation_id: str) -> Seat:
    """Return a place for whoever has it, or decides who takes it.

    Raises:
        MissingError: when there is none, or it is somebody else's.
    """
    invited = queries.invitation(session, invitation_id)
    if invited is None or invited.place is Place.WITHDRAWN:
        raise MissingError
    is_mine = invited.address == _address(session, viewer)
    insist(is_mine or may_give_place(viewer, invited.function_id))
    return Seat(invited, service.event_of(session, invited), is_mine)


def own_at(session: Session, viewer: Viewer, meeting_id: str) -> Invitation:
    """Return the viewer's place at one meeting of a series, to answer for that one alone.

    Raises:
        MissingError: when the meeting is of no series, or the viewer has no place in it.
    """
    event = calendar.event_of(session, "meeting", meeting_id)
    series = event.series_id if event is not None else None
    invited = queries.at_address(session, series, _address(session, viewer)) if series else None
    if event is None or invited is None:
        raise MissingError
    return place_at(session, invited, event)


def own_page(
    session: Session, viewer: Viewer, seat: Seat, say: Speaker, typed: Typed = NOTHING_TYPED
) -> AnswerPage:
    """Return the page of a place: only whoever has it answers and tells what they cannot eat."""
    invited, event = seat.invited, seat.event
    meeting = meeting_of(session, event)
    may_tell = meeting is not None and dietary.may_tell(session, viewer, meeting)
    asker = Asker(
        path=f"/inbjudan/{invited.id}",
        diet_path=f"/traffar/{meeting.id}/kost" if meeting and may_tell and seat.is_mine else "",
        is_mine=seat.is_mine,
        is_signed_in=True,
        suggestions=_suggestions(session, viewer, seat),
        history=tuple(past.from_name for past in queries.substitutions(session, invited.id)),
    )
    return page_of(session, invited, event, say, asker, typed)


def answer_own(
    session: Session, viewer: Viewer, seat: Seat, partstat: Partstat, at: datetime
) -> None:
    """Take an answer from whoever has the place.

    Raises:
        MissingError: when somebody else has it: nobody answers for another person.
        ConflictError: when the event is over or off.
    """
    insist(seat.is_mine)
    service.answer_on_page(session, seat.invited, seat.event, partstat, at, viewer.person_id)


def pass_on(
    session: Session,
    viewer: Viewer,
    seat: Seat,
    to: tuple[str, str],
    say: Speaker,
    at: datetime,
    *,
    version: int | None,
) -> SubstitutedPage:
    """Give a place to a name and address, and return the thanks; see `service.substitute`."""
    before = "" if seat.is_mine else seat.invited.name
    invited = service.pass_on(session, seat.invited, *to, at, viewer.person_id, version=version)
    is_mine = invited.address == _address(session, viewer)
    return substituted_page(session, seat.event, invited, say, before=before, is_mine=is_mine)


def _suggestions(session: Session, viewer: Viewer, seat: Seat) -> tuple[Suggestion, ...]:
    """Return the function's holder and deputy, and whom its organisation sends instead, but for the invited.

    Only those who hold the function are told who else does: a substitute from outside is not.
    """
    function = queries.function(session, seat.invited.function_id)
    if function is None or not may_give_place(viewer, function.id):
        return ()
    taken = queries.addresses_at(session, seat.event.id)
    instead = [
        post.holder_id
        for said in accounts.attends_of(session, function.body_id)
        if said.function_id == function.id and said.instead_id
        if (post := accounts.function(session, said.instead_id)) is not None
    ]
    ids = dict.fromkeys((function.holder_id, function.deputy_id, *instead))
    people = [accounts.person(session, person_id) for person_id in ids if person_id]
    return tuple(
        Suggestion(person.name, person.email, person.id == viewer.person_id)
        for person in people
        if person is not None and person.email not in taken
    )


def _rows(
    session: Session, viewer: Viewer, mine: str, at: datetime
) -> Sequence[tuple[Invitation, Event, Function]]:
    today = to_local(at).date()
    return queries.places_ahead(session, viewer.function_ids, mine, at, today)


def _address(session: Session, viewer: Viewer) -> str:
    person = accounts.person(session, viewer.person_id)
    return person.email if person is not None else ""
