"""All SQL over the outbox."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, update
from sqlmodel import Session, col, delete, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from api.kit.clock import CLOCKS_DIFFER
from api.kit.db import for_change
from api.outbox.models import (
    POST,
    URGENT,
    WAITING,
    Act,
    ActMail,
    ActState,
    Mail,
    MailState,
    OutboxSwitch,
)


def mail(session: Session, mail_id: str) -> Mail | None:
    """Return a mail, locked until the transaction ends where the database can."""
    return session.exec(for_change(session, select(Mail).where(Mail.id == mail_id))).first()


def seen(session: Session, mail_id: str) -> Mail | None:
    """Return a mail as it is now, without a lock."""
    return session.get(Mail, mail_id, populate_existing=True)


def was_sent_to(session: Session, address: str) -> bool:
    """Return whether a mail has gone to an address before."""
    statement = select(Mail.id).where(Mail.recipient == address, Mail.state == MailState.SENT)
    return session.exec(statement.limit(1)).first() is not None


def only_drafted(session: Session, domain: str) -> frozenset[str]:
    """Return the addresses in a domain to which mails wait for a person, and none has ever gone."""
    ends = col(Mail.recipient).endswith(f"@{domain}", autoescape=True)

    def having(state: MailState) -> SelectOfScalar[str]:
        return select(Mail.recipient).where(ends, Mail.state == state)

    statement = having(MailState.DRAFT).where(col(Mail.recipient).not_in(having(MailState.SENT)))
    return frozenset(session.exec(statement))


def sent_as(session: Session, message_ids: Collection[str]) -> list[Mail]:
    """Return the mails with these Message-IDs, newest first."""
    if not message_ids:
        return []
    statement = select(Mail).where(col(Mail.message_id).in_(message_ids))
    return list(session.exec(statement.order_by(col(Mail.created_at).desc(), col(Mail.id).desc())))


def mail_with_key(session: Session, key: str) -> Mail | None:
    """Return the mail that was queued under this key."""
    return session.exec(select(Mail).where(Mail.key == key)).first()


def newest_with(session: Session, prefix: str) -> Mail | None:
    """Return the mail that was queued last of those whose keys begin so."""
    statement = select(Mail).where(col(Mail.key).startswith(prefix, autoescape=True))
    newest_first = statement.order_by(col(Mail.created_at).desc(), col(Mail.key).desc())
    return session.exec(newest_first.limit(1)).first()


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its time has come, or it was written while a clock went ahead."""
    return (col(Mail.due_at) <= now) | (col(Mail.created_at) > now + CLOCKS_DIFFER)


