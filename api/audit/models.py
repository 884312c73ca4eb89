"""Table: the log of changes."""

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.accounts.models import Person
from api.kit.db import UtcDateTime
from api.kit.finding.triggers import watch


class AuditEntry(SQLModel, table=True):
    """Who changed what and when, before and after; each row holds the hash of the one before."""

    __tablename__ = "audit_entry"

    number: int = Field(primary_key=True)  # 1, 2, 3 ... without holes
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    actor: str = Field(index=True)  # a person's id, or "system"
    action: str  # verb in the past: published, imported, moved ...
    subject_kind: str = Field(index=True)
    subject_id: str = Field(index=True)
    before: dict[str, object] | None = Field(default=None, sa_column=Column(JSON))
    after: dict[str, object] | None = Field(default=None, sa_column=Column(JSON))
    previous_hash: str
    hash: str
    signature: str = (
        ""  # HMAC of the hash under a key outside the database; empty: older than the key
    )


class AuditHead(SQLModel, table=True):
    """How far the log has come, signed, in one row: cutting off the log's end does not fit it."""

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True)
    number: int
    hash: str
    signature: str


watch(AuditEntry, "log", "action", "subject_kind", "actor", which="SELECT {row}.number AS id")
_DONE_BY = "SELECT one.number AS id FROM audit_entry AS one WHERE one.actor = {row}.id"
watch(Person, "log", "name", which=_DONE_BY)
