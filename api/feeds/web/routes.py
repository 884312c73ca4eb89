"""The subscribe page, single events as files, and feeds under /api/v1."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.accounts.models import Role
from api.accounts.session import SignedInViewer, Transaction
from api.calendar import queries as calendar
from api.calendar.models import Level
from api.calendar.service import Scope
from api.feeds import service
from api.feeds.delivery import choose
from api.feeds.models import FeedToken
from api.feeds.service import Ending
from api.feeds.web import subscribing
from api.feeds.web.schemas import FeedIn, FeedOut, LabelIn, NewFeedOut
from api.invitations.models import Delivery
from api.kit.clock import now
from api.kit.db import base_url_of
from api.kit.errors import FieldFault
from api.kit.pages import language_of, lead_to, render, speaker_of
from api.kit.paging import Paged

pages = APIRouter()
api = APIRouter(tags=["feeds"])

CALENDAR = "text/calendar; charset=utf-8"


@pages.get("/prenumerera")
def subscribe_form(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Offer calendars and list one's addresses; ?natverk=<id> and the like put one first."""
    asked = next(
        (
            Scope(kind, request.query_params[key])
            for key, kind in subscribing.KEYS.items()
            if request.query_params.get(key)
        ),
        None,
    )
    page = subscribing.subscribe_page(session, viewer, language_of(request), asked)
    return render(request, "feeds/subscribe.html", page)


@pages.post("/prenumerera")
def subscribe(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    calendar_key: Annotated[str, Form(alias="calendar")] = "",
    level: Annotated[Level, Form()] = Level.NEUTRAL,
    label: Annotated[str, Form()] = "",
    has_deadlines: Annotated[str, Form(alias="deadlines")] = "",
    is_usual: Annotated[bool, Form(alias="usual")] = False,  # noqa: FBT002 - a field of the form
) -> Response:
    """Make an address and show it this once; `usual` is the first calendar, chosen without the form."""
    language, is_with_deadlines = language_of(request), bool(has_deadlines)
    asked = None
    if is_usual:
        calendar_key = subscribing.subscribe_page(session, viewer, language).chosen
        label = speaker_of(request).text("Min kalender")
    try:
        asked = subscribing.scope_of(calendar_key)
        wish = service.wish_of(session, viewer, asked, level, language, service.clean_label(label))
        wish = service.with_deadlines(wish, has_deadlines=is_with_deadlines)
        before = subscribing.delivery_of(session, viewer)
        feed, kept, token = service.subscribe_as(session, viewer, wish, now())
    except FieldFault as fault:
        form = subscribing.subscribe_page(
            session,
            viewer,
            language,
            asked,
            level=level,
            label=label,
            has_deadlines=is_with_deadlines,
            faults=(fault,),
        )
        return render(request, "feeds/subscribe.html", form, status=fault.status)
    is_moved = before is not subscribing.delivery_of(session, viewer)
    page = subscribing.subscribed_page(feed, kept, token, base_url_of(session), is_moved=is_moved)
    return render(request, "feeds/subscribed.html", page, status=201)


@pages.post("/prenumerera/{token_id}/namn")
def rename(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    token_id: str,
    label: Annotated[str, Form()] = "",
) -> Response:
    """Give an address another name."""
    service.rename(session, viewer, token_id, label)
    return lead_to(request, "/prenumerera#egna")


@pages.post("/prenumerera/{token_id}/avsluta")
def end(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    token_id: str,
    ending: Annotated[Ending, Form()] = Ending.AT_ONCE,
) -> Response:
    """End an address, at once or after emptying the copies."""
    service.revoke(session, viewer, token_id, ending, now())
    return lead_to(request, "/prenumerera#egna")


@pages.post("/prenumerera/leverans")
def choose_delivery(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    delivery: Annotated[Delivery, Form()],
    digest: Annotated[str, Form()] = "",
) -> Response:
    """Choose between mails, a feed and both, and the weekly mail; what is planned moves with it."""
    try:
        choose(session, viewer, delivery, now(), has_digest=bool(digest))
    except FieldFault as fault:
        form = subscribing.subscribe_page(session, viewer, language_of(request), faults=(fault,))
        return render(request, "feeds/subscribe.html", form, status=fault.status)
    return lead_to(request, "/prenumerera#leverans")


@pages.get("/handelser/{event_id}.ics")
def event_file(
    request: Request, session: Transaction, viewer: SignedInViewer, event_id: str
) -> Response:
    """Give one event as a file for a calendar program."""
    event = service.event_for(session, viewer, calendar.event(session, event_id))
    return _file(service.single(session, event, language_of(request)))


@pages.get("/traffar/{meeting_id}/lagg-till.ics")
def meeting_file(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Give a meeting's event as a file for a calendar program."""
    event = service.event_for(session, viewer, calendar.event_of(session, "meeting", meeting_id))
    return _file(service.single(session, event, language_of(request)))


@pages.get("/pass/{session_id}/lagg-till.ics")
def session_file(
    request: Request, session: Transaction, viewer: SignedInViewer, session_id: str
) -> Response:
    """Give a session's event as a file: the half-hour that a guest is invited to."""
    event = service.event_for(session, viewer, calendar.event_of(session, "session", session_id))
    is_for_guest = viewer.roles == {Role.GUEST}
    return _file(service.single(session, event, language_of(request), is_for_guest=is_for_guest))


@api.get("/feeds", summary="Your calendar addresses")
def list_feeds(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[FeedOut]:
    """List your own addresses; secrets are never listed."""
    return [FeedOut.of(kept, feed) for kept, feed in page.part(service.mine(session, viewer))]


@api.post("/feeds", status_code=201, summary="Make a calendar address")
def make_feed(session: Transaction, viewer: SignedInViewer, wanted: FeedIn) -> NewFeedOut:
    """Make an address for a calendar that you may see; its secret is in this answer only."""
    scope = Scope(wanted.kind, wanted.scope_id)
    wish = service.wish_of(session, viewer, scope, wanted.level, wanted.language, wanted.label)
    wish = service.with_deadlines(wish, has_deadlines=wanted.has_deadlines)
    feed, kept, token = service.subscribe_as(session, viewer, wish, now())
    url = f"{base_url_of(session)}/feeds/{token}.ics"
    return NewFeedOut(**FeedOut.of(kept, feed).model_dump(), url=url)


@api.patch("/feeds/{feed_id}", summary="Rename a calendar address")
def rename_feed(
    session: Transaction, viewer: SignedInViewer, feed_id: str, wanted: LabelIn
) -> FeedOut:
    """Give one of your addresses another name."""
    return _out(session, service.rename(session, viewer, feed_id, wanted.label))


@api.delete("/feeds/{feed_id}", summary="End a calendar address")
def end_feed(
    session: Transaction,
    viewer: SignedInViewer,
    feed_id: str,
    ending: Annotated[Ending, Query(description="At once, or after 14 days empty.")] = (
        Ending.AT_ONCE
    ),
) -> FeedOut:
    """End one of your addresses."""
    return _out(session, service.revoke(session, viewer, feed_id, ending, now()))


def _out(session: Transaction, kept: FeedToken) -> FeedOut:
    return FeedOut.of(kept, service.feed_of(session, kept))


def _file(octets: bytes) -> Response:
    headers = {
        "Content-Disposition": 'attachment; filename="traff.ics"',
        "Cache-Control": "private, no-cache",
    }
    return Response(octets, media_type=CALENDAR, headers=headers)
