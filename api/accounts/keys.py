"""Personal keys to the API: what each reaches, how long it holds, and who is behind one.

A key never gives more than its owner has at that moment, and only under /api/v1; of that, what its
scopes say: `read` looks, `change` acts, and without `plan` a planner's key counts as a reader's.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from api.accounts import queries
from api.accounts.models import ApiKey, Role
from api.accounts.news import AccountsChanged
from api.accounts.policy import Viewer
from api.accounts.service import hash_of, viewer_for
from api.kit.db import announce
from api.kit.errors import FieldFault, FormError, MissingError

PREFIX = "samkrets_"  # so that scanners for secrets know one when they see it
LONGEST_DAYS = 365
USE_NOTED = timedelta(minutes=5)  # how exactly used_at is kept
LONGEST_LABEL = 80


class Scope(StrEnum):
    """What a key reaches."""

    READ = "read"
    CHANGE = "change"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key to be made: what its owner calls it, what it reaches, and for how many days."""

    label: str
    scopes: frozenset[Scope]
    days: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who is behind a key, with no more than the key reaches."""

    viewer: Viewer
    may_change: bool


def read_wish(label: str, scopes: Collection[str], days: str) -> KeyWish:
    """Return what a form asks for.

    Raises:
        FormError: when it has no name or no scope, or holds longer than a year.
    """
    faults = []
    if not label.strip() or len(label.strip()) > LONGEST_LABEL:
        faults.append(FieldFault("label", "Skriv vad nyckeln är till, högst 80 tecken."))
    if not scopes or not set(scopes) <= set(Scope):
        faults.append(FieldFault("scopes", "Välj vad nyckeln får göra."))
    number = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
    if not 1 <= number <= LONGEST_DAYS:
        faults.append(FieldFault("days", "Välj ett antal dagar, från 1 till 365."))
    if faults:
        raise FormError(*faults)
    reached = {Scope(one) for one in scopes} | {Scope.READ}
    return KeyWish(label.strip(), frozenset(reached), number)


def make_key(session: Session, person_id: str, wish: KeyWish, now: datetime) -> str:
    """Make a key and return its token, which is stored only as a hash."""
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiKey(
        token_hash=hash_of(token),
        person_id=person_id,
        label=wish.label,
        scopes=" ".join(sorted(wish.scopes)),
        made_at=now,
        expires_at=now + timedelta(days=wish.days),
    )
    session.add(made)
    after: dict[str, object] = {"scopes": made.scopes, "expires_at": made.expires_at.isoformat()}
    announce(session, AccountsChanged(person_id, "made", ("api_key", made.id), None, after))
    return token


def keys_of(session: Session, person_id: str, now: datetime) -> list[ApiKey]:
    """Return a person's keys that hold, newest first."""
    return queries.keys_of(session, person_id, now)


def end_key(session: Session, person_id: str, key_id: str, now: datetime) -> None:
    """End one of one's own keys.

    Raises:
        MissingError: when it is not one's own, or has ended.
    """
    for key in keys_of(session, person_id, now):
        if key.id == key_id:
            _end(session, key, person_id, now)
            return
    raise MissingError


def end_keys_of(session: Session, person_id: str, actor: str, now: datetime) -> None:
    """End all of a person's keys: whoever is signed out everywhere has none left."""
    for key in keys_of(session, person_id, now):
        _end(session, key, actor, now)


def bearer_of(session: Session, token: str, now: datetime) -> Bearer | None:
    """Return who is behind a key, or None when it is unknown, ended or run out."""
    found = queries.key(session, hash_of(token))
    if found is None or found[0].ended_at is not None or found[0].expires_at <= now:
        return None
    key, person = found
    scopes = key.scopes.split()
    viewer = viewer_for(session, person)
    if Scope.PLAN not in scopes:
        viewer = _without_planning(viewer)
    return Bearer(viewer, Scope.CHANGE in scopes)


def is_use_old(session: Session, token: str, now: datetime) -> bool:
    """Return whether a key's last use was noted more than USE_NOTED ago."""
    found = queries.key(session, hash_of(token))
    return found is not None and (found[0].used_at is None or found[0].used_at + USE_NOTED <= now)


def note_use(session: Session, token: str, now: datetime) -> None:
    """Note that a key was used now."""
    found = queries.key(session, hash_of(token))
    if found is not None:
        found[0].used_at = now


def _without_planning(viewer: Viewer) -> Viewer:
    posts = tuple(
        replace(post, role=Role.READER) if post.role is Role.PLANNER else post
        for post in viewer.posts
    )
    return Viewer.of(viewer.person_id, viewer.name, posts, is_curbed=posts != viewer.posts)


def _end(session: Session, key: ApiKey, actor: str, now: datetime) -> None:
    key.ended_at = now
    session.add(key)
    announce(session, AccountsChanged(actor, "ended", ("api_key", key.id)))
