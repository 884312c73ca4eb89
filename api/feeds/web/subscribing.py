"""What the subscribe page shows: choices, one's addresses, and a new address with its QR code."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup
from sqlmodel import Session

from api.accounts.policy import Viewer
from api.calendar.models import Level, ScopeKind
from api.calendar.service import Scope
from api.feeds import queries
from api.feeds.access import Choice, choices, may_subscribe, titled
from api.feeds.delivery import has_own_calendar
from api.feeds.models import Feed, FeedToken
from api.invitations import queries as invitations
from api.invitations.models import Delivery
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.i18n import Language

LOOPBACK = {"localhost", "127.0.0.1", "::1"}

# How pages link here: /prenumerera?natverk=<id>
KEYS = {
    "traff": ScopeKind.MEETING,
    "spar": ScopeKind.TRACK,
    "natverk": ScopeKind.NETWORK,
    "rc": ScopeKind.RC,
    "funktion": ScopeKind.FUNCTION,
    "roll": ScopeKind.ROLE,
}


@dataclass(frozen=True, slots=True)
class SubscribePage:
    """The form and the viewer's own addresses."""

    choices: tuple[Choice, ...]
    chosen: str
    level: Level
    label: str
    has_deadlines: bool
    own: tuple[tuple[FeedToken, str], ...]  # with what each calendar is of
    delivery: Delivery
    has_own: bool  # an address carries all own events, so that a feed can be chosen
    has_digest: bool
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscribedPage:
    """A new address, shown this once."""

    label: str
    url: str
    webcal_url: str
    outlook_url: str
    google_url: str
    qr: Markup
    is_local: bool
    level: Level
    is_moved: bool  # what came by mail comes here from now on


def key_of(scope: Scope) -> str:
    """Return a scope as a form's value."""
    return f"{scope.kind.value}:{scope.id}"


def scope_of(key: str) -> Scope:
    """Return the scope of a form's value.

    Raises:
        FieldFault: when it is none.
    """
    kind, _, scope_id = key.partition(":")
    if kind not in set(ScopeKind) or not scope_id:
        raise FieldFault("calendar", "Välj vilken kalender du vill ha.")
    return Scope(ScopeKind(kind), scope_id)


def subscribe_page(
    session: Session,
    viewer: Viewer,
    language: Language,
    asked: Scope | None = None,
    *,
    level: Level = Level.NEUTRAL,
    label: str = "",
    has_deadlines: bool = False,
    faults: tuple[FieldFault, ...] = (),
) -> SubscribePage:
    """Return the page; a calendar that a link asks for comes first, when the viewer may have it."""
    offered = choices(session, viewer, language)
    if asked is not None and may_subscribe(session, viewer, asked):
        first = Choice(asked, titled(session, asked, language))
        offered = [first, *(choice for choice in offered if choice.scope != asked)]
    own = tuple(
        (kept, titled(session, Scope(feed.scope_kind, feed.scope_id), language))
        for kept, feed in queries.tokens_of(session, viewer.person_id, now())
    )
    wants = invitations.choice(session, viewer.person_id)
    has_own = has_own_calendar(session, viewer.person_id, now())
    return SubscribePage(
        choices=tuple(offered),
        chosen=key_of(offered[0].scope),
        level=level,
        label=label,
        has_deadlines=has_deadlines,
        own=own,
        delivery=delivery_of(session, viewer),
        has_own=has_own,
        has_digest=wants is not None and wants.has_digest,
        faults=faults,
    )


def delivery_of(session: Session, viewer: Viewer) -> Delivery:
    """Return how a viewer gets events: by mail, unless something else is chosen."""
    found = invitations.choice(session, viewer.person_id)
    return found.delivery if found else Delivery.INVITATION


def subscribed_page(
    feed: Feed, kept: FeedToken, token: str, base_url: str, *, is_moved: bool = False
) -> SubscribedPage:
    """Return the page that shows a new address, with ways into each program."""
    url = f"{base_url}/feeds/{token}.ics"
    host = urlsplit(base_url).hostname or ""
    without_scheme = url.partition("://")[2]
    return SubscribedPage(
        label=kept.label,
        url=url,
        webcal_url=f"webcal://{without_scheme}",
        outlook_url=f"https://outlook.office.com/calendar/addcalendar?{urlencode({'url': url})}",
        google_url="https://calendar.google.com/calendar/r/settings/addbyurl",
        qr=qr_code(url),
        is_local=host in LOOPBACK,
        level=feed.level,
        is_moved=is_moved,
    )


def qr_code(text: str) -> Markup:
    """Return a QR code as inline SVG: no request leaves the page, no image holds the secret."""
    import segno  # noqa: PLC0415 - loaded by whoever shows a code

    made = segno.make(text, error="m", micro=False)
    svg = made.svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return Markup(svg)  # noqa: S704 - made by segno of modules, not of text
