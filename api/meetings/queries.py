"""All SQL over meetings."""

from datetime import datetime

from sqlmodel import Session, col, select

from api.meetings.models import Meeting, MeetingKind, MeetingState


def meeting(session: Session, meeting_id: str) -> Meeting | None:
    """Return a meeting."""
    return session.get(Meeting, meeting_id)


def meetings(session: Session, since: datetime) -> list[Meeting]:
    """Return the meetings that end after a moment, earliest first."""
    statement = select(Meeting).where(col(Meeting.ends_at) >= since)
    return list(session.exec(statement.order_by(col(Meeting.starts_at), Meeting.id)))


def meetings_of_network(session: Session, network_id: str) -> list[Meeting]:
    """Return a network's meetings, earliest first."""
    statement = select(Meeting).where(Meeting.network_id == network_id)
    return list(session.exec(statement.order_by(col(Meeting.starts_at))))


def national_meetings(session: Session) -> list[Meeting]:
    """Return the national meetings that were not called off, latest first."""
    statement = (
        select(Meeting)
        .where(Meeting.kind == MeetingKind.NATIONAL)
        .where(Meeting.state != MeetingState.CANCELLED)
    )
    return list(session.exec(statement.order_by(col(Meeting.starts_at).desc())))
