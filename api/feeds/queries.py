"""All SQL over feeds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy import select as sql_select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, or_, select

from api.accounts.models import Function
from api.calendar.queries import Scoped
from api.feeds.models import Feed, FeedToken, FeedVersion
from api.kit.db import for_change, in_pairs


@dataclass(frozen=True, slots=True)
class Served:
    """What one look-up by token hash tells the address that is fetched; bytes come separately."""

    token_id: str
    feed_id: str
    expires_at: datetime
    fetched_at: datetime | None
    clearing_until: datetime | None
    revoked_at: datetime | None
    etag: str
    last_modified: datetime
    holds_until: date


def served(connection: Connection, token_hash: str) -> Served | None:
    """Return the state of a secret address and of its feed's bytes; a single statement."""
    row = connection.execute(_SERVED, {"token_hash": token_hash}).first()
    return Served(*row) if row else None


_SERVED = (
    sql_select(
        col(FeedToken.id),
        col(FeedToken.feed_id),
        col(FeedToken.expires_at),
        col(FeedToken.fetched_at),
        col(FeedToken.clearing_until),
        col(FeedToken.revoked_at),
        col(FeedVersion.etag),
        col(FeedVersion.last_modified),
        col(FeedVersion.holds_until),
    )
    .join(FeedVersion, col(FeedVersion.feed_id) == col(FeedToken.feed_id))
    .where(col(FeedToken.token_hash) == bindparam("token_hash"))
)


def feed(session: Session, feed_id: str) -> Feed | None:
    """Return a feed."""
    return session.get(Feed, feed_id)


def feed_like(session: Session, wanted: Feed) -> Feed | None:
    """Return the stored feed that tells the same as `wanted`."""
    statement = select(Feed).where(
        Feed.scope_kind == wanted.scope_kind,
        Feed.scope_id == wanted.scope_id,
        Feed.level == wanted.level,
        Feed.language == wanted.language,
        Feed.has_deadlines == wanted.has_deadlines,
        Feed.name == wanted.name,
    )
    return session.exec(statement).first()


def is_feed_added(session: Session, wanted: Feed) -> bool:
    """Add a feed; False when somebody else adds one that tells the same at this very moment."""
    try:
        with session.begin_nested():
            session.add(wanted)
    except IntegrityError:
        return False
    return True


def version(session: Session, feed_id: str) -> FeedVersion | None:
    """Return a feed's stored bytes."""
    return session.get(FeedVersion, feed_id)


def feeds_of_scopes(session: Session, scopes: Collection[Scoped]) -> list[Feed]:
    """Return the feeds of these scopes, locked until the transaction ends where the database can.

    Two transactions that change events of one feed must join it one after the other: the second
    then sees the first one's events. The order keeps them from waiting for each other.
    """
    wanted = in_pairs(col(Feed.scope_kind), col(Feed.scope_id), scopes)
    statement = select(Feed).where(wanted).order_by(Feed.id)
    return list(session.exec(for_change(session, statement)))


def feeds(session: Session, ids: Collection[str] | None = None) -> list[Feed]:
    """Return every feed, or those of these that are left, locked as above."""
    statement = select(Feed) if ids is None else select(Feed).where(col(Feed.id).in_(ids))
    return list(session.exec(for_change(session, statement.order_by(Feed.id))))


def feed_ids(session: Session) -> list[str]:
    """Return every feed's id."""
    return list(session.exec(select(Feed.id).order_by(Feed.id)))


def stale_feeds(session: Session, today: date, most: int | None = None) -> list[Feed]:
    """Return the feeds that an event has entered or left by the calendar alone, locked as above."""
    statement = (
        select(Feed)
        .join(FeedVersion)
        .where(col(FeedVersion.holds_until) <= today)
        .order_by(Feed.id)
        .limit(most)
    )
    return list(session.exec(for_change(session, statement)))


def token(session: Session, token_id: str) -> FeedToken | None:
    """Return a secret address by its public id."""
    return session.exec(select(FeedToken).where(FeedToken.id == token_id)).first()


def tokens_of(session: Session, person_id: str, at: datetime) -> list[tuple[FeedToken, Feed]]:
    """Return a person's addresses that have not ended, oldest first."""
    statement = (
        select(FeedToken, Feed)
        .join(Feed)
        .where(FeedToken.owner_person_id == person_id)
        .where(*_is_alive(at))
        .order_by(col(FeedToken.created_at), FeedToken.id)
    )
    return [(found, feed) for found, feed in session.exec(statement)]


def owned_tokens(session: Session, at: datetime) -> list[tuple[FeedToken, Feed]]:
    """Return every address that has an owner and has not ended."""
    statement = (
        select(FeedToken, Feed)
        .join(Feed)
        .where(col(FeedToken.owner_person_id).is_not(None))
        .where(*_is_alive(at))
        .order_by(FeedToken.id)
    )
    return [(found, feed) for found, feed in session.exec(statement)]


def _is_alive(at: datetime) -> tuple[ColumnElement[bool], ...]:
    clearing = col(FeedToken.clearing_until)
    return (
        col(FeedToken.revoked_at).is_(None),
        col(FeedToken.expires_at) > at,
        or_(clearing.is_(None), clearing > at),
    )


def functions(session: Session, function_ids: Collection[str]) -> list[Function]:
    """Return functions by id."""
    return list(session.exec(select(Function).where(col(Function.id).in_(function_ids))))


def functions_of_role(session: Session, role: str) -> list[Function]:
    """Return the functions of a kind (prosecutor_contact) or with a role (guest)."""
    is_meant = or_(col(Function.kind) == role, col(Function.role) == role)
    return list(session.exec(select(Function).where(is_meant)))


def ended_tokens(session: Session, moment: datetime) -> list[FeedToken]:
    """Return the addresses that ended before a moment: revoked, emptied or run out."""
    statement = select(FeedToken).where(
        or_(
            col(FeedToken.revoked_at) <= moment,
            col(FeedToken.clearing_until) <= moment,
            col(FeedToken.expires_at) <= moment,
        )
    )
    return list(session.exec(statement.order_by(FeedToken.id)))


def tokens_owned_by(session: Session, person_id: str) -> list[FeedToken]:
    """Return every address of a person, ended ones too."""
    statement = select(FeedToken).where(FeedToken.owner_person_id == person_id)
    return list(session.exec(statement.order_by(FeedToken.id)))


def delete_feeds_without_address(session: Session, moment: datetime) -> None:
    """Delete calendars older than a moment that nobody has an address of, with their stored bytes."""
    used = select(FeedToken.feed_id)
    unused = select(Feed.id).where(col(Feed.id).not_in(used), col(Feed.created_at) <= moment)
    session.exec(delete(FeedVersion).where(col(FeedVersion.feed_id).in_(unused)))
    session.exec(delete(Feed).where(col(Feed.id).not_in(used), col(Feed.created_at) <= moment))
