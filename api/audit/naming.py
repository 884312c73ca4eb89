"""What the things in the log are called: `api.wiring` says which table has the name of each kind."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from api.audit.models import AuditEntry

# Kind of subject -> its table and the columns of its name in Swedish and English.
NAMED: dict[str, tuple[Any, str, str]] = {}


def named(
    session: Session, rows: Iterable[AuditEntry]
) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return the Swedish and English name of each subject that is still there and has one."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        if row.subject_kind in NAMED:
            wanted.setdefault(row.subject_kind, set()).add(row.subject_id)
    found = {}
    for kind, ids in wanted.items():
        table, swedish, english = NAMED[kind]
        columns = (table.id, getattr(table, swedish), getattr(table, english))
        for key, in_swedish, in_english in session.exec(
            select(*columns).where(col(table.id).in_(ids))
        ):
            found[kind, key] = (in_swedish, in_english or in_swedish)
    return found
