"""All SQL over dietary needs."""

from datetime import date

from sqlmodel import Session, col, delete, func, select

from api.dietary.models import DietaryNeed


def need(session: Session, meeting_id: str, address: str) -> DietaryNeed | None:
    """Return what somebody cannot eat at a meeting."""
    return session.get(DietaryNeed, (meeting_id, address))


def of_meeting(session: Session, meeting_id: str) -> list[DietaryNeed]:
    """Return the needs told for a meeting, in an order that says nothing of whose they are."""
    statement = select(DietaryNeed).where(DietaryNeed.meeting_id == meeting_id)
    return list(session.exec(statement.order_by(DietaryNeed.other, DietaryNeed.diets)))


def of_address(session: Session, address: str) -> list[DietaryNeed]:
    """Return a person's needs, for the export of all that is kept of them."""
    statement = select(DietaryNeed).where(DietaryNeed.address == address)
    return list(session.exec(statement.order_by(DietaryNeed.meeting_id)))


def count_due(session: Session, day: date) -> int:
    """Return how many have outlived their meeting."""
    statement = select(func.count()).select_from(DietaryNeed)
    return session.exec(statement.where(col(DietaryNeed.erase_on) <= day)).one()


def delete_due(session: Session, day: date) -> None:
    """Delete those that have outlived their meeting."""
    session.exec(delete(DietaryNeed).where(col(DietaryNeed.erase_on) <= day))


def delete_of_meeting(session: Session, meeting_id: str) -> None:
    """Delete all needs at a meeting."""
    session.exec(delete(DietaryNeed).where(col(DietaryNeed.meeting_id) == meeting_id))


def delete_of_address(session: Session, address: str) -> None:
    """Delete all needs of a person."""
    session.exec(delete(DietaryNeed).where(col(DietaryNeed.address) == address))
