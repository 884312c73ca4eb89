"""Whoever was asked and has not answered: reminded by a mail that waits like others, or answered for."""

from datetime import datetime

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.models import Event
from api.invitations import queries
from api.invitations.letters import is_over
from api.invitations.models import Invitation, Partstat, Place
from api.invitations.service import answer_on_page
from api.invitations.telling import is_unanswered, owe_reminder
from api.kit.errors import MissingError


def unanswered(session: Session, event: Event) -> list[Invitation]:
    """Return the places whose holders have been asked and have not answered."""
    return [one for one in queries.of_event(session, event.id) if is_unanswered(one)]


def remind(session: Session, event: Event, invitation_id: str, at: datetime) -> int:
    """Remind those who have not answered, or one of them; nobody twice on a day. Return how many.

    Nobody is reminded of what is over or off.
    """
    if event.status == "CANCELLED" or is_over(event, at):
        return 0
    chosen = [one for one in unanswered(session, event) if invitation_id in {"", one.id}]
    sent = 0
    for one in chosen:
        sent += owe_reminder(session, event, one, at)
    return sent


def answer_for(
    session: Session, invitation_id: str, partstat: Partstat, actor: str, at: datetime
) -> Event:
    """Take an answer that somebody gave by telephone; the log names who wrote it down. Return the event.

    Raises:
        MissingError: when there is no such place.
        ConflictError: when the event is over or off.
    """
    invited = queries.invitation(session, invitation_id)
    event = calendar.event(session, invited.event_id) if invited is not None else None
    if invited is None or event is None or invited.place is not Place.INVITED:
        raise MissingError
    answer_on_page(session, invited, event, partstat, at, actor)
    return event
