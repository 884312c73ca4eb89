"""Writing the log and checking its chain."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from api.accounts.news import AccountsChanged
from api.audit import proof, queries
from api.audit.models import AuditEntry, AuditHead
from api.audit.proof import Head, Verdict
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
    _sign(session, entry)
    session.add(entry)
    session.flush()
    return entry


def _sign(session: Session, entry: AuditEntry) -> None:
    """Sign a row and move the signed head on to it, in the same transaction."""
    key = proof.key_for(session)
    if key is None:
        return
    entry.signature = proof.sign(key, entry.hash)
    head = queries.head(session) or AuditHead(number=0, hash="", signature="")
    head.number, head.hash = entry.number, entry.hash
    head.signature = proof.sign(key, proof.head_text(entry.number, entry.hash))
    session.add(head)


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


def verify(
    session: Session, url: str, outside: Collection[Head] = (), *, is_copy: bool = False
) -> Verdict:
    """Say what the log proves: its chain, its signatures, its signed head, and the heads noted outside.

    url: whose key and noted heads are compared. outside: heads that came another way, such as by mail.
    is_copy: heads beyond the copy's end are younger than it.
    """
    broken = first_broken(session)
    key = proof.key_at(url)
    if broken is not None:
        fault = f"The log's chain is broken at row {broken}."
        return Verdict(queries.count(session, ""), 0, key is not None, fault)
    rows = ((entry, entry.hash) for entry in queries.entries(session))
    heads = [*proof.heads(url), *outside]
    if is_copy:
        last = queries.newest(session)
        heads = [head for head in heads if last is not None and head.number <= last.number]
    return proof.verdict(session, rows, heads, key)


def newest_head(session: Session, why: str = proof.DAILY) -> Head | None:
    """Return how far the log has come, to be noted outside; None while it is empty."""
    last = queries.newest(session)
    return Head(_utc_text(now()), last.number, last.hash, why) if last else None


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
