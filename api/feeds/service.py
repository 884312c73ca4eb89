"""Feeds: made, served by secret address, renamed, renewed and revoked."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.engine import Connection
from sqlmodel import Session

from api.accounts.policy import Viewer, insist
from api.accounts.service import hash_of
from api.audit.service import record
from api.calendar import queries as calendar
from api.calendar.fragments import EXAMPLE, as_vevent
from api.calendar.ical import Heading, vcalendar, vevent
from api.calendar.models import Event, Level
from api.calendar.service import Scope
from api.feeds import queries
from api.feeds.access import feed_name, may_see_event, may_subscribe
from api.feeds.delivery import AddressesEnded, carries_all
from api.feeds.joining import compressed, etag_of, heading, join, refresh, store
from api.feeds.models import Feed, FeedToken
from api.invitations.delivery import choose_feed_unless_chosen
from api.kit.clock import from_local, now, to_local
from api.kit.db import announce, base_url_of
from api.kit.errors import FieldFault, MissingError, StaleError
from api.kit.i18n import Language
from api.programme.guests import guest_words

LIFETIME = timedelta(days=396)  # 13 months; each signing in starts them anew
CLEARING = timedelta(days=14)
FETCH_NOTED_EVERY = timedelta(hours=1)  # "last fetched" is written at most this often
LABEL_LETTERS = 60


class Ending(StrEnum):
    """How an address ends."""

    AT_ONCE = "at_once"  # 404 from now on; programs keep their last copy
    CLEARING = "clearing"  # an empty calendar for 14 days, which empties the copies, then 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The calendar that somebody asks for."""

    scope: Scope
    level: Level
    language: Language
    name: str
    owner_person_id: str | None
    label: str = ""
    has_deadlines: bool = False
    is_example: bool = False


@dataclass(frozen=True, slots=True)
class Bytes:
    """A calendar as it is served."""

    body: bytes
    gzipped: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a secret address answers: tag and time; stored bytes are fetched only when needed."""

    token_id: str
    feed_id: str
    etag: str  # without quotes
    last_modified: datetime
    is_to_be_noted: bool
    made: Bytes | None = None  # made for this answer: an empty calendar, or a new day's


def create_feed(
    session: Session,
    scope: Scope,
    level: Level,
    language: Language,
    name: str,
    owner_person_id: str | None,
    *,
    is_example: bool = False,
    at: datetime,
) -> tuple[Feed, str]:
    """Make a feed with a secret address and return it with the address's token."""
    wish = Wish(
        scope=scope,
        level=level,
        language=language,
        name=name,
        owner_person_id=owner_person_id,
        is_example=is_example,
    )
    feed, _, token = subscribe(session, wish, at)
    return feed, token


def subscribe(session: Session, wish: Wish, at: datetime) -> tuple[Feed, FeedToken, str]:
    """Give out a new secret address; its token is returned once and stored only as a hash."""
    name = wish.name
    if wish.is_example and EXAMPLE.rstrip(": ").casefold() not in name.casefold():
        name = f"{EXAMPLE}{name}"
    wanted = Feed(
        scope_kind=wish.scope.kind,
        scope_id=wish.scope.id,
        level=wish.level,
        language=wish.language,
        has_deadlines=wish.has_deadlines,
        name=name,
        is_example=wish.is_example,
        created_at=at,
    )
    feed = queries.feed_like(session, wanted)
    if feed is None and queries.is_feed_added(session, wanted):
        feed = wanted
        store(session, feed, at)
    feed = feed or queries.feed_like(session, wanted)
    if feed is None:  # made and tidied away between two statements
        raise StaleError({}, {})
    token = secrets.token_urlsafe(32)  # 256 bits
    made = FeedToken(
        token_hash=hash_of(token),
        feed_id=feed.id,
        owner_person_id=wish.owner_person_id,
        label=clean_label(wish.label) if wish.label else name[:LABEL_LETTERS],
        created_at=at,
        expires_at=at + LIFETIME,
    )
    session.add(made)
    session.flush()
    _log(session, wish.owner_person_id, "subscribed", made)
    return feed, made, token


