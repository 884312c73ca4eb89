"""What a planner looks at before anybody is invited: the exact recipients, and the mail as it will read."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Function, Person
from api.calendar.models import Event
from api.calendar.wording import when
from api.invitations import queries, service
from api.invitations.holding import wants_part
from api.invitations.letters import draft
from api.invitations.models import Invitation, Place
from api.invitations.series import places
from api.invitations.web.showing import event_of_meeting, to_invite
from api.kit.i18n import LANGUAGES, Language, Speaker
from api.kit.mail import Texts


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who will get a mail of their own."""

    function: Function
    person: Person
    waits: bool  # the room is full: the mail goes when a place is free
    with_calendar: bool  # else the person reads the calendar as a feed


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The page before sending."""

    meeting_id: str
    event_id: str
    title: str
    when: str
    recipients: tuple[Recipient, ...]
    letters: tuple[tuple[Language, Texts], ...]  # one for each language that a recipient reads


def draft_page(session: Session, meeting_id: str, event_id: str, say: Speaker) -> DraftPage:
    """Return the recipients and the mail, with a stand-in where each gets an own name and link.

    Raises:
        MissingError: when the event is not the meeting's.
    """
    event = event_of_meeting(session, meeting_id, event_id)
    found = recipients(session, event)
    read: set[Language] = {"en" if one.person.language == "en" else "sv" for one in found}
    return DraftPage(
        meeting_id=meeting_id,
        event_id=event.id,
        title=say.either(event.title_sv, event.title_en),
        when=when(event, say),
        recipients=tuple(found),
        letters=tuple((each, draft(session, event, each)) for each in LANGUAGES if each in read),
    )


def recipients(session: Session, event: Event) -> list[Recipient]:
    """Return who is invited next and in which order the seats go."""
    everybody = queries.of_event(session, event.id)
    known = {one.function_id for one in places(session, event) if one.place is not Place.WITHDRAWN}
    seats, taken = queries.seats(session, event.id), service.taken(everybody)
    found: list[Recipient] = []
    for function in to_invite(session, event):
        person = accounts.person(session, function.holder_id) if function.holder_id else None
        if function.id not in known and person is not None:
            waits = seats is not None and taken + len(found) >= seats
            with_calendar = wants_part(session, person.email, function.id)
            found.append(Recipient(function, person, waits, with_calendar))
    return found


def invite_shown(
    session: Session, event: Event, function_ids: Collection[str], at: datetime
) -> list[Invitation]:
    """Invite those who were shown, and nobody who came to be concerned since."""
    shown = [one.function for one in recipients(session, event) if one.function.id in function_ids]
    made = [service.invite(session, event, function, at) for function in shown]
    return [one for one in made if one is not None]
