"""How long the outbox keeps what was written to whom; that a mail went, and when, stays."""

from datetime import datetime

from sqlmodel import Session

from api.outbox import queries
from api.outbox.models import Mail

ERASED = "–"


def due(session: Session, before: datetime) -> list[Mail]:
    """Return the mails that ended (sent or failed) before a moment and still hold an address or a text."""
    return queries.ended_before(session, before, ERASED)


def export_mail(mail: Mail) -> dict[str, object]:
    """Return a mail as JSON values."""
    said = mail.model_dump(mode="json", exclude={"calendar", "html"})
    return {**said, "calendar": (mail.calendar or b"").decode("utf-8", "replace")}


def erase_mail(session: Session, mail: Mail) -> None:
    """Leave of a mail its subject, its state and its times."""
    mail.recipient = ERASED
    mail.text = mail.html = mail.reply_to = mail.unsubscribe_url = ""
    mail.calendar = None
    session.add(mail)
