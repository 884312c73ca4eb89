"""The mails that somebody must look at: who wrote, about which meeting, why, and what can be done at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.calendar import queries as calendar
from api.invitations import queries
from api.invitations.incoming import Kind
from api.invitations.meeting import meeting_of
from api.invitations.models import MailReply, ReplyState
from api.invitations.undoing import REPLY
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.i18n import Speaker, later
from api.meetings import service as meetings
from api.meetings.models import Meeting, MeetingState
from api.outbox.acts import can_undo_by
from api.questions import service as questions
from api.questions.models import Question

# What `replies` and `incoming` give as reasons, in words; anything else is a part that cannot be read.
WHY = {
    "no calendar part": later("skriver själv, inte genom sitt kalenderprogram"),
    "no sender": later("skriver utan avsändare"),
    "sender is not the attendee": later("svarar från en annan adress än den inbjudna"),
    "sent by another": later("svarar för någon annan"),
    "several attendees": later("svarar för flera på en gång"),
    "not invited": later("svarar utan att vara inbjuden med den adressen"),
    "nothing proves the sender": later(
        "föreslår en annan tid, men inget visar att det är den inbjudna som skriver. Ring och fråga"
    ),
    "delegated": later("låter någon annan komma i stället"),
    "PARTSTAT": later("svarar något annat än ja, nej eller kanske"),
    "RANGE": later("svarar för den dagen och alla efter den"),
    "DTSTAMP": later("svarar utan att säga när"),
    "no answer we know": later("svarar något annat än ja, nej eller kanske"),
    "answers an earlier invitation": later("svarar kanske på den förra tiden"),
    "counter": later("föreslår en annan tid"),
    "bounced": later(
        "tar inte emot mejl. Mejlet ligger bland de misslyckade. Byt adress i Kontakter"
    ),
    "failed": later("tar kanske inte emot mejl. Kontrollera adressen i Kontakter"),
    "encrypted": later("har krypterat sitt mejl"),
    "winmail.dat": later("har skickat en winmail.dat, som bara Outlook läser"),
    "too large": later("har skickat ett för stort mejl"),
}
OTHERWISE = later("har skickat ett mejl som inte gick att läsa")


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One mail: who and why in words; with a proposed time, whether one press moves the meeting there."""

    id: str
    sender: str
    subject: str
    why: str
    received: str
    meeting_id: str
    meeting: str
    proposed: str
    version: int | None  # of the meeting, where it can be moved to the proposed time
    may_be_asked: bool = (
        False  # an RC's own words: one press makes a question to NCH of its subject
    )


@dataclass(frozen=True, slots=True)
class InboxPage:
    """The mails that wait for a person, oldest first."""

    lines: tuple[InboxLine, ...]
    faults: tuple[FieldFault, ...] = ()


def inbox(session: Session, say: Speaker, faults: Iterable[FieldFault] = ()) -> InboxPage:
    """Return the page of mails to look at."""
    found = queries.replies_for_a_person(session)
    posts = _rc_posts(session)
    lines = (
        replace(line_of(session, one, say), may_be_asked=_asker(one, posts) is not None)
        for one in found
    )
    return InboxPage(tuple(lines), tuple(faults))


def line_of(session: Session, reply: MailReply, say: Speaker) -> InboxLine:
    """Return one mail in words."""
    meeting = _meeting(session, reply)
    ends_at = _ends(reply, meeting)
    can_move = meeting is not None and reply.kind == Kind.COUNTER and ends_at is not None
    proposed = say.span(reply.starts_at, ends_at) if reply.starts_at and ends_at else ""
    return InboxLine(
        id=reply.id,
        sender=reply.sender or say.text("Okänd avsändare"),
        subject=reply.subject,
        why=say.text(WHY.get(reply.reason, OTHERWISE)),
        received=say.moment(reply.received_at),
        meeting_id=meeting.id if meeting else "",
        meeting=say.either(meeting.name_sv, meeting.name_en) if meeting else "",
        proposed=proposed,
        version=meeting.version if meeting and can_move else None,
    )


def make_question(session: Session, viewer: Viewer, reply_id: str, at: datetime) -> Question:
    """Put the subject of what an RC wrote to NCH's mailbox as its question to NCH; the mail is dealt with.

    Raises:
        MissingError: when there is no such mail, or it is no RC's own words.
        ConflictError: when somebody has dealt with it already.
        FieldFault: when the subject is too short.
    """
    reply = queries.reply_with_id(session, reply_id)
    asker = _asker(reply, _rc_posts(session)) if reply is not None else None
    if reply is None or asker is None:
        raise MissingError
    if not queries.take_reply(session, reply_id):
        raise ConflictError("Mejlet är redan hanterat.")
    return questions.put_from_mail(session, viewer, asker, reply.subject, at)


def _rc_posts(session: Session) -> dict[str, str]:
    """Return the posts of RC by the addresses that they write from, in lower case."""
    homes = {body.id for body in accounts.bodies(session) if body.rc_id}
    posts = [
        one
        for one in accounts.reach(session)
        if one.body_id in homes and one.role is Role.RC_MEMBER
    ]
    return {
        address.lower(): one.id
        for one in reversed(posts)
        for address in (one.email, one.mailbox)
        if address
    }


def _asker(reply: MailReply, posts: Mapping[str, str]) -> str | None:
    is_own_words = reply.kind == Kind.PROSE and bool(reply.subject)
    return posts.get(reply.sender.lower()) if is_own_words else None


def _meeting(session: Session, reply: MailReply) -> Meeting | None:
    event = calendar.event(session, reply.event_id) if reply.event_id else None
    found = meeting_of(session, event) if event is not None else None
    return found if found is not None and found.state is not MeetingState.CANCELLED else None


def _ends(reply: MailReply, meeting: Meeting | None) -> datetime | None:
    """Return when a proposed time ends: as long as the meeting is, where the proposal does not say."""
    if reply.starts_at is None or reply.ends_at is not None or meeting is None:
        return reply.ends_at
    return reply.starts_at + (meeting.ends_at - meeting.starts_at)


def accept_proposal(
    session: Session, reply_id: str, version: int, actor: str, at: datetime
) -> None:
    """Move a meeting to the time that somebody has proposed; everybody's calendar follows.

    Raises:
        MissingError: when there is no such proposal.
        FieldFault: when the meeting cannot be at that time.
        StaleError: when somebody changed the meeting since `version`.
        ConflictError: when it has been answered already.
    """
    reply = queries.reply_with_id(session, reply_id)
    meeting = _meeting(session, reply) if reply is not None else None
    if reply is None or meeting is None or reply.kind != Kind.COUNTER or reply.starts_at is None:
        raise MissingError
    if reply.state is not ReplyState.FOR_A_PERSON:
        raise ConflictError("Förslaget är redan besvarat.")
    ends_at = _ends(reply, meeting)
    if ends_at is None:
        raise MissingError
    meetings.move(session, meeting, reply.starts_at, ends_at, version, actor, at)
    reply.state = ReplyState.HANDLED
    session.add(reply)
    can_undo_by(session, REPLY, {"id": reply.id})
