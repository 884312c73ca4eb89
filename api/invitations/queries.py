"""All SQL over invitations."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, delete, or_, select, update

from api.accounts.models import Function
from api.calendar.models import Event
from api.invitations.models import (
    CalendarPart,
    Delivery,
    DeliveryChoice,
    Invitation,
    InvitationToken,
    MailReply,
    Place,
    ReplyState,
    SeatLimit,
    Substitution,
    Told,
)
from api.kit.db import for_change
from api.outbox.models import Mail, MailState


def invitation(session: Session, invitation_id: str) -> Invitation | None:
    """Return an invitation, its event locked until the transaction ends where the database can."""
    event_id = select(Invitation.event_id).where(Invitation.id == invitation_id)
    lock_event(session, session.exec(event_id).first())
    statement = select(Invitation).where(Invitation.id == invitation_id)
    return session.exec(statement.execution_options(populate_existing=True)).first()


def lock_event(session: Session, event_id: str | None) -> None:
    """Let one transaction at a time change who comes to an event; the others wait for its end.

    It is the event's row that is locked, not the places': one who takes the last place adds a row,
    which no lock on those that are there holds back. Always this lock first, so none waits in a circle.
    """
    session.exec(for_change(session, select(Event.id).where(Event.id == event_id))).first()


def of_function(session: Session, event_id: str, function_id: str) -> Invitation | None:
    """Return a function's invitation to an event."""
    statement = select(Invitation).where(
        Invitation.event_id == event_id, Invitation.function_id == function_id
    )
    return session.exec(statement).first()


def of_event(session: Session, event_id: str) -> list[Invitation]:
    """Return an event's invitations in the order they were made; call `lock_event` before changing them."""
    statement = (
        select(Invitation).where(Invitation.event_id == event_id).order_by(col(Invitation.number))
    )
    return list(session.exec(statement.execution_options(populate_existing=True)))


def of_function_at(
    session: Session, event_ids: Collection[str], function_id: str
) -> list[Invitation]:
    """Return a function's invitations to some events."""
    statement = (
        select(Invitation)
        .where(col(Invitation.event_id).in_(event_ids), Invitation.function_id == function_id)
        .order_by(Invitation.id)
    )
    return list(session.exec(statement))


def at_address(session: Session, event_id: str, address: str) -> Invitation | None:
    """Return the invitation to an event that went to an address and was not withdrawn."""
    statement = (
        select(Invitation)
        .where(Invitation.event_id == event_id, Invitation.address == address)
        .where(Invitation.place != Place.WITHDRAWN)
    )
    return session.exec(statement).first()


def by_token(session: Session, token_hash: str) -> tuple[Invitation, InvitationToken] | None:
    """Return the invitation that an answer link is for."""
    of_token = (
        select(Invitation.event_id)
        .join(InvitationToken)
        .where(InvitationToken.token_hash == token_hash)
    )
    lock_event(session, session.exec(of_token).first())
    statement = (
        select(Invitation, InvitationToken)
        .join(InvitationToken)
        .where(InvitationToken.token_hash == token_hash)
    )
    row = session.exec(statement.execution_options(populate_existing=True)).first()
    return (row[0], row[1]) if row else None


def told(session: Session, invitation_id: str, address: str) -> Told | None:
    """Return what an address was last told of a place."""
    return session.get(Told, (invitation_id, address))


def told_at(session: Session, event_id: str, address: str) -> list[Told]:
    """Return what an address was last told of its places at an event."""
    statement = (
        select(Told)
        .join(Invitation, col(Invitation.id) == col(Told.invitation_id))
        .where(Invitation.event_id == event_id, Told.address == address)
        .order_by(Told.invitation_id)
    )
    return list(session.exec(statement))


def seats(session: Session, event_id: str) -> int | None:
    """Return how many an event's room takes, when that is limited."""
    found = session.get(SeatLimit, event_id)
    return found.seats if found else None


