"""Mail on its way: queued once, claimed by one sender, retried with patience, shown to a person when in doubt."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlmodel import Session

from api.kit.db import announce, base_url_of, new_id
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.mail import Outcome, Result, Texts, is_address
from api.outbox import queries
from api.outbox.acts import join, outbox_of
from api.outbox.models import POST, WAITING, Mail, MailState, OutboxSwitch
from api.outbox.sealing import seal, seal_part, unseal_part

LEASE = timedelta(minutes=10)  # longer than any one delivery may take
RETRY_MINUTES = (1, 5, 15, 60, 120, 240, 480, 960)  # together a day and a half
MOST_UNCERTAIN = 2  # a second "perhaps it arrived" is a person's to judge


@dataclass(frozen=True, slots=True)
class MailLeft:
    """News: a mail has been sent, or perhaps: nobody knows whether the server took it."""

    mail_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What few mails need: a calendar part, another reply address, a wait for a person's click.

    What `tells_others` of something that somebody just did waits, so that it can be undone; not what
    its own recipient has asked for. `post` is the function whose holder it is written to: it is dropped when
    somebody else gets the post before it has gone.
    """

    key: str | None = None
    batch: str = ""
    calendar: bytes | None = None
    method: str = ""
    reply_to: str = ""
    unsubscribe_url: str = ""
    is_draft: bool = False
    is_example: bool = False
    is_secret: bool = False
    tells_others: bool = False
    post: str = ""


def queue(
    session: Session,
    to: str,
    subject: str,
    text: str,
    html: str,
    at: datetime,
    options: Options | None = None,
) -> Mail:
    """Store one mail to one recipient; with a key that is known already, return that mail unchanged.

    Raises:
        FieldFault: when the address cannot be one.
    """
    chosen = options or Options()
    if not is_address(to):
        raise FieldFault(
            "to",
            "%(address)s ser inte ut som en e-postadress. Exempel: namn@lansstyrelsen.se.",
            address=to,
        )
    if chosen.key is not None:
        known = queries.mail_with_key(session, chosen.key)
        if known is not None:
            return known
    host = urlsplit(base_url_of(session)).hostname or "localhost"
    made = Mail(
        message_id=f"<{new_id()}@{host}>",
        key=chosen.key,
        batch=chosen.batch,
        state=MailState.DRAFT if chosen.is_draft else MailState.QUEUED,
        recipient=to,
        subject="",
        text="",
        html="",
        method=chosen.method,
        reply_to=chosen.reply_to,
        unsubscribe_url=seal(session, chosen.unsubscribe_url, has_tokens=True),
        is_example=chosen.is_example,
        is_secret=chosen.is_secret,
        created_at=at,
        due_at=at,
    )
    write(session, made, Texts(subject, text, html), chosen.calendar)
    wait = outbox_of(session).hold
    if chosen.tells_others and wait and not chosen.is_draft:
        made.state, made.due_at = MailState.HELD, at + wait
    if chosen.post and made.state in WAITING:
        made.about = {POST: chosen.post}
    session.add(made)
    session.flush()
    if chosen.tells_others:
        join(session, made)
    return made


def write(session: Session, mail: Mail, said: Texts, part: bytes | None = None) -> None:
    """Put texts and a calendar part into a mail as they are stored: without tokens or our own address."""
    mail.subject = " ".join(said.subject.split())
    mail.text = seal(session, said.text, has_tokens=mail.is_secret)
    mail.html = seal(session, said.html, has_tokens=mail.is_secret)
    mail.calendar = seal_part(session, part) if part is not None else None


def claim(session: Session, at: datetime, limit: int = 20) -> list[Mail]:
    """Take mails to send; whoever has them has ten minutes. Nothing while sending is paused."""
    if is_paused(session):
        return []
    taken = []
    for mail in queries.due(session, at, at - LEASE, limit):
        if mail.state is MailState.SENDING:  # its sender died: perhaps it was delivered
            mail.uncertain += 1
            announce(session, MailLeft(mail.id, at))
            if mail.uncertain >= MOST_UNCERTAIN:
                _give_up(mail, "uncertain")
                session.add(mail)
                continue
        mail.state, mail.claimed_at = MailState.SENDING, at
        mail.attempts += 1
        session.add(mail)
        taken.append(mail)
    session.flush()
    return taken


