"""Tables: mail to send, and the switch that holds it all back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id, text_enum

# The batch of mails that somebody waits for with the page open: they lead past every other.
URGENT = "sign-in"


class MailState(StrEnum):
    """Where a mail is on its way."""

    DRAFT = "draft"  # waits for a person to send it
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # a person must look: refused, given up, or not known whether it arrived
    PAUSED = "paused"


class Mail(SQLModel, table=True):
    """One mail to one recipient, exactly as it is sent."""

    __tablename__ = "mail"

    id: str = Field(default_factory=new_id, primary_key=True)
    message_id: str = Field(unique=True)  # RFC 5322 3.6.4; the same at every attempt
    key: str | None = Field(default=None, unique=True)  # what it is about: queued once only
    batch: str = Field(default="", index=True)  # mails that are previewed and sent together
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


class OutboxSwitch(SQLModel, table=True):
    """One row: whether anything is sent at all."""

    __tablename__ = "outbox_switch"

    id: int = Field(default=1, primary_key=True)
    is_paused: bool = False