def subscribe_as(
    session: Session, viewer: Viewer, wish: Wish, at: datetime
) -> tuple[Feed, FeedToken, str]:
    """Give a viewer an address for a calendar that the viewer may see, under a neutral name."""
    insist(may_subscribe(session, viewer, wish.scope))
    made = subscribe(session, wish, at)
    if carries_all(session, viewer.person_id, wish.scope):
        choose_feed_unless_chosen(session, viewer.person_id, at)
    return made


def wish_of(
    session: Session, viewer: Viewer, scope: Scope, level: Level, language: Language, label: str
) -> Wish:
    """Return a viewer's own wish: the calendar gets a neutral name, the address the viewer's label."""
    return Wish(
        scope=scope,
        level=level,
        language=language,
        name=feed_name(session, scope, language),
        owner_person_id=viewer.person_id,
        label=label,
    )


def with_deadlines(wish: Wish, *, has_deadlines: bool) -> Wish:
    """Return a wish with or without days to answer by."""
    return replace(wish, has_deadlines=has_deadlines)


def mine(session: Session, viewer: Viewer) -> list[tuple[FeedToken, Feed]]:
    """Return the viewer's own addresses that have not ended."""
    return queries.tokens_of(session, viewer.person_id, now())


def feed_of(session: Session, kept: FeedToken) -> Feed:
    """Return the feed that an address serves."""
    return _feed(session, kept.feed_id)


def feed_bytes(session: Session, feed: Feed) -> bytes:
    """Return the bytes that a feed's addresses serve now."""
    kept = queries.version(session, feed.id)
    today = to_local(now()).date()
    if kept is None or kept.holds_until <= today:
        return join(session, feed, today).body
    return kept.body


def look_up(connection: Connection, token: str) -> queries.Served | None:
    """Look a token up, whether it holds or not."""
    return queries.served(connection, hash_of(token))


def holding(found: queries.Served | None, at: datetime) -> queries.Served | None:
    """Return what an address serves now; unknown, revoked, expired and cleared ones are all None."""
    if found is None or found.revoked_at is not None or found.expires_at <= at:
        return None
    is_cleared = found.clearing_until is not None and found.clearing_until <= at
    return None if is_cleared else found


def is_stored(found: queries.Served, at: datetime) -> bool:
    """Return whether the stored bytes are what is to be served: not clearing, not of another day."""
    return found.clearing_until is None and to_local(at).date() < found.holds_until


def stored(found: queries.Served, at: datetime) -> Answer:
    """Return the answer of stored bytes."""
    return Answer(
        found.token_id, found.feed_id, found.etag, found.last_modified, _is_to_be_noted(found, at)
    )


def made(session: Session, found: queries.Served, at: datetime) -> Answer:
    """Make an answer whose bytes are not stored; a GET does not write, so it joins for itself."""
    feed = _feed(session, found.feed_id)
    today = to_local(at).date()
    if found.clearing_until is not None:
        body, since = vcalendar(heading(session, feed), ()), found.clearing_until - CLEARING
    else:
        body = join(session, feed, today).body
        since = from_local(datetime(today.year, today.month, today.day))  # noqa: DTZ001 - local
    etag = etag_of(body)
    changed = found.last_modified if etag == found.etag else max(since, found.last_modified)
    ready = Bytes(body, compressed(body))
    return Answer(found.token_id, found.feed_id, etag, changed, _is_to_be_noted(found, at), ready)


def _is_to_be_noted(found: queries.Served, at: datetime) -> bool:
    return found.fetched_at is None or found.fetched_at + FETCH_NOTED_EVERY <= at


def bytes_of(session: Session, found: Answer) -> Bytes | None:
    """Return the bytes of an answer; None when a newer version has taken their place meanwhile."""
    if found.made is not None:
        return found.made
    kept = queries.version(session, found.feed_id)
    if kept is None or kept.etag != found.etag:
        return None
    return Bytes(kept.body, kept.gzipped)


