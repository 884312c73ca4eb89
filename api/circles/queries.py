"""All SQL over the life of circles."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from api.accounts.models import HandOver
from api.circles.models import Buddy


def buddies_of(
    session: Session, person_id: str, function_ids: Collection[str], since: datetime
) -> list[Buddy]:
    """Return who helps a person in these posts, newest first."""
    statement = select(Buddy).where(
        Buddy.person_id == person_id,
        col(Buddy.function_id).in_(function_ids),
        col(Buddy.since) > since,
    )
    return list(session.exec(statement.order_by(col(Buddy.since).desc(), Buddy.id)))


def newcomers_of(session: Session, function_ids: Collection[str], since: datetime) -> list[Buddy]:
    """Return whom the holders of these posts help, newest first."""
    statement = select(Buddy).where(
        col(Buddy.buddy_function_id).in_(function_ids), col(Buddy.since) > since
    )
    return list(session.exec(statement.order_by(col(Buddy.since).desc(), Buddy.id)))


def buddy_counts(session: Session, since: datetime) -> dict[str, int]:
    """Return how many newcomers each post's holder has been asked to help since a moment."""
    statement = (
        select(Buddy.buddy_function_id, func.count())
        .where(col(Buddy.since) > since)
        .group_by(Buddy.buddy_function_id)
    )
    return dict(session.exec(statement).all())


def new_holders(session: Session, function_ids: Collection[str], since: datetime) -> set[str]:
    """Return the posts among these that have got another holder since a moment."""
    statement = select(HandOver.function_id).where(
        col(HandOver.function_id).in_(function_ids),
        col(HandOver.at) > since,
        col(HandOver.to_holder_id).is_distinct_from(col(HandOver.from_holder_id)),
    )
    return set(session.exec(statement))


def forget_buddy(session: Session, hand_over_id: str) -> None:
    """Forget who was asked to help after a hand-over."""
    session.exec(delete(Buddy).where(col(Buddy.hand_over_id) == hand_over_id))


def buddy_after(session: Session, hand_over_id: str) -> Buddy | None:
    """Return who was asked to help after a hand-over."""
    return session.exec(select(Buddy).where(Buddy.hand_over_id == hand_over_id)).first()
