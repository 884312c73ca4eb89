"""Whether a person's events come by mail, by feed or by both; what is planned moves with the choice."""

from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.calendar import queries as calendar
from api.calendar.models import Event
from api.invitations import queries
from api.invitations.holding import is_held, wants_part
from api.invitations.letters import Why, send_moved
from api.invitations.models import Delivery, DeliveryChoice, Invitation, Place
from api.invitations.series import place_at, places
from api.invitations.telling import owe
from api.kit.clock import now, to_local
from api.meetings.video import VideoChanged


def choose(
    session: Session,
    person_id: str,
    delivery: Delivery,
    at: datetime,
    *,
    has_digest: bool | None = None,
) -> int:
    """Remember how a person wants events, and move what is planned; return to how many events that is.

    What came by mail and now comes by feed is called off in the calendar that has it from the mail;
    what came by feed alone is mailed. Answers stay as they are.
    """
    found = queries.choice(session, person_id) or DeliveryChoice(
        person_id=person_id, delivery=delivery
    )
    found.delivery = delivery
    if has_digest is not None:
        found.has_digest = has_digest
    session.add(found)
    session.flush()
    return _move(session, person_id, at)


def choose_feed_unless_chosen(session: Session, person_id: str, at: datetime) -> int:
    """Somebody subscribed to the own calendar: invitations would put each event there twice."""
    if queries.choice(session, person_id) is None:
        return choose(session, person_id, Delivery.FEED, at)
    return 0


def back_to_mail(session: Session, person_id: str, at: datetime) -> int:
    """The last own address has ended: events come by mail again; return how many were mailed."""
    found = queries.choice(session, person_id)
    if found is None or found.delivery is Delivery.INVITATION:
        return 0
    return choose(session, person_id, Delivery.INVITATION, at)


def on_video_changed(session: Session, news: VideoChanged) -> None:
    """Tell those who have been asked of another link, or of none; a date's goes with its series where it is the series' own."""
    event, at = calendar.event_of(session, news.kind, news.id), now()
    if event is None or event.status == "CANCELLED":
        return
    asked = [one for one in places(session, event) if _is_asked(one)]
    for invited in asked:
        own = place_at(session, invited, event) if event.series_id else invited
        owe(session, event, own, own.address, at)
    with_series = {(one.function_id, one.address) for one in asked}
    for date in calendar.occurrences(session, event.id) if event.rule else ():
        for own in queries.of_event(session, date.id):
            is_alone = (own.function_id, own.address) not in with_series
            if is_alone and _is_asked(own) and date.status != "CANCELLED":
                owe(session, date, own, own.address, at)


def _is_asked(invited: Invitation) -> bool:
    return invited.place is Place.INVITED and invited.sent_sequence is not None


def _move(session: Session, person_id: str, at: datetime) -> int:
    person = accounts.person(session, person_id)
    if person is None:
        return 0
    moved = 0
    for invited, event in queries.asked_ahead(session, person.email, at, to_local(at).date()):
        moved += _move_one(session, invited, event, at)
    return moved


def _move_one(session: Session, invited: Invitation, event: Event, at: datetime) -> bool:
    """Bring one event into, or out of, the calendar that mails fill; a date goes with its series."""
    if event.series_id is not None and _has_series_place(session, invited, event):
        return False
    wanted = wants_part(session, invited.address, invited.function_id)
    if wanted == is_held(session, event, invited.address):
        return False
    send_moved(session, event, invited, at, Why.MAILED if wanted else Why.BY_FEED)
    return True


def _has_series_place(session: Session, invited: Invitation, event: Event) -> bool:
    series = queries.at_address(session, event.series_id or "", invited.address)
    return series is not None and series.function_id == invited.function_id
