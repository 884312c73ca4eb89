"""Table: which meeting an event of somebody's calendar file became."""

from sqlmodel import Field, SQLModel


class ImportedEvent(SQLModel, table=True):
    """What a file told of one meeting when it was last read in, so that reading it again changes nothing.

    `uid` is the SHA-256 of the event's UID, which may name a person or a machine. `recurrence_id` is
    the occurrence of a series, as the moment in UTC that its rule gives, or empty for a single event.
    """

    __tablename__ = "imported_event"

    uid: str = Field(primary_key=True)
    recurrence_id: str = Field(primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    digest: str