def seat_limit(session: Session, event_id: str) -> SeatLimit | None:
    """Return the row of an event's limit."""
    return session.get(SeatLimit, event_id)


def substitutions(session: Session, invitation_id: str) -> list[Substitution]:
    """Return who a place has gone to, oldest first."""
    statement = select(Substitution).where(Substitution.invitation_id == invitation_id)
    return list(session.exec(statement.order_by(col(Substitution.at), Substitution.id)))


def passed_on_since(session: Session, invited: Invitation, since: datetime) -> tuple[int, int]:
    """Return how often a place has been passed on, and how often by whoever has it, since a moment."""
    counted = select(func.count()).select_from(Substitution).where(col(Substitution.at) > since)
    of_place = session.exec(counted.where(Substitution.invitation_id == invited.id)).one()
    of_person = session.exec(counted.where(Substitution.from_address == invited.address)).one()
    return of_place, of_person


def substitutions_at(session: Session, event_ids: Collection[str]) -> dict[str, list[Substitution]]:
    """Return who each place at some events has gone to, oldest first, by the invitation's id."""
    statement = select(Substitution).join(Invitation).where(col(Invitation.event_id).in_(event_ids))
    found: dict[str, list[Substitution]] = {}
    for one in session.exec(statement.order_by(col(Substitution.at), Substitution.id)):
        found.setdefault(one.invitation_id, []).append(one)
    return found


def functions(session: Session, function_ids: Collection[str]) -> list[Function]:
    """Return functions by id."""
    return list(session.exec(select(Function).where(col(Function.id).in_(function_ids))))


def choice(session: Session, person_id: str) -> DeliveryChoice | None:
    """Return a person's choice."""
    return session.get(DeliveryChoice, person_id)


def choosing_feed(session: Session) -> list[str]:
    """Return the people whose events come by feed, alone or beside the mails."""
    statement = select(DeliveryChoice.person_id).where(
        col(DeliveryChoice.delivery) != Delivery.INVITATION
    )
    return list(session.exec(statement.order_by(DeliveryChoice.person_id)))


def newest_part(
    session: Session, event_ids: Collection[str], address: str, *, is_alone: bool = False
) -> CalendarPart | None:
    """Return the newest calendar part about any of these events that an address was, or will be, sent.

    One whose mail was refused, or taken back before it was sent, has not been. `is_alone` asks for
    those under a date's own UID, after it has left its series.
    """
    is_on_its_way = select(Mail.id).where(
        Mail.id == CalendarPart.mail_id, Mail.state != MailState.FAILED
    )
    statement = (
        select(CalendarPart)
        .where(col(CalendarPart.event_id).in_(event_ids), CalendarPart.address == address)
        .where(col(CalendarPart.is_alone).is_(is_alone))
        .where(or_(col(CalendarPart.sent_at).is_not(None), is_on_its_way.exists()))
        .order_by(col(CalendarPart.number).desc())
    )
    return session.exec(statement.limit(1)).first()


def last_part(session: Session, event_ids: Collection[str], address: str) -> int:
    """Return the highest number of the parts about these events to an address, 0 without any."""
    statement = select(func.max(CalendarPart.number)).where(
        col(CalendarPart.event_id).in_(event_ids), CalendarPart.address == address
    )
    return session.exec(statement).one() or 0


def parts_of_mail(session: Session, mail_id: str) -> list[CalendarPart]:
    """Return the calendar parts that a mail holds."""
    statement = select(CalendarPart).where(CalendarPart.mail_id == mail_id)
    return list(session.exec(statement.order_by(col(CalendarPart.number))))


def parts_of_events(session: Session, event_ids: Collection[str]) -> list[CalendarPart]:
    """Return every calendar part about some events."""
    statement = select(CalendarPart).where(col(CalendarPart.event_id).in_(event_ids))
    return list(session.exec(statement.order_by(col(CalendarPart.number))))