def _feed(session: Session, feed_id: str) -> Feed:
    feed = queries.feed(session, feed_id)
    if feed is None:
        raise MissingError
    return feed


def note_fetch(session: Session, token_id: str, at: datetime) -> None:
    """Write down that an address was fetched, and join what the calendar alone has made stale."""
    refresh(session, at)
    found = queries.token(session, token_id)
    if found is not None:
        found.fetched_at = at
        session.add(found)


def own(session: Session, viewer: Viewer, token_id: str) -> FeedToken:
    """Return one of the viewer's own addresses.

    Raises:
        MissingError: when there is none, or it is another's.
    """
    found = queries.token(session, token_id)
    if found is None or found.owner_person_id != viewer.person_id:
        raise MissingError
    return found


def rename(session: Session, viewer: Viewer, token_id: str, label: str) -> FeedToken:
    """Give an address another name; only its owner sees it."""
    found = own(session, viewer, token_id)
    found.label = clean_label(label)
    session.add(found)
    return found


def revoke(
    session: Session, viewer: Viewer, token_id: str, ending: Ending, at: datetime
) -> FeedToken:
    """End one of the viewer's addresses; ending it twice is no error."""
    found = own(session, viewer, token_id)
    end(session, found, ending, viewer.person_id, at)
    return found


def event_for(session: Session, viewer: Viewer | None, event: Event | None) -> Event:
    """Return an event that the viewer may see.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    if event is None:
        raise MissingError
    insist(may_see_event(session, viewer, event))
    return event


def single(
    session: Session, event: Event, language: Language, *, is_for_guest: bool = False
) -> bytes:
    """Return one event as a file to open: neutral texts, since it lands in a shared calendar.

    A guest's says also what they give and get, how they get in and whom they ring.

    An occurrence of a series comes alone, under a UID of its own: a program that has not got the
    series could not place it.
    """
    own = guest_words(session, event, language) if is_for_guest else ""
    if own:
        told = as_vevent(event, Level.NEUTRAL, language, base_url_of(session))
        octets: bytes | None = vevent(replace(told, description=f"{own}\n\n{told.description}"))
    else:
        octets = part_of(session, event, language)
    if not octets:  # none, or a series without dates
        raise MissingError
    return vcalendar(Heading(), [octets])


def part_of(session: Session, event: Event, language: Language) -> bytes | None:
    """Return what stands in a calendar file of an event that is there by itself; None when nothing does."""
    octets = calendar.fragment(session, event.id, Level.NEUTRAL, language)
    if octets is None and event.series_id is not None:
        octets = vevent(as_vevent(event, Level.NEUTRAL, language, base_url_of(session)))
    return octets


def clean_label(label: str) -> str:
    """Return a label for a list.

    Raises:
        FieldFault: when it is empty or too long.
    """
    clean = " ".join(label.split())
    if not clean:
        raise FieldFault("label", "Ge kalenderlänken ett namn, till exempel ”Min Outlook”.")
    if len(clean) > LABEL_LETTERS:
        raise FieldFault("label", "Namnet får ha högst %(most)s tecken.", most=LABEL_LETTERS)
    return clean


def end(session: Session, found: FeedToken, ending: Ending, actor: str, at: datetime) -> None:
    """End an address; one that has ended stays as it is."""
    if ending is Ending.AT_ONCE:
        found.revoked_at = found.revoked_at or at
    else:
        found.clearing_until = found.clearing_until or at + CLEARING
    session.add(found)
    _log(session, actor, f"ended_{ending}", found)
    if found.owner_person_id is not None:
        announce(session, AddressesEnded(found.owner_person_id, at))


def _log(session: Session, actor: str | None, action: str, found: FeedToken) -> None:
    """The log names the address by its public id; never its token, hash or label."""
    record(
        session, actor or "system", action, ("feed_token", found.id), after={"feed": found.feed_id}
    )
