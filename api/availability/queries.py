"""All SQL over polls."""

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session, col, select

from api.availability.models import (
    Poll,
    PollAnswer,
    PollAsked,
    PollLink,
    PollMark,
    PollOption,
    PollState,
)


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
    return list(session.exec(statement.order_by(col(Poll.made_at).desc(), col(Poll.id).desc())))


def polls_of(session: Session, network_ids: Collection[str]) -> list[Poll]:
    """Return every poll of these networks, whatever became of it."""
    statement = select(Poll).where(col(Poll.network_id).in_(network_ids))
    return list(session.exec(statement.order_by(Poll.id)))


def options(session: Session, poll_id: str) -> list[PollOption]:
    """Return a poll's times, withdrawn ones too, earliest first."""
    statement = select(PollOption).where(PollOption.poll_id == poll_id)
    return list(session.exec(statement.order_by(col(PollOption.starts_at), PollOption.id)))


def options_to_take(session: Session, poll_id: str) -> list[PollOption]:
    """Return a poll's times as they are now, read anew: call it when the poll is locked."""
    statement = select(PollOption).where(PollOption.poll_id == poll_id)
    return list(session.exec(statement.execution_options(populate_existing=True)))


def open_polls_of_groups(session: Session, function_ids: Collection[str]) -> list[Poll]:
    """Return the groups' polls that take answers and ask one of these functions, newest first."""
    statement = (
        select(Poll)
        .join(PollAsked)
        .where(col(PollAsked.function_id).in_(function_ids), col(Poll.group_id).is_not(None))
        .where(Poll.state == PollState.OPEN)
        .distinct()
    )
    return list(session.exec(statement.order_by(col(Poll.made_at).desc(), col(Poll.id).desc())))


def open_group_polls(session: Session, group_id: str) -> list[Poll]:
    """Return a group's polls that take answers, newest first."""
    statement = select(Poll).where(Poll.group_id == group_id, Poll.state == PollState.OPEN)
    return list(session.exec(statement.order_by(col(Poll.made_at).desc(), col(Poll.id).desc())))


def answers(session: Session, poll_id: str) -> list[PollAnswer]:
    """Return the answers to a poll, first answered first."""
    statement = select(PollAnswer).where(PollAnswer.poll_id == poll_id)
    return list(session.exec(statement.order_by(col(PollAnswer.answered_at), PollAnswer.id)))


def answer_with(session: Session, key_hash: str) -> PollAnswer | None:
    """Return the answer behind somebody's own link."""
    return session.exec(select(PollAnswer).where(PollAnswer.key_hash == key_hash)).first()


def answer_of(session: Session, poll_id: str, function_id: str) -> PollAnswer | None:
    """Return a function's answer to a poll."""
    statement = select(PollAnswer).where(
        PollAnswer.poll_id == poll_id, PollAnswer.function_id == function_id
    )
    return session.exec(statement).first()


def answered_by(
    session: Session, poll_ids: Collection[str], function_ids: Collection[str]
) -> set[str]:
    """Return which of these polls one of these functions has answered."""
    statement = select(PollAnswer.poll_id).where(
        col(PollAnswer.poll_id).in_(poll_ids), col(PollAnswer.function_id).in_(function_ids)
    )
    return set(session.exec(statement))


def asked(session: Session, poll_id: str) -> list[PollAsked]:
    """Return whom a poll asks."""
    statement = select(PollAsked).where(PollAsked.poll_id == poll_id)
    return list(session.exec(statement.order_by(PollAsked.id)))


def asked_with_id(session: Session, asked_id: str) -> PollAsked | None:
    """Return one whom a poll asks."""
    return session.get(PollAsked, asked_id)


def asked_with(session: Session, token_hash: str) -> PollAsked | None:
    """Return who was mailed a link."""
    statement = select(PollAsked).join(PollLink).where(PollLink.token_hash == token_hash)
    return session.exec(statement).first()


def asked_of_function(session: Session, function_id: str) -> list[PollAsked]:
    """Return where a function is asked, by polls that take answers."""
    statement = (
        select(PollAsked)
        .join(Poll)
        .where(PollAsked.function_id == function_id, Poll.state == PollState.OPEN)
    )
    return list(session.exec(statement.order_by(PollAsked.id)))


def links_of(session: Session, asked_id: str) -> list[PollLink]:
    """Return the links that somebody asked was mailed."""
    return list(session.exec(select(PollLink).where(PollLink.asked_id == asked_id)))


def polls_of_groups_to_come(session: Session, at: datetime) -> list[Poll]:
    """Return the groups' polls that were not called off and have a time to come, newest first."""
    coming = select(PollOption.poll_id).where(col(PollOption.starts_at) > at)
    statement = select(Poll).where(
        col(Poll.group_id).is_not(None),
        col(Poll.each_picks).is_(False),
        Poll.state != PollState.CLOSED,
        col(Poll.id).in_(coming),
    )
    return list(session.exec(statement.order_by(col(Poll.made_at).desc(), col(Poll.id).desc())))


def ending_before(session: Session, day: date) -> list[Poll]:
    """Return the polls that take answers and whose last day is at the latest `day`."""
    statement = select(Poll).where(Poll.state == PollState.OPEN, col(Poll.answer_by) <= day)
    return list(session.exec(statement.order_by(Poll.id)))


def links_before(session: Session, moment: datetime) -> list[PollLink]:
    """Return the mailed links of polls whose last time ended before a moment."""
    ids = [poll.id for poll in polls_before(session, moment)]
    statement = select(PollLink).join(PollAsked).where(col(PollAsked.poll_id).in_(ids))
    return list(session.exec(statement))


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