def due(session: Session, now: datetime, abandoned_before: datetime, limit: int) -> list[Mail]:
    """Return mails to send now: queued ones, and those whose sender died before it could say.

    What somebody waits for at this moment (`URGENT`) comes before everything else.
    """
    is_queued = (col(Mail.state) == MailState.QUEUED) & _is_due(now)
    is_abandoned = (col(Mail.state) == MailState.SENDING) & (
        (col(Mail.claimed_at) < abandoned_before) | (col(Mail.claimed_at) > now + CLOCKS_DIFFER)
    )
    statement = (
        select(Mail)
        .where(or_(is_queued, is_abandoned))
        .order_by(case((col(Mail.batch) == URGENT, 0), else_=1), col(Mail.due_at), col(Mail.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.exec(statement))


def of_batch(session: Session, batch: str) -> list[Mail]:
    """Return the mails of a batch, whatever became of them, oldest first."""
    statement = select(Mail).where(Mail.batch == batch)
    return list(session.exec(statement.order_by(col(Mail.created_at), Mail.id)))


def subjects(session: Session, ids: Collection[str]) -> list[tuple[str, str, str, datetime]]:
    """Return some mails' id, subject, recipient and when they were made, the newest first."""
    statement = (
        select(Mail.id, Mail.subject, Mail.recipient, Mail.created_at)
        .where(col(Mail.id).in_(ids))
        .order_by(col(Mail.created_at).desc(), col(Mail.id).desc())
    )
    return [(one, subject, to, at) for one, subject, to, at in session.exec(statement)]


def newest(session: Session, state: MailState | None, limit: int) -> list[Mail]:
    """Return the newest mails, of one state or all."""
    statement = select(Mail).order_by(col(Mail.created_at).desc(), col(Mail.id).desc()).limit(limit)
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


def held_due(session: Session, now: datetime, limit: int) -> list[str]:
    """Return the ids of the held mails whose time has come, the longest waiting first."""
    statement = (
        select(Mail.id)
        .where(Mail.state == MailState.HELD, _is_due(now))
        .order_by(col(Mail.due_at), col(Mail.id))
        .limit(limit)
    )
    return list(session.exec(statement))


def waiting_in(session: Session, batch: str) -> dict[str, datetime]:
    """Return the addresses that mails of a batch have not gone to yet, and from when each may go."""
    statement = select(Mail.recipient, Mail.due_at).where(
        Mail.batch == batch, col(Mail.state).in_(WAITING)
    )
    return dict(session.exec(statement.order_by(col(Mail.due_at))).all())


def take_held(session: Session, mail_id: str, now: datetime) -> bool:
    """Turn a held mail whose time has come into a queued one; False when another was first."""
    session.flush()
    statement = (
        update(Mail)
        .where(col(Mail.id) == mail_id, col(Mail.state) == MailState.HELD)
        .where(_is_due(now))
        .values(state=MailState.QUEUED)
    )
    return session.connection().execute(statement).rowcount == 1


def wait_until(session: Session, mail_id: str, moment: datetime) -> bool:
    """Let a held mail wait until a moment; False when it has gone on its way."""
    session.flush()
    statement = (
        update(Mail)
        .where(col(Mail.id) == mail_id, col(Mail.state) == MailState.HELD)
        .values(due_at=moment)
    )
    return session.connection().execute(statement).rowcount == 1


def end_waiting(session: Session, moment: datetime) -> None:
    """Let everything that is held be due at a moment."""
    statement = update(Mail).where(col(Mail.state) == MailState.HELD).values(due_at=moment)
    session.connection().execute(statement)


def act(session: Session, act_id: str) -> Act | None:
    """Return an act as it is in the database now."""
    return session.get(Act, act_id, populate_existing=True)


def take_act(session: Session, act_id: str, now: datetime) -> bool:
    """Mark an act as undone, while nobody has got a mail of it; False when it is too late."""
    session.flush()
    waits = exists().where(
        col(ActMail.act_id) == act_id,
        col(ActMail.mail_id) == col(Mail.id),
        col(Mail.state) == MailState.HELD,
    )
    statement = (
        update(Act)
        .where(col(Act.id) == act_id, col(Act.state) == ActState.HELD)
        .where(or_(col(Act.due_at) > now, waits))
        .values(state=ActState.UNDONE)
    )
    return session.connection().execute(statement).rowcount == 1


def close_acts(session: Session, mail_id: str) -> None:
    """Mark the acts that a mail tells of as gone: from now on somebody knows."""
    session.flush()
    of_mail = select(ActMail.act_id).where(ActMail.mail_id == mail_id)
    statement = (
        update(Act)
        .where(col(Act.id).in_(of_mail), col(Act.state) == ActState.HELD)
        .values(state=ActState.GONE)
    )
    session.connection().execute(statement)


def mails_of_act(session: Session, act_id: str) -> list[Mail]:
    """Return the mails that tell of an act, whatever became of them."""
    statement = (
        select(Mail)
        .join(ActMail, col(ActMail.mail_id) == col(Mail.id))
        .where(ActMail.act_id == act_id)
        .order_by(Mail.recipient, Mail.id)
    )
    return list(session.exec(statement.execution_options(populate_existing=True)))


def waiting_acts(session: Session) -> list[Act]:
    """Return the acts with a mail that waits, the soonest due first."""
    held = (
        select(ActMail.act_id)
        .join(Mail, col(Mail.id) == col(ActMail.mail_id))
        .where(Mail.state == MailState.HELD)
    )
    statement = select(Act).where(col(Act.id).in_(held), Act.state != ActState.UNDONE)
    return list(session.exec(statement.order_by(col(Act.due_at), Act.id)))


def held_acts_by(session: Session, person_ids: Collection[str]) -> list[Act]:
    """Return what people did that can still be undone."""
    statement = select(Act).where(col(Act.actor).in_(person_ids), Act.state == ActState.HELD)
    return list(session.exec(statement.order_by(Act.id)))


def held_acts_of(session: Session, mail_id: str) -> list[Act]:
    """Return the acts that a mail tells of and that can still be undone."""
    statement = (
        select(Act)
        .join(ActMail, col(ActMail.act_id) == col(Act.id))
        .where(ActMail.mail_id == mail_id, Act.state == ActState.HELD)
    )
    return list(session.exec(statement))


def is_joined(session: Session, act_id: str, mail_id: str) -> bool:
    """Return whether a mail tells of an act already."""
    return session.get(ActMail, (act_id, mail_id)) is not None


def unsent(session: Session, batches: str) -> list[Mail]:
    """Return the mails that nobody has got or is getting yet, of the batches whose name begins so."""
    statement = select(Mail).where(
        col(Mail.batch).startswith(batches, autoescape=True), col(Mail.state).in_(WAITING)
    )
    return list(session.exec(statement.order_by(col(Mail.created_at), Mail.id)))


def drop_unsent(session: Session, mail_ids: Collection[str]) -> None:
    """Delete those of the mails that are not on their way yet."""
    session.flush()
    statement = select(Mail.id).where(col(Mail.id).in_(mail_ids), col(Mail.state).in_(WAITING))
    drop(session, list(session.exec(for_change(session, statement))))


def drop_held(session: Session, key: str) -> None:
    """Delete the mail about something where it still waits for its time."""
    mail = mail_with_key(session, key)
    if mail is not None and mail.state is MailState.HELD:
        drop(session, [mail.id])


def waiting_for_post(session: Session, function_id: str) -> list[Mail]:
    """Return the mails written to a function's holder that nobody has got."""
    statement = select(Mail).where(col(Mail.state).in_(WAITING), Mail.kind == "")
    found = session.exec(statement.order_by(Mail.id))
    return [one for one in found if (one.about or {}).get(POST) == function_id]


def drop(session: Session, mail_ids: Collection[str]) -> None:
    """Delete mails that nobody has got, and what joins them to acts."""
    session.flush()
    session.exec(delete(ActMail).where(col(ActMail.mail_id).in_(mail_ids)))
    session.exec(delete(Mail).where(col(Mail.id).in_(mail_ids)))


def forget_acts(session: Session, before: datetime) -> None:
    """Delete the acts whose time ran out before a moment; their mails stay."""
    old = select(Act.id).where(col(Act.due_at) <= before)
    session.exec(delete(ActMail).where(col(ActMail.act_id).in_(old)))
    session.exec(delete(Act).where(col(Act.due_at) <= before))
