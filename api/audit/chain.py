"""The log's chain: what a transaction noted gets its numbers, hashes and signatures as it commits.

The chain has one end, and whoever adds to it keeps all others from it until the commit. So it is taken
last, for milliseconds, and not where something is noted, which may be seconds before. Who reads the log
in the very transaction that notes something sees it: then the end is taken at that moment.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, SessionTransaction
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.util import find_tables
from sqlmodel import Session

from api.audit import proof, queries
from api.audit.models import AuditEntry, AuditHead

FIRST = "0" * 64  # what stands before the first row
_NOTED = "noted"  # in a session's `info`
_TABLE = AuditEntry.__table__  # type: ignore[attr-defined]  # SQLModel makes it


@dataclass(frozen=True, slots=True)
class _Noted:
    """A row without a number, and the savepoint it was noted in: both are taken back together."""

    entry: AuditEntry
    savepoint: SessionTransaction | None


def add(session: Session, entry: AuditEntry) -> None:
    """Note a row; it stands in the chain when the transaction commits, in the order of noting."""
    if not session.in_transaction():
        session.begin()  # else nothing would tell us that it is taken back
    noted: list[_Noted] = session.info.setdefault(_NOTED, [])
    noted.append(_Noted(entry, session.get_nested_transaction()))


def digest(entry: AuditEntry) -> str:
    """Return the SHA-256 of everything in a row but its own hash."""
    values = [
        entry.number,
        utc_text(entry.at),
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


def utc_text(moment: datetime) -> str:
    """Return a moment as it stands in a digest: UTC, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _append(session: Session) -> None:
    """Write all that was noted after the chain's end, which is this transaction's own from here on."""
    noted: list[_Noted] = session.info.pop(_NOTED, [])
    if not noted:
        return
    session.flush()  # whatever else waits is done before anybody has to wait for us
    last = queries.last_entry(session)
    number, previous = (last.number, last.hash) if last else (0, FIRST)
    entries = [item.entry for item in noted]
    key = proof.key_for(session)
    for entry in entries:
        number += 1
        entry.number, entry.previous_hash = number, previous
        previous = entry.hash = digest(entry)
        if key is not None:
            entry.signature = proof.sign(key, entry.hash)
    session.add_all(entries)
    if key is not None:
        head = queries.head(session) or AuditHead(number=0, hash="", signature="")
        head.number, head.hash = number, previous
        head.signature = proof.sign(key, proof.head_text(number, previous))
        session.add(head)
    session.flush()


@event.listens_for(Session, "before_commit")
def _at_the_end(session: Session) -> None:
    if session.info.get(_NOTED) and not session.in_nested_transaction():
        _append(session)


@event.listens_for(Session, "do_orm_execute")
def _before_the_log_is_read(state: ORMExecuteState) -> None:
    session, asked = state.session, state.statement
    if not session.info.get(_NOTED) or not isinstance(session, Session):
        return
    if isinstance(asked, ClauseElement) and _TABLE in find_tables(
        asked, check_columns=True, include_joins=True, include_selects=True
    ):
        _append(session)


@event.listens_for(Session, "after_soft_rollback")
def _with_its_savepoint(session: AnySession, ended: SessionTransaction) -> None:
    """Forget what was noted inside a savepoint that is taken back, and inside those within it."""
    noted: list[_Noted] = session.info.get(_NOTED, [])
    noted[:] = [item for item in noted if not _is_within(item.savepoint, ended)]


def _is_within(savepoint: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while savepoint is not None and savepoint is not outer:
        savepoint = savepoint.parent
    return savepoint is outer


@event.listens_for(Session, "after_transaction_end")
def _with_its_transaction(session: AnySession, ended: SessionTransaction) -> None:
    """Forget what was noted in a transaction that ended without a commit."""
    if ended.parent is None:
        session.info.pop(_NOTED, None)
