"""Secret addresses follow their owners' rights: renewed by signing in, ended with a function or a place."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.news import AccountsChanged, FunctionHandedOver
from api.accounts.policy import Viewer
from api.accounts.service import viewer_for
from api.calendar.models import ScopeKind
from api.calendar.service import Scope
from api.feeds import queries
from api.feeds.access import may_subscribe
from api.feeds.joining import store
from api.feeds.models import Feed, FeedToken
from api.feeds.service import LIFETIME, Ending, end
from api.kit.clock import now
from api.kit.db import announce
from api.meetings.hosting import CoHostLeft
from api.networks.service import NetworkPublished

_IS_TOLD = "the addresses of this transaction are to be looked through"
_HANDED_OVER = ("function", "handed_over")
_PEOPLE = ("holder_id", "deputy_id")


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """News to ourselves: look once, when all is written, who may still have which calendar."""


def on_accounts_changed(session: Session, news: AccountsChanged) -> None:
    """Signing in renews one's addresses; a function's people lose and gain its calendar at once."""
    if news.action == "signed_in":
        renew(session, news.actor, now())
    elif (news.subject[0], news.action) == _HANDED_OVER:
        concerned = {str(who[key]) for who in _both(news) for key in _PEOPLE if who.get(key)}
        for person_id in sorted(concerned):
            _end_lost(session, queries.tokens_of(session, person_id, now()), news.actor, now())
        _join(session, concerned, now())


def _both(news: AccountsChanged) -> tuple[dict[str, object], dict[str, object]]:
    return news.before or {}, news.after or {}


def on_function_handed_over(session: Session, news: FunctionHandedOver) -> None:
    """Empty the old holder's addresses of the function, also when they stay on as its deputy.

    An empty calendar for 14 days takes the copies out of people's programs; then the address is a 404.
    """
    if news.from_person_id is None:
        return
    own = Scope(ScopeKind.FUNCTION, news.function_id)
    for found, feed in queries.tokens_of(session, news.from_person_id, news.at):
        if Scope(feed.scope_kind, feed.scope_id) == own and found.clearing_until is None:
            end(session, found, Ending.CLEARING, news.actor, news.at)


def on_network_published(session: Session, _: NetworkPublished | CoHostLeft) -> None:
    """A network's members, or who holds a meeting, may have changed; many networks in one transaction are looked at together."""
    if not session.info.get(_IS_TOLD):
        session.info[_IS_TOLD] = True
        announce(session, RightsChanged())


def on_rights_changed(session: Session, _: RightsChanged) -> None:
    """End what its owners may no longer see."""
    session.info.pop(_IS_TOLD, None)
    end_what_may_not_be_seen(session, now())


def renew(session: Session, person_id: str, at: datetime) -> None:
    """Start the 13 months of a person's addresses anew, but not those that have ended."""
    for found, _ in queries.tokens_of(session, person_id, at):
        if found.clearing_until is None:
            found.expires_at = at + LIFETIME
            session.add(found)


def end_what_may_not_be_seen(session: Session, at: datetime) -> int:
    """End the addresses whose owners may no longer see the calendar; return how many."""
    return _end_lost(session, queries.owned_tokens(session, at), "system", at)


def _end_lost(
    session: Session, held: Iterable[tuple[FeedToken, Feed]], actor: str, at: datetime
) -> int:
    ended = 0
    viewers: dict[str, Viewer | None] = {}
    for found, feed in held:
        owner = found.owner_person_id
        if owner is None or found.clearing_until is not None:  # what empties copies goes on
            continue
        if owner not in viewers:
            viewers[owner] = _viewer(session, owner)
        if not may_subscribe(session, viewers[owner], Scope(feed.scope_kind, feed.scope_id)):
            end(session, found, Ending.CLEARING, actor, at)
            ended += 1
    return ended


def _join(session: Session, person_ids: Iterable[str], at: datetime) -> None:
    scopes = [Scope(ScopeKind.PERSON, person_id) for person_id in person_ids]
    for feed in queries.feeds_of_scopes(session, scopes):
        store(session, feed, at)


def _viewer(session: Session, person_id: str) -> Viewer | None:
    person = accounts.person(session, person_id)
    return viewer_for(session, person) if person else None