def settle(session: Session, mail_id: str, result: Result, at: datetime) -> Mail:
    """Write down what came of an attempt."""
    mail = find(session, mail_id)
    mail.reason, mail.claimed_at = result.reason, None
    if result.outcome is Outcome.SENT:
        mail.state, mail.sent_at = MailState.SENT, at
        announce(session, MailLeft(mail.id, at))
        if mail.is_secret:
            mail.text = mail.html = ""
    elif result.outcome is Outcome.REFUSED:
        _give_up(mail, result.reason)
    else:
        if result.outcome is Outcome.UNCERTAIN:
            mail.uncertain += 1
            announce(session, MailLeft(mail.id, at))
        if mail.attempts > len(RETRY_MINUTES) or mail.uncertain >= MOST_UNCERTAIN:
            _give_up(mail, result.reason)
        else:
            mail.state = MailState.QUEUED
            mail.due_at = at + timedelta(minutes=RETRY_MINUTES[mail.attempts - 1])
    session.add(mail)
    session.flush()
    return mail


def find(session: Session, mail_id: str) -> Mail:
    """Return a mail.

    Raises:
        MissingError: when there is none.
    """
    mail = queries.mail(session, mail_id)
    if mail is None:
        raise MissingError
    return mail


def release(session: Session, mail_id: str, at: datetime) -> Mail:
    """Send a draft, a paused mail, or one that failed; the last keeps its Message-ID."""
    mail = find(session, mail_id)
    if mail.state not in {MailState.DRAFT, MailState.PAUSED, MailState.FAILED}:
        raise ConflictError("Mejlet är redan skickat eller på väg.")
    mail.state, mail.due_at, mail.attempts, mail.uncertain = MailState.QUEUED, at, 0, 0
    session.add(mail)
    return mail


def release_drafts(session: Session, mail_ids: Collection[str], at: datetime) -> list[Mail]:
    """Send the drafts among these mails, and return them; one that has been sent or thrown away since is left."""
    found = queries.drafts(session, mail_ids)
    return [release(session, draft.id, at) for draft in found]


def discard(session: Session, mail_id: str) -> None:
    """Throw a draft away: nobody has got it, so nothing of it is kept.

    Raises:
        MissingError: when there is none.
        ConflictError: when it is no draft (any more).
    """
    mail = find(session, mail_id)
    if mail.state is not MailState.DRAFT:
        raise ConflictError("Mejlet är redan skickat eller på väg.")
    queries.drop(session, [mail_id])


def hold(session: Session, mail_id: str) -> Mail:
    """Hold one mail back."""
    mail = find(session, mail_id)
    if mail.state not in {MailState.QUEUED, MailState.DRAFT}:
        raise ConflictError("Mejlet är redan skickat eller på väg.")
    mail.state = MailState.PAUSED
    session.add(mail)
    return mail


def send_again(session: Session, mail_id: str, at: datetime) -> Mail:
    """Queue a copy of a mail that was sent: a new mail, asked for by a person, with its own Message-ID."""
    mail = find(session, mail_id)
    if mail.state is not MailState.SENT or mail.is_secret:  # a secret one's text is gone
        raise ConflictError("Bara ett skickat mejl kan skickas en gång till.")
    options = Options(
        batch=mail.batch,
        calendar=unseal_part(session, mail.calendar) if mail.calendar is not None else None,
        method=mail.method,
        reply_to=mail.reply_to,
        unsubscribe_url=mail.unsubscribe_url,
        is_example=mail.is_example,
    )
    return queue(session, mail.recipient, mail.subject, mail.text, mail.html, at, options)


def is_paused(session: Session) -> bool:
    """Return whether all sending is held back."""
    found = queries.switch(session)
    return found is not None and found.is_paused


def pause(session: Session, *, is_paused: bool) -> None:
    """Hold all sending back, or let it go on."""
    found = queries.switch(session) or OutboxSwitch()
    found.is_paused = is_paused
    session.add(found)


def _give_up(mail: Mail, reason: str) -> None:
    mail.state, mail.reason, mail.claimed_at = MailState.FAILED, reason, None
