"""All SQL over who is asked to lead."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from api.kit.db import for_change
from api.meetings.models import Meeting, MeetingState
from api.programme.models import ProgrammeSession
from api.proposals.asking.models import AskState, LeaderAsk


def asks(session: Session, meeting_id: str) -> list[LeaderAsk]:
    """Return everybody who is or may be asked to lead at a meeting, by session and order."""
    statement = (
        select(LeaderAsk)
        .where(LeaderAsk.meeting_id == meeting_id)
        .order_by(LeaderAsk.session_key, col(LeaderAsk.place))
    )
    return list(session.exec(statement))


def asks_to_change(session: Session, meeting_id: str, session_key: str) -> list[LeaderAsk]:
    """Return a session's candidates in order, locked until the transaction ends."""
    statement = (
        select(LeaderAsk)
        .where(LeaderAsk.meeting_id == meeting_id, LeaderAsk.session_key == session_key)
        .order_by(col(LeaderAsk.place))
        .execution_options(populate_existing=True)
    )
    return list(session.exec(for_change(session, statement)))


def ask_by_hash(session: Session, token_hash: str) -> LeaderAsk | None:
    """Return the question that a link belongs to."""
    return session.exec(select(LeaderAsk).where(LeaderAsk.token_hash == token_hash)).first()


def asks_of_function(session: Session, function_id: str) -> list[LeaderAsk]:
    """Return the questions to a function that have a living link."""
    statement = select(LeaderAsk).where(
        LeaderAsk.function_id == function_id, col(LeaderAsk.token_hash).is_not(None)
    )
    return list(session.exec(statement))


def refusals(session: Session, at: datetime) -> list[tuple[LeaderAsk, ProgrammeSession]]:
    """Return who has said no to leading a session that runs at a meeting to come."""
    statement = (
        select(LeaderAsk, ProgrammeSession)
        .join(Meeting, col(LeaderAsk.meeting_id) == Meeting.id)
        .join(
            ProgrammeSession,
            (col(ProgrammeSession.meeting_id) == LeaderAsk.meeting_id)
            & (col(ProgrammeSession.key) == LeaderAsk.session_key),
        )
        .where(LeaderAsk.state == AskState.NO, Meeting.state == MeetingState.PUBLISHED)
        .where(col(Meeting.starts_at) > at, col(ProgrammeSession.slot_id).is_not(None))
        .order_by(col(LeaderAsk.answered_at))
    )
    return [(row, planned) for row, planned in session.exec(statement)]


def times_led(session: Session, but_meeting_id: str) -> dict[str, int]:
    """Return how often each RC has said yes to leading a session at other meetings."""
    statement = (
        select(LeaderAsk.rc_id, func.count())
        .where(LeaderAsk.state == AskState.YES, LeaderAsk.meeting_id != but_meeting_id)
        .group_by(LeaderAsk.rc_id)
    )
    return dict(session.exec(statement).all())
