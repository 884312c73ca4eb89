"""Answers that come by mail, judged: trusted little, ordered, never taken twice, never lost unseen."""

from datetime import date, datetime

from sqlmodel import Session

from api.accounts import reaching
from api.calendar import queries as calendar
from api.calendar.models import Event
from api.invitations import queries
from api.invitations.belief import is_believed
from api.invitations.incoming import Kind, ReadMail, Said, read_mail, unnamed
from api.invitations.models import Invitation, MailReply, Partstat, ReplyState
from api.invitations.series import place_at
from api.invitations.service import Answer, answer, doubt
from api.kit.clock import to_local
from api.outbox import queries as outbox
from api.outbox.models import MailState

_ANSWERS = {partstat.value: partstat for partstat in Partstat}


def receive(session: Session, octets: bytes, at: datetime) -> MailReply:
    """Read one mail and take it."""
    return take(session, read_mail(octets), at)


def take(session: Session, mail: ReadMail, at: datetime) -> MailReply:
    """Take one read mail and return what became of it; the same mail twice is one."""
    message_id = mail.message_id
    known = queries.reply(session, message_id)
    if known is not None and not _is_same(known, mail):
        # Somebody else's mail took the name first: it must not keep this one from being taken.
        message_id = unnamed(mail.digest)
        known = queries.reply(session, message_id)
    if known is not None:
        return known
    kept = MailReply(
        message_id=message_id,
        sender=mail.sender,
        state=ReplyState.FOR_A_PERSON,
        reason=mail.reason,
        kind=mail.kind.value,
        event_id=_event_about(session, mail),
        received_at=at,
    )
    if mail.kind is Kind.AUTO_REPLY:
        kept.state = ReplyState.HANDLED  # an out-of-office is nobody's answer
    elif mail.said:
        said = mail.said[0]
        kept.uid, kept.method, kept.partstat = said.uid, said.method, said.partstat
        kept.sequence, kept.stamp = said.sequence or 0, said.stamp
        kept.state, kept.reason = _applied(session, mail, at)
        if mail.kind is Kind.COUNTER and not said.reason:
            _propose(session, kept, said, mail)
    if kept.state is ReplyState.FOR_A_PERSON:
        kept.subject = mail.subject
    if mail.kind is Kind.BOUNCE:
        _mark_bounced(session, mail, kept, at)
    session.add(kept)
    session.flush()
    return kept


def _propose(session: Session, kept: MailReply, said: Said, mail: ReadMail) -> None:
    """Keep the time that an invitee proposes; a stranger's, or what nothing proves, is only told of."""
    event = calendar.event(session, kept.event_id)
    ids = [one for one in (event.id, event.series_id) if one] if event is not None else []
    found = [queries.at_address(session, one, kept.sender) for one in ids]
    invited = [one for one in found if one is not None]
    if said.attendee != kept.sender or not invited:
        kept.reason = "not invited"
    elif not any(is_believed(mail, one) for one in invited):
        kept.reason = "nothing proves the sender"
    else:
        kept.starts_at, kept.ends_at = said.starts_at, said.ends_at


def _event_about(session: Session, mail: ReadMail) -> str:
    """Return the event that a mail is about: by its answer's UID, else by the mail of ours it answers."""
    for said in mail.said:
        event = queries.event_with_uid(session, said.uid)
        one = _occurrence(session, event, said) if event and (said.occurrence or said.day) else None
        if event is not None:
            return (one or event).id
    return next((one.batch for one in outbox.sent_as(session, mail.answers_to) if one.batch), "")


def _mark_bounced(session: Session, mail: ReadMail, kept: MailReply, at: datetime) -> None:
    """Mark the mails of ours that a report brings back, and their addresses, until another is known.

    Only a report that knows the Message-ID of a mail to that very address is believed; one that
    names no address (some name a mailbox inside) is about that mail's.
    """
    kept.sender = ", ".join(mail.failed)[:254]
    for one in outbox.sent_as(session, mail.answers_to):
        is_meant = not mail.failed or one.recipient.lower() in mail.failed
        if is_meant and one.state is MailState.SENT:
            one.state, one.reason = MailState.FAILED, "bounced"
            kept.reason = "bounced"
            reaching.mark(session, one.recipient, at)
            session.add(one)
            kept.sender = kept.sender or one.recipient


def _is_same(known: MailReply, mail: ReadMail) -> bool:
    told: tuple[object, ...] = ("", "", "", 0, None)
    if mail.said:
        said = mail.said[0]
        told = (said.uid, said.method, said.partstat, said.sequence or 0, said.stamp)
    kept = (known.uid, known.method, known.partstat, known.sequence, known.stamp)
    # Of a report the sender that is kept is the address that it names.
    is_report = mail.kind is Kind.BOUNCE and known.kind == Kind.BOUNCE
    return (is_report or known.sender == mail.sender) and told == kept


