"""Tables: who is invited to what, what they answered, who came in their place, and replies by mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum


class Partstat(StrEnum):
    """An invitee's answer (RFC 5545 3.2.12)."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"


class Place(StrEnum):
    """Whether somebody has a place."""

    INVITED = "invited"
    WAITING = "waiting"  # the room is full: asked when a place is free
    WITHDRAWN = "withdrawn"


class ReplyState(StrEnum):
    """What became of a reply that came by mail."""

    APPLIED = "applied"
    OLDER = "older"  # a newer answer was there already
    UNCONFIRMED = "unconfirmed"  # nothing shows that it comes from whoever is invited
    FOR_A_PERSON = "for_a_person"  # an unknown sender, a proposal of another time, or not readable
    HANDLED = "handled"


class Invitation(Versioned, SQLModel, table=True):
    """A function's place at an event, and the person who is asked to take it."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("event_id", "function_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    function_id: str = Field(foreign_key="function.id", index=True)
    number: int  # 1, 2, 3 ... within the event: the order of the waiting list
    name: str
    address: str = Field(index=True)  # lower case
    language: str = "sv"
    is_optional: bool = False
    place: Place = Field(sa_type=text_enum(Place))
    partstat: Partstat = Field(default=Partstat.NEEDS_ACTION, sa_type=text_enum(Partstat))
    organizer: str = (
        ""  # whom it is answered to: a secret address, never in feeds; empty: the mailbox
    )
    unconfirmed: str = ""  # what a mail in their name answered that nothing proves; see Partstat
    sent_sequence: int | None = None  # of the newest mail; an answer to an older one is void
    told_sequence: int = -1  # the event's own when that mail was made: a place's mails may be ahead
    answer_sequence: int = -1  # the answer's order: SEQUENCE, then DTSTAMP (RFC 5546 2.1.5)
    answered_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    version: int = 1  # one higher each time somebody else gets the place


class Told(SQLModel, table=True):
    """What an address was last told of a place by mail, and so what stands in that calendar.

    `facts` are the event's times, place and status as text; empty for what went out before they were kept.
    """

    __tablename__ = "told"

    invitation_id: str = Field(foreign_key="invitation.id", primary_key=True)
    address: str = Field(primary_key=True)
    name: str = ""
    language: str = "sv"
    organizer: str = ""
    sequence: int = 0  # of the newest mail to this address
    newest: int = -1  # the event's own when that mail was made
    is_cancelled: bool = False  # the newest mail took it back
    with_calendar: bool = True  # the newest request had a calendar part
    facts: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class InvitationToken(SQLModel, table=True):
    """The secret of an answer link; only its hash is kept, the mail's text goes once it is sent."""

    __tablename__ = "invitation_token"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    invitation_id: str = Field(foreign_key="invitation.id", index=True)
    address: str  # dead when the place has gone to somebody else


class Substitution(SQLModel, table=True):
    """A place that went from one person to another."""

    __tablename__ = "substitution"

    id: str = Field(default_factory=new_id, primary_key=True)
    invitation_id: str = Field(foreign_key="invitation.id", index=True)
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class SeatLimit(SQLModel, table=True):
    """How many an event's room takes; where `first_come`, all are asked, and the first to say yes have the places."""

    __tablename__ = "seat_limit"

    event_id: str = Field(foreign_key="event.id", primary_key=True)
    seats: int
    first_come: bool = False


class CalendarPart(SQLModel, table=True):
    """What went to somebody's calendar by mail: written with the mail, and true once that is sent.

    What is followed up later is what is held there, whatever its owner has chosen since.
    """

    __tablename__ = "calendar_part"

    id: str = Field(default_factory=new_id, primary_key=True)
    number: int  # 1, 2, 3 ... to an address about an event and its series, in the order of writing
    event_id: str = Field(foreign_key="event.id", index=True)
    address: str = Field(index=True)  # lower case
    method: str  # REQUEST or CANCEL (RFC 5546)
    sequence: int
    is_alone: bool = False  # of a date that has left its series: under its own UID
    mail_id: str = Field(index=True)  # the mail may be erased, or taken back before it is sent
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class Delivery(StrEnum):
    """How an event reaches somebody's calendar."""

    INVITATION = "invitation"
    FEED = "feed"
    BOTH = "both"  # it stands in two calendars, by the person's own wish


class DeliveryChoice(SQLModel, table=True):
    """A person's choice; without one it is the invitation."""

    __tablename__ = "delivery_choice"

    person_id: str = Field(foreign_key="person.id", primary_key=True)
    delivery: Delivery = Field(sa_type=text_enum(Delivery))
    has_digest: bool = False  # the weekly mail


class MailReply(SQLModel, table=True):
    """A mail that came in: what it is and what it said, never its text."""

    __tablename__ = "mail_reply"

    id: str = Field(default_factory=new_id, primary_key=True)
    message_id: str = Field(unique=True)
    sender: str
    uid: str = ""
    method: str = ""
    partstat: str = ""
    sequence: int = 0
    stamp: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    state: ReplyState = Field(sa_type=text_enum(ReplyState), index=True)
    reason: str = ""
    kind: str = ""  # of `incoming.Kind`; empty for what came before kinds were told apart
    subject: str = ""  # of what somebody must look at
    event_id: str = ""  # which event it is about, where that is known
    starts_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))  # proposed
    ends_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    received_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
