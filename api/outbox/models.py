"""Tables: mail to send, the acts that it tells of, and the switch that holds it all back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id, text_enum
from api.kit.finding.triggers import watch

# The batch of mails that somebody waits for with the page open: they lead past every other.
URGENT = "sign-in"


class MailState(StrEnum):
    """Where a mail is on its way."""

    DRAFT = "draft"  # waits for a person to send it
    HELD = "held"  # waits until `due_at`; until then what it tells of can be undone
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # a person must look: refused, given up, or not known whether it arrived
    PAUSED = "paused"


WAITING = (MailState.HELD, MailState.DRAFT)  # nobody has got it, and it can still be taken back
POST = "post"  # of what a mail is about: the function whose holder it was written to


class ActState(StrEnum):
    """Whether something that somebody did can be undone."""

    HELD = "held"  # nobody has got a mail of it
    GONE = "gone"
    UNDONE = "undone"


class Mail(SQLModel, table=True):
    """One mail to one recipient, exactly as it is sent.

    A held mail of a `kind` is written when its time comes: it says what is true then.
    """

    __tablename__ = "mail"

    id: str = Field(default_factory=new_id, primary_key=True)
    message_id: str = Field(unique=True)  # RFC 5322 3.6.4; the same at every attempt
    key: str | None = Field(default=None, unique=True)  # what it is about: queued once only
    batch: str = Field(default="", index=True)  # mails that are previewed and sent together
    kind: str = ""  # who writes it when its time comes; empty: it is written already
    about: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    state: MailState = Field(sa_type=text_enum(MailState), index=True)
    recipient: str
    subject: str
    text: str
    html: str
    calendar: bytes | None = None  # an iMIP part (RFC 6047)
    method: str = ""  # its METHOD
    reply_to: str = ""
    unsubscribe_url: str = ""  # RFC 8058; only on mail that one may unsubscribe from
    is_example: bool = False
    is_secret: bool = False  # its texts are erased once it is sent
    attempts: int = 0
    uncertain: int = 0  # attempts after which nobody knows whether the server took it
    reason: str = ""  # why the last attempt failed: the server's code, never its whole text
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    claimed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class Act(SQLModel, table=True):
    """What somebody did that others are told of, and how it is undone; forgotten after a day."""

    __tablename__ = "act"

    id: str = Field(default_factory=new_id, primary_key=True)  # a secret of whoever did it
    actor: str
    said: str  # Swedish source text of the receipt
    told: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # the text's places
    page: str  # where undoing leads back to, without language
    steps: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))  # kind and data
    state: ActState = Field(sa_type=text_enum(ActState))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class ActMail(SQLModel, table=True):
    """A mail that tells of an act; several acts can become one mail."""

    __tablename__ = "act_mail"

    act_id: str = Field(foreign_key="act.id", primary_key=True)
    mail_id: str = Field(foreign_key="mail.id", primary_key=True, index=True)


class OutboxSwitch(SQLModel, table=True):
    """One row: whether anything is sent at all."""

    __tablename__ = "outbox_switch"

    id: int = Field(default=1, primary_key=True)
    is_paused: bool = False


watch(Mail, "mail", "subject", "recipient")
