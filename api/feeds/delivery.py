"""How a person's events reach the calendar stands on the addresses that they have: without any, by mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.policy import Viewer
from api.calendar.models import ScopeKind
from api.calendar.service import Scope
from api.feeds import queries
from api.invitations import delivery
from api.invitations.models import Delivery
from api.kit.errors import FieldFault


@dataclass(frozen=True, slots=True)
class AddressesEnded:
    """News: addresses of somebody's own calendar have ended; the last one may have been among them."""

    person_id: str
    at: datetime


def on_addresses_ended(session: Session, news: AddressesEnded) -> None:
    """Whoever has no calendar of their own left gets events by mail again."""
    follow_addresses(session, news.person_id, news.at)


def follow_addresses(session: Session, person_id: str, at: datetime) -> int:
    """Return to how many events mails were made, for want of an address that carries them."""
    if has_own_calendar(session, person_id, at):
        return 0
    return delivery.back_to_mail(session, person_id, at)


def choose(
    session: Session, viewer: Viewer, wanted: Delivery, at: datetime, *, has_digest: bool
) -> int:
    """Take a viewer's choice, and return how many planned events moved with it.

    Raises:
        FieldFault: when a feed is chosen without an address that could bring anything.
    """
    if wanted is not Delivery.INVITATION and not has_own_calendar(session, viewer.person_id, at):
        raise FieldFault(
            "delivery",
            "Skapa först en kalenderlänk till dina egna träffar. Utan den syns de inte i någon kalender.",
        )
    return delivery.choose(session, viewer.person_id, wanted, at, has_digest=has_digest)


def has_own_calendar(session: Session, person_id: str, at: datetime) -> bool:
    """Return whether a living address carries all of a person's own events."""
    scopes = {
        Scope(feed.scope_kind, feed.scope_id)
        for found, feed in queries.tokens_of(session, person_id, at)
        if found.clearing_until is None
    }
    return any(carries_all(session, person_id, scope) for scope in scopes)


def carries_all(session: Session, person_id: str, scope: Scope) -> bool:
    """Return whether a calendar holds all of a person's own events: the own one, or an only function's."""
    if scope.kind is ScopeKind.PERSON:
        return scope.id == person_id
    if scope.kind is not ScopeKind.FUNCTION:
        return False
    mine = [one for one, _ in accounts.functions_of(session, person_id)]
    return [one.id for one in mine] == [scope.id] and mine[0].holder_id == person_id
