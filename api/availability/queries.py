"""All SQL over polls."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from api.availability.models import Poll, PollAnswer, PollMark, PollOption, PollState


def poll(session: Session, poll_id: str) -> Poll | None:
    """Return a poll."""
    return session.get(Poll, poll_id)


def poll_at(session: Session, address: str) -> Poll | None:
    """Return the poll behind a link that members pass on."""
    return session.exec(select(Poll).where(Poll.address == address)).first()


def open_polls(session: Session, network_id: str) -> list[Poll]:
    """Return a network's polls that take answers, newest first."""
    return open_polls_of(session, [network_id])


def open_polls_of(session: Session, network_ids: Collection[str]) -> list[Poll]:
    """Return the polls of these networks that take answers, newest first."""
    statement = (
        select(Poll)
        .where(col(Poll.network_id).in_(network_ids))
        .where(Poll.state == PollState.OPEN)
    )
    return list(session.exec(statement.order_by(col(Poll.made_at).desc(), Poll.id)))


def polls_of(session: Session, network_ids: Collection[str]) -> list[Poll]:
    """Return every poll of these networks, whatever became of it."""
    statement = select(Poll).where(col(Poll.network_id).in_(network_ids))
    return list(session.exec(statement.order_by(Poll.id)))


def options(session: Session, poll_id: str) -> list[PollOption]:
    """Return a poll's times, withdrawn ones too, earliest first."""
    statement = select(PollOption).where(PollOption.poll_id == poll_id)
    return list(session.exec(statement.order_by(col(PollOption.starts_at), PollOption.id)))


def answers(session: Session, poll_id: str) -> list[PollAnswer]:
    """Return the answers to a poll, first answered first."""
    statement = select(PollAnswer).where(PollAnswer.poll_id == poll_id)
    return list(session.exec(statement.order_by(col(PollAnswer.answered_at), PollAnswer.id)))


def answer_with(session: Session, key_hash: str) -> PollAnswer | None:
    """Return the answer behind somebody's own link."""
    return session.exec(select(PollAnswer).where(PollAnswer.key_hash == key_hash)).first()


def marks(session: Session, poll_id: str) -> list[PollMark]:
    """Return every mark of every answer to a poll."""
    statement = select(PollMark).join(PollAnswer).where(PollAnswer.poll_id == poll_id)
    return list(session.exec(statement))


def marks_of(session: Session, answer_id: str) -> list[PollMark]:
    """Return the marks of one answer."""
    return list(session.exec(select(PollMark).where(PollMark.answer_id == answer_id)))


def polls_before(session: Session, moment: datetime) -> list[Poll]:
    """Return the polls whose last time, withdrawn or not, ended before a moment."""
    last = select(PollOption.poll_id).where(col(PollOption.ends_at) > moment)
    statement = select(Poll).where(col(Poll.made_at) <= moment).where(col(Poll.id).not_in(last))
    return list(session.exec(statement.order_by(Poll.id)))


def named_answers(session: Session, moment: datetime, erased: str) -> list[PollAnswer]:
    """Return the answers that hold a name, of polls whose last time ended before a moment."""
    ids = [poll.id for poll in polls_before(session, moment)]
    statement = select(PollAnswer).where(col(PollAnswer.poll_id).in_(ids))
    return list(session.exec(statement.where(PollAnswer.name != erased).order_by(PollAnswer.id)))
