"""How long the outbox keeps what was written to whom; that a mail went, and when, stays."""

from datetime import datetime

from sqlmodel import Session

from api.outbox import queries
from api.outbox.models import Mail, MailState

ERASED = "–"


def due(session: Session, before: datetime) -> list[Mail]:
    """Return the mails written before a moment that still hold an address or a text.

    Also drafts and what waits: what nobody has sent in so long is not sent any more.
    """
    return queries.written_before(session, before, ERASED)


def to_person(session: Session, address: str) -> list[Mail]:
    """Return every mail to an address, whatever became of it."""
    return queries.about_address(session, address.lower())


def export_mail(mail: Mail) -> dict[str, object]:
    """Return a mail as JSON values."""
    said = mail.model_dump(mode="json", exclude={"calendar", "html"})
    return {**said, "calendar": (mail.calendar or b"").decode("utf-8", "replace")}


def erase_mail(session: Session, mail: Mail) -> None:
    """Leave of a mail its subject, its state and its times; one that still waits is never sent."""
    if mail.state not in {MailState.SENT, MailState.FAILED}:
        mail.state, mail.reason = MailState.FAILED, "erased"
    mail.recipient, mail.key = ERASED, None
    mail.text = mail.html = mail.reply_to = mail.unsubscribe_url = ""
    mail.calendar = mail.about = None
    session.add(mail)
