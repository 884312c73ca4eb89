"""Writing the log and checking its chain."""

import json
from collections.abc import Collection

from sqlmodel import Session

from api.accounts.news import AccountsChanged
from api.audit import chain, proof, queries
from api.audit.chain import FIRST, digest, utc_text
from api.audit.models import AuditEntry
from api.audit.proof import Head, Verdict
from api.kit.clock import now

SYSTEM = "system"


def record(
    session: Session,
    actor: str,
    action: str,
    subject: tuple[str, str],
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    """Note one row about `subject` (its kind and id); before and after hold JSON values only.

    It is kept as it is now, and gets its number when the transaction commits (`api.audit.chain`).
    """
    entry = AuditEntry(
        number=0,
        at=now(),
        actor=actor,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        before=_kept(before),
        after=_kept(after),
        previous_hash="",
        hash="",
    )
    session.flush()  # what is noted has been done: whoever reads a row's version next reads the new one
    chain.add(session, entry)


def _kept(values: dict[str, object] | None) -> dict[str, object] | None:
    """Return a copy that no later change of the caller's reaches.

    Raises:
        TypeError: when a value is none of JSON.
    """
    return None if values is None else json.loads(json.dumps(values))


def on_accounts_changed(session: Session, news: AccountsChanged) -> None:
    """Write down what the feature below the log announces."""
    record(session, news.actor, news.action, news.subject, news.before, news.after)


def first_broken(session: Session) -> int | None:
    """Return the number of the first row that does not fit the chain, or None when all fit."""
    previous, expected = FIRST, 1
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
    return Head(utc_text(now()), last.number, last.hash, why) if last else None
