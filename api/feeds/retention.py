"""How long ended addresses of calendars are kept, with the labels that people gave them."""

from datetime import datetime

from sqlmodel import Session

from api.feeds import queries


def count_due(session: Session, before: datetime) -> int:
    """Return how many addresses ended before a moment."""
    return len(queries.ended_tokens(session, before))


def erase_due(session: Session, before: datetime) -> None:
    """Delete addresses that ended before a moment, and calendars that nobody has an address of."""
    for found in queries.ended_tokens(session, before):
        session.delete(found)
    session.flush()
    queries.delete_feeds_without_address(session, before)


def delete_of_person(session: Session, person_id: str) -> None:
    """Delete every address of a person, and with it its label."""
    for found in queries.tokens_owned_by(session, person_id):
        session.delete(found)
    session.flush()
