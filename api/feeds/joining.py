"""Joining a feed's bytes from its events' octets, in the transaction that changed one of them."""

import gzip
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlmodel import Session

from api.accounts import queries as accounts
from api.calendar import queries as calendar
from api.calendar.ical import Heading, as_free, vcalendar
from api.calendar.models import Level, ScopeKind
from api.calendar.queries import Placed
from api.calendar.service import EventChanged, Scope
from api.calendar.stay import stay
from api.feeds import queries
from api.feeds.models import Feed, FeedVersion
from api.feeds.own_time import own_time
from api.invitations.series import PlaceChanged
from api.kit.clock import now, to_local
from api.kit.db import announce, base_url_of
from api.networks import queries as networks
from api.networks.service import NetworkRenamed, short_name

FAR = date.max

COLORS = {
    ScopeKind.PERSON: "seagreen",
    ScopeKind.FUNCTION: "seagreen",
    ScopeKind.RC: "teal",
    ScopeKind.NETWORK: "steelblue",
    ScopeKind.MEETING: "indigo",
    ScopeKind.TRACK: "rebeccapurple",
    ScopeKind.ROLE: "slategray",
}
# A calendar of one's own takes one's time; a group's beside it would say busy twice.
TAKES_TIME = {ScopeKind.PERSON, ScopeKind.FUNCTION}

_DIRTY = "scopes whose feeds must be joined"


@dataclass(frozen=True, slots=True)
class Joined:
    """A feed's bytes and the first day on which they change by the calendar alone."""

    body: bytes
    holds_until: date


@dataclass(frozen=True, slots=True)
class FeedsDirty:
    """News to ourselves: join, once, what this transaction's events are in."""


def on_event_changed(session: Session, news: EventChanged) -> None:
    """Remember the scopes; many events changed in one transaction are joined together."""
    dirty: set[Scope] = session.info.setdefault(_DIRTY, set())
    if not dirty:
        announce(session, FeedsDirty())
    dirty.update(news.scopes)


def on_place_changed(session: Session, news: PlaceChanged) -> None:
    """Whoever comes, or does not, has another calendar of their own."""
    on_event_changed(
        session, EventChanged("", frozenset({Scope(ScopeKind.FUNCTION, news.function_id)}))
    )


def on_network_renamed(session: Session, news: NetworkRenamed) -> None:
    """Let a circle's calendars go by its new name in people's programs too."""
    network = networks.network(session, news.network_id)
    if network is None:
        return
    was = network.model_copy(
        update={"name_sv": news.former.swedish, "name_en": news.former.english}
    )
    names = [
        *zip(short_name(was), short_name(network), strict=True),
        (news.former.swedish, network.name_sv),
        (news.former.english, network.name_en),
    ]
    at = now()
    for feed in queries.feeds_of_scopes(session, {Scope(ScopeKind.NETWORK, network.id)}):
        tail = next(((old, new) for old, new in names if old and feed.name.endswith(old)), None)
        if tail is None:
            continue
        name = feed.name.removesuffix(tail[0]) + tail[1]
        # Somebody may have an address of the new name already: theirs stays one calendar.
        if queries.feed_like(session, feed.model_copy(update={"name": name})) is None:
            feed.name = name
            session.add(feed)
            session.flush()
            store(session, feed, at)


def on_feeds_dirty(session: Session, _: FeedsDirty) -> None:
    """Join every feed that the changed events are, or were, in."""
    scopes: set[Scope] = session.info.pop(_DIRTY, set())
    at = now()
    for feed in queries.feeds_of_scopes(session, wider(session, scopes)):
        store(session, feed, at)


def wider(session: Session, scopes: Collection[Scope]) -> frozenset[Scope]:
    """Return the scopes with those that contain them: a function's holder, deputy and role."""
    function_ids = [scope.id for scope in scopes if scope.kind is ScopeKind.FUNCTION]
    found = set(scopes)
    for function in queries.functions(session, function_ids):
        for person_id in (function.holder_id, function.deputy_id):
            if person_id:
                found.add(Scope(ScopeKind.PERSON, person_id))
        found.add(Scope(ScopeKind.ROLE, function.kind.value))
        found.add(Scope(ScopeKind.ROLE, function.role.value))
    return frozenset(found)


