"""Tables: feeds, the secret addresses that serve them, and their stored bytes."""

from datetime import date, datetime

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.calendar.models import Level, ScopeKind
from api.kit.db import UtcDateTime, new_id, text_enum


class Feed(SQLModel, table=True):
    """A calendar: whose events, how much it tells, in which language. Several people may hold addresses."""

    __tablename__ = "feed"
    __table_args__ = (
        UniqueConstraint("scope_kind", "scope_id", "level", "language", "has_deadlines", "name"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    scope_kind: ScopeKind = Field(sa_type=text_enum(ScopeKind), index=True)
    scope_id: str = Field(index=True)
    level: Level = Field(sa_type=text_enum(Level))
    language: str
    has_deadlines: bool = False
    name: str  # the calendar's name in people's programs: neutral, no persons
    is_example: bool = False
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class FeedToken(SQLModel, table=True):
    """A secret address of a feed; only the hash of its 256-bit token is kept."""

    __tablename__ = "feed_token"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    id: str = Field(default_factory=new_id, unique=True)
    feed_id: str = Field(foreign_key="feed.id", index=True)
    owner_person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    label: str  # "Annas Outlook": shown to its owner only
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    fetched_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    clearing_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class FeedVersion(SQLModel, table=True):
    """A feed's bytes as they are served, joined in the transaction that changed an event in them."""

    __tablename__ = "feed_version"

    feed_id: str = Field(foreign_key="feed.id", primary_key=True)
    number: int  # 1, 2, 3 ... one more whenever the bytes differ
    body: bytes
    gzipped: bytes
    etag: str  # hash of the body, without quotes
    last_modified: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    holds_until: date  # the first day on which an event enters or leaves by the calendar alone
