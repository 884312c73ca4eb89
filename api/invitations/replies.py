"""Answers that come by mail (METHOD:REPLY): read with limits, trusted little, ordered, never taken twice."""

import email
import email.policy
import hashlib
import re
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
MOST_LINES = 50_000
MOST_PARTS = 40  # multiparts and mails within mails: each may lie within another
LONGEST_HEADERS = 100_000
HIGHEST_SEQUENCE = 2_147_483_647  # RFC 5545 3.8.7.4: what a database's integer holds
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


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What is known of a mail once it has been read; `said` is None where `reason` says why not."""

    message_id: str
    digest: str  # SHA-256 of its octets, hexadecimal
    sender: str = ""
    said: Said | None = None
    reason: str = ""


def read_mail(octets: bytes) -> ReadMail:
    """Read one mail, whatever it is; touches nothing else, so that it can be run apart.

    A mail that breaks the parser is known by its hash, and kept for a person.
    """
    try:
        _insist_on_size(octets)
        message, message_id = _message(octets)
        sender = _kept(parseaddr(str(message.get("From", "")))[1].strip().lower(), 254)
    except UnreadableError as error:
        return unread(octets, str(error))
    except Exception as error:  # noqa: BLE001 - a fence: the parser's faults are the mail's
        return unread(octets, f"mail: {type(error).__name__}")
    digest = hashlib.sha256(octets).hexdigest()
    try:
        return ReadMail(message_id, digest, sender, read(message, len(octets)))
    except UnreadableError as error:
        return ReadMail(message_id, digest, sender, reason=str(error))
    except Exception as error:  # noqa: BLE001 - as above
        return ReadMail(message_id, digest, sender, reason=f"calendar part: {type(error).__name__}")


def unread(octets: bytes, reason: str) -> ReadMail:
    """Return a mail of which nothing but its octets is known."""
    digest = hashlib.sha256(octets).hexdigest()
    return ReadMail(_unnamed(digest), digest, reason=reason)


def _unnamed(digest: str) -> str:
    return f"<{digest}@unnamed>"


def receive(session: Session, octets: bytes, at: datetime) -> MailReply:
    """Read one mail and take it."""
    return take(session, read_mail(octets), at)


def take(session: Session, mail: ReadMail, at: datetime) -> MailReply:
    """Take one read mail and return what became of it; the same mail twice is one."""
    message_id = mail.message_id
    known = queries.reply(session, message_id)
    if known is not None and not _is_same(known, mail):
        # Somebody else's mail took the name first: it must not keep this one from being taken.
        message_id = _unnamed(mail.digest)
        known = queries.reply(session, message_id)
    if known is not None:
        return known
    kept = MailReply(
        message_id=message_id,
        sender=mail.sender,
        state=ReplyState.FOR_A_PERSON,
        reason=mail.reason,
        received_at=at,
    )
    if mail.said is not None:
        said = mail.said
        kept.uid, kept.method, kept.partstat = said.uid, said.method, said.partstat
        kept.sequence, kept.stamp = said.sequence, said.stamp
        kept.state, kept.reason = _apply(session, mail.sender, said, at)
    session.add(kept)
    session.flush()
    return kept


def _is_same(known: MailReply, mail: ReadMail) -> bool:
    said = mail.said
    told = (said.uid, said.method, said.partstat, said.sequence, said.stamp) if said else None
    kept = (known.uid, known.method, known.partstat, known.sequence, known.stamp)
    return known.sender == mail.sender and (told or ("", "", "", 0, None)) == kept


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
    # A number or a clock ahead of ours must not outrank every later answer.
    sequence = min(said.sequence, invited.sent_sequence or 0)
    taken = answer(session, invited, Answer(partstat, sequence, min(said.stamp, at)))
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
            method=_kept(str(found.get("METHOD", "")).upper(), 20),
            uid=_kept(str(event["UID"]), 255),
            attendee=_kept(str(attendee).lower().removeprefix("mailto:").strip(), 254),
            partstat=_kept(str(attendee.params.get("PARTSTAT", "")).upper(), 20),
            sequence=max(0, min(int(event.get("SEQUENCE", 0)), HIGHEST_SEQUENCE)),
            stamp=stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC),
            occurrence=occurrence.astimezone(UTC) if occurrence else None,
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnreadableError(f"calendar part: {type(error).__name__}") from error


def _message(octets: bytes) -> tuple[EmailMessage, str]:
    """Return the mail and its Message-ID; one without gets its text's hash."""
    message = email.message_from_bytes(octets[:MOST_OCTETS], policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the policy's own class
    try:
        message_id = str(message.get("Message-ID", "")).strip()
    except (AttributeError, IndexError, ValueError):
        message_id = ""
    message_id = _kept(message_id, 255)
    return message, message_id or _unnamed(hashlib.sha256(octets).hexdigest())


_PART = re.compile(rb"boundary[*0-9\s]*=|message/(?:rfc822|global|partial)", re.IGNORECASE)
_HEADERS_END = re.compile(rb"\r?\n\r?\n")


def _insist_on_size(octets: bytes) -> None:
    """Refuse a mail by its octets, before anything parses it: parts within parts take a parser for ever.

    Raises:
        UnreadableError: when it is too large, or has too many lines, parts or headers.
    """
    if len(octets) > MOST_OCTETS:
        raise UnreadableError("too large")
    end = _HEADERS_END.search(octets)
    if (end.start() if end else len(octets)) > LONGEST_HEADERS:
        raise UnreadableError("too long headers")
    if octets.count(b"\n") > MOST_LINES:
        raise UnreadableError("too many lines")
    if len(_PART.findall(octets)) > MOST_PARTS:
        raise UnreadableError("too many parts")


def _kept(text: str, most: int) -> str:
    """Return a text as both databases keep it: without control characters and half surrogates."""
    clean = "".join(letter for letter in text if letter.isprintable())
    return clean[:most]
