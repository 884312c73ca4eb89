"""All SQL over study visits that hosts are asked about."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from api.meetings.models import Meeting, MeetingState
from api.proposals.visits.models import VisitAsk, VisitState


def ask(session: Session, ask_id: str) -> VisitAsk | None:
    """Return a question to a host."""
    return session.get(VisitAsk, ask_id)


def ask_by_hash(session: Session, token_hash: str) -> VisitAsk | None:
    """Return the question that a link belongs to."""
    return session.exec(select(VisitAsk).where(VisitAsk.token_hash == token_hash)).first()


def ask_of_meeting(session: Session, meeting_id: str) -> VisitAsk | None:
    """Return the question that a study visit came of."""
    return session.exec(select(VisitAsk).where(VisitAsk.meeting_id == meeting_id)).first()


def asks_since(session: Session, since: datetime) -> list[VisitAsk]:
    """Return the questions asked since a moment that stand, newest first."""
    statement = (
        select(VisitAsk)
        .where(col(VisitAsk.asked_at) >= since, VisitAsk.state != VisitState.WITHDRAWN)
        .order_by(col(VisitAsk.asked_at).desc(), col(VisitAsk.id).desc())
    )
    return list(session.exec(statement))


def is_asked_since(session: Session, row: VisitAsk) -> bool:
    """Whether another host has been asked for the same visitor since this one answered, and has not said no."""
    statement = select(VisitAsk.id).where(
        VisitAsk.visitor_rc == row.visitor_rc,
        VisitAsk.id != row.id,
        col(VisitAsk.asked_at) >= row.answered_at,
        col(VisitAsk.state).in_((VisitState.ASKED, VisitState.YES)),
    )
    return session.exec(statement).first() is not None


def asks_of_function(session: Session, function_id: str) -> list[VisitAsk]:
    """Return the questions to a function that have a living link."""
    statement = select(VisitAsk).where(
        VisitAsk.function_id == function_id, col(VisitAsk.token_hash).is_not(None)
    )
    return list(session.exec(statement))


def made_and_untold(
    session: Session, rc_ids: Collection[str], since: datetime, at: datetime
) -> list[Meeting]:
    """Return the visits of some RC that ended since a moment with nothing told of them, newest first."""
    statement = (
        select(Meeting)
        .join(VisitAsk, col(VisitAsk.meeting_id) == Meeting.id)
        .where(
            col(VisitAsk.visitor_rc).in_(rc_ids),
            VisitAsk.learnt == "",
            Meeting.state != MeetingState.CANCELLED,
            col(Meeting.ends_at) > since,
            col(Meeting.ends_at) <= at,
        )
        .order_by(col(Meeting.ends_at).desc(), Meeting.id)
    )
    return list(session.exec(statement))


def lines_before(session: Session, moment: datetime) -> list[VisitAsk]:
    """Return the visits asked for before a moment of which a line came home."""
    return list(
        session.exec(select(VisitAsk).where(VisitAsk.learnt != "", col(VisitAsk.asked_at) < moment))
    )


def learnt_by(session: Session, rc_ids: Collection[str], most: int) -> list[VisitAsk]:
    """Return the visits of some RC that something was learnt at, newest first."""
    statement = (
        select(VisitAsk)
        .where(col(VisitAsk.visitor_rc).in_(rc_ids), VisitAsk.learnt != "")
        .order_by(col(VisitAsk.asked_at).desc(), col(VisitAsk.id).desc())
        .limit(most)
    )
    return list(session.exec(statement))