def _applied(session: Session, mail: ReadMail, at: datetime) -> tuple[ReplyState, str]:
    """Apply each answer of a mail; what one of them needs of a person, the mail needs."""
    found = [_apply(session, mail, said, at) for said in mail.said]
    for wanted in (ReplyState.FOR_A_PERSON, ReplyState.UNCONFIRMED, ReplyState.APPLIED):
        for state, reason in found:
            if state is wanted:
                return state, reason
    return found[0]


def _apply(session: Session, mail: ReadMail, said: Said, at: datetime) -> tuple[ReplyState, str]:
    if said.stamp is None:
        return ReplyState.FOR_A_PERSON, said.reason or "DTSTAMP"
    # A clock ahead of ours must not outrank every later answer.
    stamp = min(said.stamp, at)
    try:
        invited, sequence = _place_answered(session, mail.sender, said, stamp)
        partstat = _partstat(said)
    except _ForAPersonError as error:
        return ReplyState.FOR_A_PERSON, str(error)
    if sequence is None:
        return ReplyState.OLDER, ""  # to the time before the move; they have been asked again
    given = Answer(partstat, sequence, stamp)
    if not is_believed(mail, invited):
        doubted = doubt(session, invited, given, at)
        return (
            (ReplyState.UNCONFIRMED, "nothing proves the sender")
            if doubted
            else (ReplyState.OLDER, "")
        )
    taken = answer(session, invited, given)
    return (ReplyState.APPLIED, "") if taken else (ReplyState.OLDER, "")


class _ForAPersonError(Exception):
    """An answer that somebody must look at; its text says why."""


def _partstat(said: Said) -> Partstat:
    partstat = _ANSWERS.get(said.partstat)
    if partstat is None or partstat is Partstat.NEEDS_ACTION:
        raise _ForAPersonError("no answer we know")
    return partstat


def _place_answered(
    session: Session, sender: str, said: Said, stamp: datetime
) -> tuple[Invitation, int | None]:
    """Return the place that is answered for, and the SEQUENCE of the request that is answered.

    None is one before the last, answered before that went out.
    """
    if said.method != "REPLY" or said.reason:
        raise _ForAPersonError(said.reason or said.method.lower())  # COUNTER proposes another time
    if said.attendee != sender:
        raise _ForAPersonError("sender is not the attendee")
    event = queries.event_with_uid(session, said.uid)
    invited = queries.at_address(session, event.id, sender) if event else None
    series_sequence = invited.sent_sequence if invited else None
    if event is not None and (said.occurrence or said.day):
        one = _occurrence(session, event, said)
        own = queries.at_address(session, one.id, sender) if one else None
        invited = own or (place_at(session, invited, one) if invited and one else None)
        event = one
    if event is None or invited is None:
        raise _ForAPersonError("not invited")  # forwarded or delegated: never let in
    sequence = _answered(event, invited, said, stamp, series_sequence)
    is_before = stamp < event.revised_at
    if sequence is None and not (is_before and said.sequence is not None):
        raise _ForAPersonError("answers an earlier invitation")
    return invited, sequence


def _answered(
    event: Event, invited: Invitation, said: Said, stamp: datetime, series_sequence: int | None
) -> int | None:
    """Return the SEQUENCE of the request that is answered; None where it may be an earlier one.

    A number ahead of ours counts as ours: programs raise it when they answer. Programs that tell none,
    or the series' own for one of its dates, are judged by their DTSTAMP against the last revision.
    """
    sent = invited.sent_sequence or 0
    if said.sequence is not None and said.sequence >= sent:
        return sent
    is_the_series = bool(said.occurrence or said.day) and said.sequence == series_sequence
    if (said.sequence is None or is_the_series) and stamp >= event.revised_at:
        return sent
    return None


def _occurrence(session: Session, series: Event, said: Said) -> Event | None:
    """Return the date of a series that is answered to: at that moment, else its only one that day."""
    if said.occurrence is not None:
        found = calendar.occurrence_at(session, series.id, said.occurrence)
        if found is not None:
            return found
    day = said.day or (to_local(said.occurrence).date() if said.occurrence else None)
    that_day = [one for one in calendar.occurrences(session, series.id) if _day_of(one) == day]
    return that_day[0] if len(that_day) == 1 else None


def _day_of(occurrence: Event) -> date | None:
    start = occurrence.original_start
    return to_local(start).date() if start is not None else None
