"""All SQL over what was read in, with the meetings that it became."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from api.meetings.models import Meeting
from api.standing.models import ImportedEvent

Known = tuple[ImportedEvent, Meeting]


def known(session: Session, uids: Collection[str]) -> list[Known]:
    """Return what these events became when they were read in before."""
    statement = (
        select(ImportedEvent, Meeting)
        .join(Meeting, col(Meeting.id) == ImportedEvent.meeting_id)
        .where(col(ImportedEvent.uid).in_(uids))
        .order_by(ImportedEvent.uid, ImportedEvent.recurrence_id)
    )
    return list(session.exec(statement))


def imported(session: Session, uid: str, recurrence_id: str) -> ImportedEvent | None:
    """Return what one occurrence became."""
    return session.get(ImportedEvent, (uid, recurrence_id))
