"""What the things in the log are called and whose they are: `api.wiring` says which table has it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from api.audit.models import AuditEntry
from api.kit.i18n import Speaker

# Kind of subject -> its table, and its name in Swedish and English: a column, or what is asked for instead.
NAMED: dict[str, tuple[Any, Any, Any]] = {}
# Kind of subject that has no name of its own -> its table, the column that says whose it is, and the kind
# of that; without a table the subject's id is the other's own.
BELONGS: dict[str, tuple[Any, str, str]] = {}
# Kind of subject -> what its facts are called and one of them in words, where it knows that itself.
TOLD: dict[str, tuple[Mapping[str, str], Callable[[Speaker, str, object], str | None]]] = {}
# Kind of subject and a field of it that has words elsewhere -> what the code calls a value: what its own pages say.
SAID: dict[tuple[str, str], Mapping[Any, str]] = {}

Key = tuple[str, str]  # kind and id
Names = Mapping[Key, tuple[str, str]]


def called(session: Session, keys: Iterable[Key]) -> Names:
    """Return the Swedish and English name of each thing that is there and has one."""
    found = {}
    for kind, ids in _by_kind(key for key in keys if key[0] in NAMED).items():
        table, swedish, english = NAMED[kind]
        columns = (
            getattr(table, one) if isinstance(one, str) else one for one in ("id", swedish, english)
        )
        for key, in_swedish, in_english in session.exec(
            select(*columns).where(col(table.id).in_(ids))
        ):
            found[kind, key] = (in_swedish, in_english or in_swedish)
    return found


def named(session: Session, rows: Iterable[AuditEntry]) -> Names:
    """Return the Swedish and English name of each subject that is still there and has one."""
    return called(session, {(row.subject_kind, row.subject_id) for row in rows})


def whose(session: Session, rows: Iterable[AuditEntry]) -> Names:
    """Return what each subject without a name of its own belongs to, as that is called."""
    wanted = _by_kind(
        (row.subject_kind, row.subject_id) for row in rows if row.subject_kind in BELONGS
    )
    owners: dict[Key, Key] = {}
    for kind, ids in wanted.items():
        table, column, other = BELONGS[kind]
        found = (
            [(one, one) for one in ids]
            if table is None
            else session.exec(
                select(table.id, getattr(table, column)).where(col(table.id).in_(ids))
            )
        )
        owners |= {(kind, key): (other, owner) for key, owner in found if owner}
    names = called(session, set(owners.values()))
    return {key: names[owner] for key, owner in owners.items() if owner in names}


def _by_kind(keys: Iterable[Key]) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {}
    for kind, key in keys:
        wanted.setdefault(kind, set()).add(key)
    return wanted
