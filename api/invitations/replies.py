"""Answers that come by mail (METHOD:REPLY): read with limits, trusted little, ordered, never taken twice."""

import email
import email.policy
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr

import icalendar
from sqlmodel import Session

from api.calendar import queries as calendar
from api.invitations import queries
from api.invitations.models import MailReply, Partstat, ReplyState
from api.invitations.series import place_at
from api.invitations.service import Answer, answer

MOST_OCTETS = 1_000_000
_ANSWERS = {partstat.value: partstat for partstat in Partstat}


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply's calendar object says."""

    method: str
    uid: str
    attendee: str
    partstat: str
    sequence: int
    stamp: datetime
    occurrence: datetime | None = None  # RECURRENCE-ID: the answer is to this one of a series


class UnreadableError(Exception):
    """A mail that holds no reply we can read; its text says why, in a word for the log."""


def receive(session: Session, octets: bytes, at: datetime) -> MailReply:
    """Take one mail from the mailbox and return what became of it; the same mail twice is one."""
    message, message_id = _message(octets)
    known = queries.reply(session, message_id)
    if known is not None:
        return known
    sender = parseaddr(str(message.get("From", "")))[1].strip().lower()[:254]
    kept = MailReply(
        message_id=message_id, sender=sender, state=ReplyState.FOR_A_PERSON, received_at=at
    )
    try:
        said = read(message, len(octets))
    except UnreadableError as error:
        kept.reason = str(error)
    else:
        kept.uid, kept.method, kept.partstat = said.uid[:255], said.method, said.partstat
        kept.sequence, kept.stamp = said.sequence, said.stamp
        kept.state, kept.reason = _apply(session, sender, said, at)
    session.add(kept)
    session.flush()
    return kept


def _apply(session: Session, sender: str, said: Said, at: datetime) -> tuple[ReplyState, str]:
    if said.method != "REPLY":
        return ReplyState.FOR_A_PERSON, said.method.lower()  # COUNTER: another time is proposed
    if said.attendee != sender:
        return ReplyState.FOR_A_PERSON, "sender is not the attendee"
    event = queries.event_with_uid(session, said.uid)
    invited = queries.at_address(session, event.id, sender) if event else None
    if event is not None and said.occurrence is not None:
        one = calendar.occurrence_at(session, event.id, said.occurrence)
        own = queries.at_address(session, one.id, sender) if one else None
        invited = own or (place_at(session, invited, one) if invited and one else None)
    partstat = _ANSWERS.get(said.partstat)
    if invited is None:
        return ReplyState.FOR_A_PERSON, "not invited"  # forwarded or delegated: never let in
    if partstat is None or partstat is Partstat.NEEDS_ACTION:
        return ReplyState.FOR_A_PERSON, "no answer we know"
    # A clock ahead of ours must not outrank every later answer.
    taken = answer(session, invited, Answer(partstat, said.sequence, min(said.stamp, at)))
    return (ReplyState.APPLIED, "") if taken else (ReplyState.OLDER, "")


def read(message: EmailMessage, octets: int) -> Said:
    """Return what a mail's calendar object says.

    Raises:
        UnreadableError: when there is none, it is too large, or it lacks what RFC 5546 3.2.3 asks.
    """
    if octets > MOST_OCTETS:
        raise UnreadableError("too large")
    part = next((p for p in message.walk() if p.get_content_type() == "text/calendar"), None)
    if part is None:
        raise UnreadableError("no calendar part")
    payload = part.get_payload(decode=True)
    try:
        found = icalendar.Calendar.from_ical(payload if isinstance(payload, bytes) else b"")
        events = found.walk("VEVENT")
        [event] = events
        attendees = event["ATTENDEE"]
        [attendee] = attendees if isinstance(attendees, list) else [attendees]
        stamp = event.decoded("DTSTAMP")
        occurrence = event.decoded("RECURRENCE-ID") if "RECURRENCE-ID" in event else None
        return Said(
            method=str(found.get("METHOD", "")).upper()[:20],
            uid=str(event["UID"]),
            attendee=str(attendee).lower().removeprefix("mailto:").strip(),
            partstat=str(attendee.params.get("PARTSTAT", "")).upper()[:20],
            sequence=int(event.get("SEQUENCE", 0)),
            stamp=stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC),
            occurrence=occurrence.astimezone(UTC) if occurrence else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UnreadableError(f"calendar part: {type(error).__name__}") from error


def _message(octets: bytes) -> tuple[EmailMessage, str]:
    """Return the mail and its Message-ID; one without gets its text's hash."""
    message = email.message_from_bytes(octets[:MOST_OCTETS], policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the policy's own class
    try:
        message_id = str(message.get("Message-ID", "")).strip()
    except (ValueError, IndexError):
        message_id = ""
    return message, message_id[:255] or f"<{hashlib.sha256(octets).hexdigest()}@unnamed>"