def parts_to(session: Session, address: str) -> list[CalendarPart]:
    """Return every calendar part that went to an address."""
    statement = select(CalendarPart).where(func.lower(col(CalendarPart.address)) == address)
    return list(session.exec(statement.order_by(col(CalendarPart.number))))


def asked_ahead(
    session: Session, address: str, moment: datetime, day: date
) -> list[tuple[Invitation, Event]]:
    """Return the places that an address has been asked to take at events still to come, earliest first."""
    statement = (
        select(Invitation, Event)
        .join(Event, col(Event.id) == Invitation.event_id)
        .where(Invitation.address == address, Invitation.place == Place.INVITED)
        .where(or_(_ends() > moment, col(Event.last_day) >= day))
        .where(Event.status != "CANCELLED", col(Invitation.sent_sequence).is_not(None))
        .order_by(col(Event.starts_at), Event.id)
    )
    return [(invited, event) for invited, event in session.exec(statement)]


def wanting_digest(session: Session) -> list[str]:
    """Return the people who want the weekly mail."""
    statement = select(DeliveryChoice.person_id).where(col(DeliveryChoice.has_digest).is_(True))
    return list(session.exec(statement.order_by(DeliveryChoice.person_id)))


def event_with_uid(session: Session, uid: str) -> Event | None:
    """Return the event with this UID."""
    return session.exec(select(Event).where(Event.uid == uid)).first()


def reply(session: Session, message_id: str) -> MailReply | None:
    """Return the reply with this Message-ID."""
    return session.exec(select(MailReply).where(MailReply.message_id == message_id)).first()


def replies_for_a_person(session: Session) -> list[MailReply]:
    """Return the replies that somebody must look at, oldest first."""
    statement = select(MailReply).where(MailReply.state == ReplyState.FOR_A_PERSON)
    return list(session.exec(statement.order_by(col(MailReply.received_at), MailReply.id)))


def function(session: Session, function_id: str) -> Function | None:
    """Return a function."""
    return session.get(Function, function_id)


def coming_of_function(session: Session, function_id: str) -> list[Invitation]:
    """Return a function's invitations that were not withdrawn."""
    statement = (
        select(Invitation)
        .where(Invitation.function_id == function_id)
        .where(Invitation.place != Place.WITHDRAWN)
        .order_by(Invitation.id)
    )
    return list(session.exec(statement))


def places_ahead(
    session: Session, function_ids: Collection[str], address: str, moment: datetime, day: date
) -> list[tuple[Invitation, Event, Function]]:
    """Return the places that some functions or an address hold at events still to come.

    Events that are off, places taken back and drafts that nobody was sent are left out.
    """
    is_theirs = or_(col(Invitation.function_id).in_(function_ids), Invitation.address == address)
    is_ahead = or_(_ends() > moment, col(Event.last_day) >= day)
    statement = (
        select(Invitation, Event, Function)
        .join(Event, col(Event.id) == Invitation.event_id)
        .join(Function, col(Function.id) == Invitation.function_id)
        .where(is_theirs, is_ahead)
        .where(Event.status != "CANCELLED")
        .where(_has_been_told())
        .order_by(col(Event.starts_at), Event.id, Invitation.id)
    )
    return [(invited, event, function) for invited, event, function in session.exec(statement)]


def places_of_functions(
    session: Session, function_ids: Collection[str]
) -> dict[tuple[str, str], Invitation]:
    """Return every place of some functions, by its event and its function."""
    statement = select(Invitation).where(col(Invitation.function_id).in_(function_ids))
    return {(one.event_id, one.function_id): one for one in session.exec(statement)}


def addresses_at(session: Session, event_id: str) -> set[str]:
    """Return the addresses that have a place at an event."""
    statement = select(Invitation.address).where(Invitation.event_id == event_id)
    return set(session.exec(statement.where(Invitation.place != Place.WITHDRAWN)))


