"""How long polls keep who answered: until the days that were asked about are past, and a while after."""

from datetime import datetime

from sqlmodel import Session

from api.availability import queries

ERASED = "–"


def count_due(session: Session, before: datetime) -> int:
    """Return how many answers still hold a name, of polls whose last day was before a moment."""
    return len(queries.named_answers(session, before, ERASED))


def erase_due(session: Session, before: datetime) -> None:
    """Take names, and the links that polls were passed on by, away; how many could stays, as numbers."""
    for answer in queries.named_answers(session, before, ERASED):
        answer.name = ERASED
        session.add(answer)
    for poll in queries.polls_before(session, before):
        if not poll.address.startswith(ERASED):
            poll.address = f"{ERASED}{poll.id}"  # leads nowhere, and no two alike
            session.add(poll)
    for link in queries.links_before(session, before):
        session.delete(link)
    session.flush()
