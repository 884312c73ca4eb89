"""All SQL over the outbox."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case
from sqlmodel import Session, col, func, or_, select

from api.outbox.models import URGENT, Mail, MailState, OutboxSwitch


def mail(session: Session, mail_id: str) -> Mail | None:
    """Return a mail, locked until the transaction ends where the database can."""
    return session.exec(select(Mail).where(Mail.id == mail_id).with_for_update()).first()


def was_sent_to(session: Session, address: str) -> bool:
    """Return whether a mail has gone to an address before."""
    statement = select(Mail.id).where(Mail.recipient == address, Mail.state == MailState.SENT)
    return session.exec(statement.limit(1)).first() is not None


def sent_as(session: Session, message_ids: Collection[str]) -> list[Mail]:
    """Return the mails with these Message-IDs, newest first."""
    if not message_ids:
        return []
    statement = select(Mail).where(col(Mail.message_id).in_(message_ids))
    return list(session.exec(statement.order_by(col(Mail.created_at).desc(), Mail.id)))


def mail_with_key(session: Session, key: str) -> Mail | None:
    """Return the mail that was queued under this key."""
    return session.exec(select(Mail).where(Mail.key == key)).first()


def due(session: Session, now: datetime, abandoned_before: datetime, limit: int) -> list[Mail]:
    """Return mails to send now: queued ones, and those whose sender died before it could say.

    What somebody waits for at this moment (`URGENT`) comes before everything else.
    """
    is_queued = (col(Mail.state) == MailState.QUEUED) & (col(Mail.due_at) <= now)
    is_abandoned = (col(Mail.state) == MailState.SENDING) & (
        col(Mail.claimed_at) < abandoned_before
    )
    statement = (
        select(Mail)
        .where(or_(is_queued, is_abandoned))
        .order_by(case((col(Mail.batch) == URGENT, 0), else_=1), col(Mail.due_at), col(Mail.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.exec(statement))


def subjects(session: Session, limit: int) -> list[tuple[str, str, str, datetime]]:
    """Return the newest mails' id, subject, recipient and when they were made."""
    statement = (
        select(Mail.id, Mail.subject, Mail.recipient, Mail.created_at)
        .order_by(col(Mail.created_at).desc(), col(Mail.id))
        .limit(limit)
    )
    return [(one, subject, to, at) for one, subject, to, at in session.exec(statement)]


def newest(session: Session, state: MailState | None, limit: int) -> list[Mail]:
    """Return the newest mails, of one state or all."""
    statement = select(Mail).order_by(col(Mail.created_at).desc(), col(Mail.id)).limit(limit)
    if state is not None:
        statement = statement.where(Mail.state == state)
    return list(session.exec(statement))


def drafts(session: Session, mail_ids: Collection[str]) -> list[Mail]:
    """Return those of the mails that are drafts, in the order of their ids."""
    statement = select(Mail).where(col(Mail.id).in_(mail_ids), Mail.state == MailState.DRAFT)
    return list(session.exec(statement.order_by(Mail.id)))


def counts(session: Session) -> dict[MailState, int]:
    """Return how many mails are in each state."""
    found = session.exec(select(Mail.state, func.count()).group_by(col(Mail.state)))
    return {MailState(state): number for state, number in found}


def switch(session: Session) -> OutboxSwitch | None:
    """Return the switch, if it was ever touched."""
    return session.get(OutboxSwitch, 1)


def written_before(session: Session, moment: datetime, erased: str) -> list[Mail]:
    """Return the mails written before the moment and not erased yet, whatever became of them."""
    statement = (
        select(Mail)
        .where(col(Mail.created_at) <= moment)
        .where(Mail.recipient != erased)
        .order_by(col(Mail.created_at), Mail.id)
    )
    return list(session.exec(statement))


def about_address(session: Session, address: str) -> list[Mail]:
    """Return the mails to an address, or whose key names it, whatever became of them."""
    is_about = or_(
        func.lower(col(Mail.recipient)) == address,
        col(Mail.key).contains(address, autoescape=True),
    )
    return list(session.exec(select(Mail).where(is_about).order_by(Mail.id)))
