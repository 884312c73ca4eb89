"""Mail that tells others waits in the outbox, and is written when its time comes: it says what is true then."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts.news import FunctionHandedOver
from api.kit.clock import Clock
from api.kit.db import Database
from api.kit.errors import StaleError
from api.outbox import queries
from api.outbox.acts import (
    Composer,
    Data,
    greeting_of,
    is_kept_as_draft,
    is_left_out,
    is_undoing,
    join,
    outbox_of,
)
from api.outbox.models import Mail, MailState
from api.outbox.service import Options, find, is_paused, queue

log = logging.getLogger("samkrets.outbox")

SOON = timedelta(hours=24)  # what begins within this is told at once
MOST_AT_ONCE = 500
MOST_OF_ALL = 100_000
NOT_WRITTEN = "not written"
_IS_DRAFT = "is_draft"  # of what a mail is about: somebody sends it


@dataclass(frozen=True, slots=True)
class Matter:
    """What a held mail is about: one for each `key`, whatever happens meanwhile."""

    key: str
    about: Data
    recipient: str
    batch: str = ""
    begins_at: datetime | None = None  # the soonest moment that it tells of
    is_example: bool = False


def hold(session: Session, composer: Composer, matter: Matter, at: datetime) -> None:
    """Have somebody told of a matter when its time comes, in one mail however often it changes till then.

    What begins within a day, and everything where the hold is 0, is told at once.
    """
    wait = outbox_of(session).hold
    begins_at = matter.begins_at
    is_soon = begins_at is not None and begins_at - at <= SOON
    due_at = at if is_soon or not wait else at + wait
    mail = queries.mail_with_key(session, matter.key)
    if mail is None and is_left_out(session, matter.key):
        return
    if mail is None:
        options = Options(key=matter.key, batch=matter.batch, is_example=matter.is_example)
        mail = queue(session, matter.recipient, "", "", "", at, options)
        mail.state, mail.kind, mail.about = MailState.HELD, composer.kind, matter.about
        mail.due_at = due_at
        session.add(mail)
        session.flush()
    elif not is_undoing(session) or due_at == at:
        queries.wait_until(session, mail.id, due_at)
        session.refresh(mail)
    wanted: Data = {"greeting": words} if (words := greeting_of(session)) else {}
    if is_kept_as_draft(session, matter.key):
        wanted |= {_IS_DRAFT: True}
    if wanted:
        mail.about = {**(mail.about or {}), **wanted}
        session.add(mail)
        session.flush()
    join(session, mail)
    if due_at == at:
        release(session, mail.id, at, composer)


def release(session: Session, mail_id: str, at: datetime, composer: Composer | None = None) -> bool:
    """Write a held mail whose time has come and queue it, once whoever asks; False when it is not to be sent.

    Raises:
        StaleError: when another process was first, or the act behind it was undone or done anew meanwhile.
    """
    mail = queries.seen(session, mail_id)
    if mail is None:
        raise StaleError({}, {})
    queries.close_acts(session, mail_id)  # acts, what the feature locks, mail: the order of undoing
    writer = composer
    if writer is None and mail.kind:
        writer = outbox_of(session).composers[mail.kind]
    if writer is not None:
        writer.lock(session, mail)
    if not queries.take_held(session, mail_id, at):
        raise StaleError({}, {})
    session.refresh(mail)
    if writer is not None and not writer.write(session, mail, at):
        queries.drop(session, [mail_id])
        return False
    if writer is not None:
        mail.created_at = at  # its date is when it was written
    if (mail.about or {}).get(_IS_DRAFT):
        mail.state = MailState.DRAFT
    mail.about, mail.due_at = None, at
    session.add(mail)
    session.flush()
    return True


def look_at(session: Session, mail: Mail, at: datetime) -> None:
    """Write a held mail as it would be now, in a transaction that is not kept: a page shows it."""
    writer = outbox_of(session).composers.get(mail.kind)
    if writer is not None:
        writer.write(session, mail, at)


def release_due(database: Database, clock: Clock, limit: int = MOST_AT_ONCE) -> int:
    """Write and queue what has waited long enough, each in a transaction of its own; return how many.

    One that cannot be written is put aside for a person, and never stops the others.
    """
    with database.reading() as session:
        ids = [] if is_paused(session) else queries.held_due(session, clock(), limit)
    done = 0
    for mail_id in ids:
        try:
            with database.transaction() as session:
                done += release(session, mail_id, clock())
        except StaleError:
            log.info("mail %s: another was first", mail_id)
        except Exception:
            log.exception("mail %s cannot be written", mail_id)
            with database.transaction() as session:
                give_up(session, mail_id)
    return done


def release_all(database: Database, at: datetime) -> int:
    """Write and queue everything that is held, however long it has waited; return how many."""
    with database.transaction() as session:
        queries.end_waiting(session, at)
    return release_due(database, lambda: at, MOST_OF_ALL)


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """Drop what waits for the old holder; what the new one is to know is told anew, or stands on the pages."""
    queries.drop(session, [one.id for one in queries.waiting_for_post(session, news.function_id)])


def give_up(session: Session, mail_id: str) -> None:
    """Put a held mail that cannot be written aside, so that a person sees it."""
    mail = find(session, mail_id)
    if mail.state is MailState.HELD:
        mail.state, mail.reason = MailState.FAILED, NOT_WRITTEN
        session.add(mail)


def send_now(session: Session, mail_id: str, at: datetime) -> bool:
    """Send a held mail without waiting; False when there is nothing to tell."""
    mail = queries.seen(session, mail_id)
    if mail is None or mail.state is not MailState.HELD:
        return False
    queries.wait_until(session, mail_id, at)
    return release(session, mail_id, at)
