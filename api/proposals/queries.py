"""All SQL over proposals."""

from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, delete, or_, select

from api.meetings.models import Meeting
from api.proposals.models import PickedUp, Proposal, ProposalKind, ProposalState


def _title(name: Mapped[str]) -> ColumnElement[str]:
    meeting = select(name).where(Meeting.id == Proposal.meeting_id).scalar_subquery()
    return func.coalesce(meeting, Proposal.title)


# What a proposal is called in Swedish and in English: a programme's as its meeting is.
TITLES = (_title(col(Meeting.name_sv)), _title(col(Meeting.name_en)))


def proposal(session: Session, proposal_id: str) -> Proposal | None:
    """Return a proposal."""
    return session.get(Proposal, proposal_id)


def proposal_to_change(session: Session, proposal_id: str) -> Proposal | None:
    """Return a proposal, locked and read anew until the transaction ends."""
    return session.get(Proposal, proposal_id, populate_existing=True, with_for_update=True)


def proposals(session: Session, kind: ProposalKind) -> list[Proposal]:
    """Return the proposals of a kind, newest first, without what was put aside.

    One whose wishes cannot all hold stays in the list: it says which they are.
    """
    statement = (
        select(Proposal)
        .where(Proposal.kind == kind)
        .where(or_(Proposal.state != ProposalState.WITHDRAWN, col(Proposal.conflict).is_not(None)))
        .order_by(col(Proposal.created_at).desc(), col(Proposal.id).desc())
    )
    return list(session.exec(statement))


def newest_of_meeting(session: Session, meeting_id: str) -> Proposal | None:
    """Return the programme that was made last for a meeting and not put aside."""
    statement = (
        select(Proposal)
        .where(Proposal.kind == ProposalKind.PROGRAMME, Proposal.meeting_id == meeting_id)
        .where(Proposal.state != ProposalState.WITHDRAWN)
        .order_by(col(Proposal.created_at).desc(), col(Proposal.id).desc())
    )
    return session.exec(statement.limit(1)).first()


def newest_published(session: Session, meeting_id: str) -> Proposal | None:
    """Return the proposal that a meeting's programme was last published from."""
    return next(iter(published(session, meeting_id, limit=1)), None)


def published(session: Session, meeting_id: str, limit: int | None = None) -> list[Proposal]:
    """Return the proposals that a meeting's programme was published from, newest first."""
    statement = (
        select(Proposal)
        .where(Proposal.kind == ProposalKind.PROGRAMME, Proposal.meeting_id == meeting_id)
        .where(Proposal.state == ProposalState.PUBLISHED)
        .order_by(col(Proposal.published_at).desc(), col(Proposal.id).desc())
    )
    return list(session.exec(statement.limit(limit)))


def heads_of_meeting(session: Session, meeting_id: str) -> list[tuple[str, ProposalState]]:
    """Return id and state of a meeting's programme proposals, newest first; withdrawn ones are none."""
    statement = (
        select(Proposal.id, Proposal.state)
        .where(Proposal.kind == ProposalKind.PROGRAMME, Proposal.meeting_id == meeting_id)
        .where(Proposal.state != ProposalState.WITHDRAWN)
        .order_by(col(Proposal.created_at).desc(), col(Proposal.id).desc())
    )
    return [(one, ProposalState(state)) for one, state in session.exec(statement)]


def held_over(session: Session, proposal_id: str, at: datetime) -> list[PickedUp]:
    """Return what planners hold over a proposal at a moment."""
    statement = (
        select(PickedUp)
        .where(PickedUp.proposal_id == proposal_id, col(PickedUp.until) > at)
        .order_by(col(PickedUp.session_key), col(PickedUp.person_id))
    )
    return list(session.exec(statement))


def pick_up(session: Session, held: PickedUp) -> None:
    """Write down what somebody holds over a proposal, instead of what they held before."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(PickedUp) if is_postgresql else sqlite.insert(PickedUp)
    values = held.model_dump()
    same = ["proposal_id", "person_id"]
    session.execute(insert.values(**values).on_conflict_do_update(index_elements=same, set_=values))


def let_go(session: Session, proposal_id: str, person_id: str, before: datetime) -> None:
    """Forget what somebody holds over a proposal, and what anybody held until a moment."""
    own = (col(PickedUp.proposal_id) == proposal_id) & (col(PickedUp.person_id) == person_id)
    session.exec(delete(PickedUp).where(own | (col(PickedUp.until) <= before)))
