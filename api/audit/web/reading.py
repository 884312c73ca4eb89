"""The log as planners read it: newest first, who did what, and which fields it changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts.queries import names_of
from api.audit import queries
from api.audit.models import AuditEntry
from api.audit.naming import Key, Names, called, named, whose
from api.audit.service import SYSTEM
from api.audit.web import fields, words
from api.kit.i18n import Speaker

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None where it was not there."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Told:
    """A change in words: the field's name as a Swedish source text, and what stood there before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the log; `who` is empty for the service itself or somebody erased."""

    number: int
    at: datetime
    who: str
    is_system: bool
    is_link: bool
    is_circle: bool  # a circle's own: who in it is nobody else's to know  # a respondent, known by the RC's link alone
    action: str
    subject_kind: str
    subject_id: str
    changes: tuple[Told, ...]
    name: tuple[str, str] = ("", "")  # what the subject is called, in Swedish and English
    of: tuple[str, str] = ("", "")  # whose it is, where it has no name of its own


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, what it is narrowed to, and whether there is an older one."""

    lines: tuple[Line, ...]
    page_number: int
    last: int
    kind: str
    kinds: tuple[tuple[str, str], ...]  # name and Swedish source text


def read(session: Session, say: Speaker, page_number: int, kind: str = "") -> LogPage:
    """Return a page of the log, the newest rows on page 1, of one kind of subject or of all."""
    count = queries.count(session, kind)
    last = max(1, -(-count // PAGE_SIZE))
    number = min(max(1, page_number), last)
    rows = queries.page(session, kind, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    kinds = tuple((name, words.subject(name)) for name in queries.kinds(session))
    names = names_of(session, {row.actor for row in rows})
    titles, owners = named(session, rows), whose(session, rows)
    changed = [_changed(row) for row in rows]
    referred = called(session, _keys(changed))
    lines = tuple(
        _line(
            row,
            names.get(row.actor, ""),
            titles.get((row.subject_kind, row.subject_id)),
            owners.get((row.subject_kind, row.subject_id)),
            _told(say, row, changes, referred, owners),
        )
        for row, changes in zip(rows, changed, strict=True)
    )
    return LogPage(lines, number, last, kind, kinds)


def _line(
    row: AuditEntry,
    who: str,
    name: tuple[str, str] | None,
    of: tuple[str, str] | None,
    told: tuple[Told, ...],
) -> Line:
    return Line(
        row.number,
        row.at,
        who,
        row.actor == SYSTEM,
        row.actor.startswith("link:"),
        row.actor.startswith("network:"),
        words.action(row.action),
        "" if row.action in words.ALONE else words.subject(row.subject_kind),
        row.subject_id,
        told,
        name or ("", ""),
        of or ("", ""),
    )


def _changed(row: AuditEntry) -> tuple[Change, ...]:
    found = changes(row.before or {}, row.after or {})
    return tuple(one for one in found if one.field not in fields.OWN)


def _keys(changed: Iterable[tuple[Change, ...]]) -> set[Key]:
    return {
        key
        for changes in changed
        for one in changes
        for value in (one.before, one.after)
        for key in fields.keys(one.field, value)
    }


def _told(
    say: Speaker, row: AuditEntry, changes: Iterable[Change], names: Names, owners: Names
) -> tuple[Told, ...]:
    """Return the changes in words, but for the one that only says whose the thing is: its row says that."""
    kind, owner = row.subject_kind, owners.get((row.subject_kind, row.subject_id))
    told = (
        Told(
            fields.label(kind, one.field),
            fields.in_words(say, kind, one.field, one.before, names),
            fields.in_words(say, kind, one.field, one.after, names),
        )
        for one in changes
    )
    return tuple(
        one
        for one in told
        if owner is None or (one.before, one.after) != (fields.NOTHING, say.either(*owner))
    )


def changes(before: dict[str, object], after: dict[str, object]) -> tuple[Change, ...]:
    """Return the fields that differ, in the order of the row."""
    names = dict.fromkeys([*before, *after])
    return tuple(
        Change(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )
