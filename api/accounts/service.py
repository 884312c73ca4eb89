"""Signing in by one-time link, the session behind the cookie, and ending it."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries
from api.accounts.models import Person, SignedIn, SignInLink
from api.accounts.policy import Viewer
from api.errors import ConflictError

LINK_LIFETIME = timedelta(minutes=15)
IDLE_LIFETIME = timedelta(hours=8)
LONGEST_LIFETIME = timedelta(days=30)


def hash_of(token: str) -> str:
    """Return what is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_sign_in_link(session: Session, person: Person, now: datetime) -> str:
    """Make a one-time link for a person and return its token, which is stored only as a hash."""
    token = secrets.token_urlsafe(32)
    link = SignInLink(
        token_hash=hash_of(token), person_id=person.id, expires_at=now + LINK_LIFETIME
    )
    session.add(link)
    return token


def sign_in(session: Session, token: str, device: str, now: datetime) -> str:
    """Use a one-time link up and return the new session's token.

    Raises:
        ConflictError: when the link is unknown, used or too old; the answer is the same.
    """
    link = queries.sign_in_link(session, hash_of(token))
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise ConflictError("Länken gäller inte längre. Be om en ny länk.")
    link.used_at = now
    session.add(link)
    opaque = secrets.token_urlsafe(32)
    opened = SignedIn(
        token_hash=hash_of(opaque),
        person_id=link.person_id,
        started_at=now,
        seen_at=now,
        expires_at=now + LONGEST_LIFETIME,
        device=device,
    )
    session.add(opened)
    return opaque


def viewer_of(session: Session, token: str, now: datetime) -> Viewer | None:
    """Return who is behind a session cookie, or None when it has ended or was idle too long."""
    found = queries.signed_in(session, hash_of(token))
    if found is None:
        return None
    opened, person = found
    ended = opened.ended_at is not None or opened.expires_at <= now
    if ended or opened.seen_at + IDLE_LIFETIME <= now:
        return None
    return viewer_for(session, person)


def viewer_for(session: Session, person: Person) -> Viewer:
    """Return a person's rights, gathered from the functions held."""
    held = queries.functions_of(session, person.id)
    return Viewer(
        person_id=person.id,
        name=person.name,
        roles=frozenset(function.role for function, _ in held),
        function_ids=frozenset(function.id for function, _ in held),
        body_ids=frozenset(body.id for _, body in held),
        rc_ids=frozenset(body.rc_id for _, body in held if body.rc_id),
    )


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the session behind a cookie."""
    found = queries.signed_in(session, hash_of(token))
    if found is not None:
        found[0].ended_at = now
        session.add(found[0])
