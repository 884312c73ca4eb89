"""What a receiver's calendar holds of an event: what went there by mail, not what is chosen today.

What went out as REQUEST is followed by REQUEST and CANCEL until it is gone there (RFC 5546 3.2).
"""

from sqlmodel import Session

from api.accounts import queries as accounts
from api.calendar import queries as calendar
from api.calendar.models import Event
from api.invitations import queries
from api.invitations.models import CalendarPart, Delivery, Invitation
from api.outbox.models import Mail
from api.outbox.service import MailLeft


def note(
    session: Session, event: Event, invited: Invitation, mail: Mail, *, is_alone: bool
) -> None:
    """Write down the calendar part of a mail, once; it counts unless the mail is taken back or refused.

    `is_alone` when it has the own UID of a date that has left its series.
    """
    if mail.method and not queries.parts_of_mail(session, mail.id):
        session.add(
            CalendarPart(
                number=1
                + queries.last_part(session, _family(session, event), mail.recipient.lower()),
                event_id=event.id,
                address=mail.recipient.lower(),
                method=mail.method,
                sequence=invited.sent_sequence or 0,
                is_alone=is_alone,
                mail_id=mail.id,
            )
        )
        session.flush()


def on_mail_left(session: Session, news: MailLeft) -> None:
    """Remember that a part has been sent: it stays true when the mail itself is erased."""
    for part in queries.parts_of_mail(session, news.mail_id):
        part.sent_at = news.at
        session.add(part)


def is_held(session: Session, event: Event, address: str) -> bool:
    """Return whether an address's calendar has an event from a mail of ours; a date also by its series."""
    newest = (
        queries.newest_part(session, [event.id], address.lower(), is_alone=True)
        if event.is_apart
        else queries.newest_part(session, _whole(event), address.lower())
    )
    return newest is not None and newest.method == "REQUEST"


def leaves_series(session: Session, event: Event, address: str) -> bool:
    """Return whether a date that has become an event of its own still stands in a calendar's series."""
    newest = queries.newest_part(session, _whole(event), address.lower())
    return event.is_apart and newest is not None and newest.method == "REQUEST"


def next_sequence(session: Session, event: Event, address: str) -> int:
    """Return the lowest SEQUENCE of a REQUEST that brings an event back to where it was called off."""
    newest = queries.newest_part(session, [event.id], address.lower(), is_alone=event.is_apart)
    return newest.sequence + 1 if newest is not None and newest.method == "CANCEL" else 0


def cancel_sequence(session: Session, event: Event, address: str) -> int:
    """Return the lowest SEQUENCE of a CANCEL: above whatever the calendar was sent (RFC 5546 3.2.5)."""
    newest = queries.newest_part(session, [event.id], address.lower(), is_alone=event.is_apart)
    return newest.sequence + 1 if newest is not None else 0


def takes_request(session: Session, event: Event, invited: Invitation) -> bool:
    """Return whether a REQUEST goes with its calendar part: it is held there, or wanted there."""
    known = [event, *([session.get_one(Event, event.series_id)] if event.series_id else [])]
    is_there = any(is_held(session, one, invited.address) for one in known)
    return is_there or wants_part(session, invited.address, invited.function_id)


def wants_part(session: Session, address: str, function_id: str) -> bool:
    """Return whether whoever reads an address wants a function's events as calendar parts of mails.

    Who subscribes has them by feed, but not those of a function of somebody else's, whose place
    they take: these are in no feed of theirs.
    """
    person = accounts.person_by_email(session, address)
    chosen = queries.choice(session, person.id) if person else None
    if person is None or chosen is None or chosen.delivery is not Delivery.FEED:
        return True
    return function_id not in {one.id for one, _ in accounts.functions_of(session, person.id)}


def _family(session: Session, event: Event) -> list[str]:
    """Return an event with its series and all dates of that: their parts are told in one order."""
    series = event.series_id or event.id
    return [series, *(one.id for one in calendar.occurrences(session, series))]


def _whole(event: Event) -> list[str]:
    return [one for one in (event.id, event.series_id) if one]
