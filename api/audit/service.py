"""Writing the log and checking its chain."""

import hashlib
import json
from datetime import datetime

from sqlmodel import Session

from api.accounts.news import AccountsChanged
from api.audit import queries
from api.audit.models import AuditEntry
from api.kit.clock import now

SYSTEM = "system"
_FIRST = "0" * 64


def record(
    session: Session,
    actor: str,
    action: str,
    subject: tuple[str, str],
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> AuditEntry:
    """Add one row about `subject` (its kind and id); before and after hold JSON values only."""
    last = queries.last_entry(session)
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=now(),
        actor=actor,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        before=before,
        after=after,
        previous_hash=last.hash if last else _FIRST,
        hash="",
    )
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    return entry


def on_accounts_changed(session: Session, news: AccountsChanged) -> None:
    """Write down what the feature below the log announces."""
    record(session, news.actor, news.action, news.subject, news.before, news.after)


def first_broken(session: Session) -> int | None:
    """Return the number of the first row that does not fit the chain, or None when all fit."""
    previous, expected = _FIRST, 1
    for entry in queries.entries(session):
        fits = entry.number == expected and entry.previous_hash == previous
        if not fits or entry.hash != digest(entry):
            return entry.number
        previous, expected = entry.hash, expected + 1
    return None


def digest(entry: AuditEntry) -> str:
    """Return the SHA-256 of everything in a row but its own hash."""
    values = [
        entry.number,
        _utc_text(entry.at),
        entry.actor,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.before,
        entry.after,
        entry.previous_hash,
    ]
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _utc_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