def scopes_in(session: Session, feed: Feed) -> frozenset[Scope]:
    """Return the scopes whose events a feed shows: a person's functions, a role's functions."""
    own = Scope(feed.scope_kind, feed.scope_id)
    function_ids: list[str] = []
    if feed.scope_kind is ScopeKind.PERSON:
        function_ids = [one.id for one, _ in accounts.functions_of(session, feed.scope_id)]
    elif feed.scope_kind is ScopeKind.ROLE:
        function_ids = [one.id for one in queries.functions_of_role(session, feed.scope_id)]
    return frozenset({own, *(Scope(ScopeKind.FUNCTION, one) for one in function_ids)})


def join(session: Session, feed: Feed, today: date) -> Joined:
    """Return a feed's bytes on a day: the same for the same events, in any process."""
    found = calendar.placed(
        session,
        scopes_in(session, feed),
        feed.level,
        feed.language,
        # A day to answer by takes no time: "busy" has nothing to tell of it.
        with_deadlines=feed.has_deadlines and feed.level is not Level.BUSY,
    )
    if feed.scope_kind in TAKES_TIME:
        found = own_time(session, feed, found)
    placed = sorted(((*_days(event), event.uid), event) for event in found)  # a uid is one event's
    shown, holds_until = [], FAR
    for (first_day, last_day, _), event in placed:
        enters, leaves = stay(first_day, last_day, event.cancelled_at)
        if enters <= today < leaves:
            shown.append(event.octets)
        if today < enters < holds_until:
            holds_until = enters
        elif enters <= today < leaves < holds_until:
            holds_until = leaves
    if feed.scope_kind not in TAKES_TIME and feed.level is not Level.BUSY:
        shown = [as_free(octets) for octets in shown]
    return Joined(vcalendar(heading(session, feed), shown), holds_until)


def heading(session: Session, feed: Feed) -> Heading:
    """Return what a feed says about itself; its URL is a page, never the secret address."""
    prefix = "" if feed.language == "sv" else f"/{feed.language}"
    return Heading(
        name=feed.name,
        url=f"{base_url_of(session)}{prefix}/prenumerera",
        color=COLORS[feed.scope_kind],
    )


def store(session: Session, feed: Feed, at: datetime) -> FeedVersion:
    """Join a feed and keep its bytes; an unchanged feed keeps its ETag and Last-Modified."""
    joined = join(session, feed, to_local(at).date())
    etag = etag_of(joined.body)
    kept = queries.version(session, feed.id)
    if kept is None:
        kept = FeedVersion(
            feed_id=feed.id,
            number=0,
            body=b"",
            gzipped=b"",
            etag="",
            last_modified=at,
            holds_until=joined.holds_until,
        )
    kept.holds_until = joined.holds_until
    if kept.etag != etag:
        kept.number += 1
        kept.body, kept.etag = joined.body, etag
        kept.gzipped = compressed(joined.body)
        # HTTP dates have whole seconds: two versions within one must still differ.
        second = timedelta(seconds=1)
        kept.last_modified = max(at, kept.last_modified + second) if kept.number > 1 else at
    session.add(kept)
    session.flush()
    return kept


def etag_of(body: bytes) -> str:
    """Return a strong validator of bytes: the same in every process."""
    return hashlib.sha256(body).hexdigest()[:32]


def compressed(body: bytes) -> bytes:
    """Return the gzip coding of bytes, without the time in its header."""
    return gzip.compress(body, compresslevel=6, mtime=0)


def refresh(session: Session, at: datetime, most: int | None = None) -> int:
    """Join feeds that events have entered or left by the calendar alone, at most so many; return how many."""
    stale = queries.stale_feeds(session, to_local(at).date(), most)
    for feed in stale:
        store(session, feed, at)
    return len(stale)


def check(session: Session, at: datetime, ids: Collection[str] | None = None) -> int:
    """Join every feed anew (or those that `ids` names), compare, repair and return how many differed."""
    differing = 0
    for feed in queries.feeds(session, ids):
        kept = queries.version(session, feed.id)
        before = kept.etag if kept else ""
        differing += store(session, feed, at).etag != before
    return differing


def _days(event: Placed) -> tuple[date, date]:
    """Return an event's first and last local day; of a series, its last occurrence's."""
    if event.first_day is not None and event.last_day is not None:
        return event.first_day, event.last_day
    assert event.starts_at is not None  # noqa: S101 - EventDetails lets no event in without its times
    assert event.ends_at is not None  # noqa: S101 - the same
    return _day(event.starts_at), _day(event.ends_by or event.ends_at)


@lru_cache(maxsize=8192)  # an event is in many calendars
def _day(moment: datetime) -> date:
    return to_local(moment).date()