def _ends() -> ColumnElement[datetime]:
    """A series ends with the last of its occurrences."""
    return func.coalesce(col(Event.ends_by), col(Event.ends_at))


def _has_been_told() -> ColumnElement[bool]:
    waits = col(Invitation.place) == Place.WAITING
    is_asked = and_(
        col(Invitation.place) == Place.INVITED, col(Invitation.sent_sequence).is_not(None)
    )
    return or_(waits, is_asked)


def reply_with_id(session: Session, reply_id: str) -> MailReply | None:
    """Return a reply."""
    return session.get(MailReply, reply_id)


def take_reply(session: Session, reply_id: str) -> bool:
    """Mark a mail that waits for a person as dealt with; False when somebody was first."""
    statement = (
        update(MailReply)
        .where(col(MailReply.id) == reply_id, col(MailReply.state) == ReplyState.FOR_A_PERSON)
        .values(state=ReplyState.HANDLED)
        .returning(col(MailReply.id))
    )
    return session.execute(statement).first() is not None


def of_events_before(
    session: Session, moment: datetime, day: date, erased: str
) -> list[Invitation]:
    """Return the invitations to events that ended before a moment (or day), not erased yet."""
    has_ended = or_(_ends() <= moment, col(Event.last_day) < day)
    statement = (
        select(Invitation)
        .join(Event)
        .where(has_ended)
        .where(Invitation.name != erased)
        .order_by(Invitation.id)
    )
    return list(session.exec(statement))


def replies_before(session: Session, moment: datetime) -> list[MailReply]:
    """Return the replies that came by mail before a moment."""
    statement = select(MailReply).where(col(MailReply.received_at) <= moment)
    return list(session.exec(statement.order_by(MailReply.id)))


def past_invitations_to(
    session: Session, address: str, at: datetime, today: date, erased: str
) -> list[Invitation]:
    """Return the invitations to past events that an address, or an answer link to it, has."""
    linked = select(InvitationToken.invitation_id).where(
        func.lower(col(InvitationToken.address)) == address
    )
    statement = (
        select(Invitation)
        .join(Event)
        .where(or_(_ends() <= at, col(Event.last_day) < today))
        .where(or_(Invitation.address == address, col(Invitation.id).in_(linked)))
        .where(Invitation.name != erased)
    )
    return list(session.exec(statement.order_by(Invitation.id)))


def substitutions_of(session: Session, address: str) -> list[Substitution]:
    """Return every passing on of a place from or to an address."""
    statement = select(Substitution).where(
        or_(
            func.lower(col(Substitution.from_address)) == address,
            func.lower(col(Substitution.to_address)) == address,
        )
    )
    return list(session.exec(statement.order_by(Substitution.id)))


def replies_from(session: Session, address: str) -> list[MailReply]:
    """Return every reply that came by mail from an address."""
    statement = select(MailReply).where(
        func.lower(col(MailReply.sender)).contains(address, autoescape=True)
    )
    return list(session.exec(statement.order_by(MailReply.id)))


def delete_tokens(session: Session, invitation_id: str) -> None:
    """Delete an invitation's answer links."""
    session.exec(delete(InvitationToken).where(col(InvitationToken.invitation_id) == invitation_id))


def delete_told(session: Session, invitation_id: str) -> None:
    """Forget who was told what of a place."""
    session.exec(delete(Told).where(col(Told.invitation_id) == invitation_id))


def told_to(session: Session, address: str) -> list[Told]:
    """Return everything that an address was told."""
    statement = select(Told).where(func.lower(col(Told.address)) == address)
    return list(session.exec(statement.order_by(Told.invitation_id)))


def delete_substitution(session: Session, substitution_id: str) -> None:
    """Delete a row of who a place has gone to: it was taken back before anybody was told."""
    session.exec(delete(Substitution).where(col(Substitution.id) == substitution_id))
