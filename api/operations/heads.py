"""The log's head of the day: noted outside the database, and mailed where a setting names an address."""

from datetime import datetime

from api.audit import proof
from api.audit.service import newest_head
from api.kit.clock import to_local
from api.kit.db import Database
from api.kit.mail import texts
from api.kit.settings import Settings
from api.outbox.service import Options, queue


def note_daily_head(database: Database, settings: Settings, now: datetime) -> bool:
    """Note how far the log has come, once a day; several workers of a day note and mail it once each at most.

    The mail has a key of its day, so that it is queued once whoever comes first.
    """
    day = to_local(now).date()
    with database.transaction() as session:
        head = newest_head(session)
        if head is None:
            return False
        if settings.audit_mail:
            said = texts("log_head", "sv", head)
            options = Options(key=f"log_head/{day}", batch=f"log_head/{day:%Y-%m}")
            queue(session, settings.audit_mail, said.subject, said.text, said.html, now, options)
    return proof.note_head(settings.database, head)
