"""Handing a post over: found under one's own name, done on one page, and answered with what happens now."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import directory
from api.accounts import queries as accounts
from api.accounts.directory import PersonDetails
from api.accounts.policy import (
    Viewer,
    insist,
    may_grant_deputy,
    may_hand_over,
    may_see_body,
)
from api.accounts.service import viewer_now
from api.accounts.session import SignedInViewer, Transaction
from api.accounts.web import overview
from api.accounts.web.bodies import HandOverPage, function_page
from api.circles import absence
from api.circles import queries as circle_queries
from api.circles.absence import AwayWish
from api.circles.hand_over import made_in
from api.circles.models import Absence
from api.circles.newcomers import Someone, holder_of
from api.circles.service import buddy_after, has_company, those_who_hear
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.i18n import Said, Speaker, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, Seen, lead_to, render, speaker_of
from api.outbox.acts import BY_LINK, begin_act, with_receipt

pages = APIRouter()

RECEIPT = "/funktioner/overlamnad"


@dataclass(frozen=True, slots=True)
class Away:
    """A time away of a post: who, from and to which day as text, who answers, and whether it has begun."""

    who: str
    starts: str
    until: str
    deputy: str
    is_mine: bool
    has_begun: bool


@dataclass(frozen=True, slots=True)
class OwnPost:
    """A post of the viewer's; `gives` whether the viewer may hand it over."""

    id: str
    title: str
    body: str
    deputy: str
    is_holder: bool
    gives: bool
    version: int
    away: Away | None
    hears: tuple[str, ...]  # those in its circles who get a mail of a time away


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """The posts that somebody has."""

    posts: tuple[OwnPost, ...]
    typed: AwayWish | None = None
    typed_for: str = ""  # the post whose form was wrong
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What happens now, for whoever has just handed the last post over; nothing where nobody is known."""

    title: str = ""
    body: str = ""
    newcomer: Someone | None = None
    buddy: Someone | None = None
    circle_hears: bool = False


@pages.get("/jag-slutar")
def leaving(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the posts that one has, each with the way to hand it over."""
    page = _leaving(session, viewer, speaker_of(request))
    return render(request, "circles/leaving.html", page)


@pages.post("/funktioner/{function_id}/borta", dependencies=[ACTS_ONCE])
def go_away(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    function_id: str,
    fields: Fields,
    version: Seen,
) -> Response:
    """Say that one is away for a time, and who answers meanwhile."""
    insist(may_grant_deputy(viewer, function_id))
    deputy = PersonDetails(*(fields.get(f"deputy_{one}", "") for one in ("name", "email", "phone")))
    wish = AwayWish(fields.get("starts_on", ""), fields.get("until", ""), deputy)
    said = Said(later("Frånvaron är inlagd."))
    begin_act(session, viewer.person_id, now(), said, "/jag-slutar")
    try:
        absence.go_away(session, function_id, wish, version, viewer.person_id, now())
    except FieldFault as fault:
        undo(session)
        shown = _leaving(session, viewer, speaker_of(request))
        page = replace(shown, typed=wish, typed_for=function_id, faults=(fault,))
        return render(request, "circles/leaving.html", page, status=fault.status)
    return _to_leaving(request, session)


@pages.post("/funktioner/{function_id}/tillbaka", dependencies=[ACTS_ONCE])
def come_back(
    request: Request, session: Transaction, viewer: SignedInViewer, function_id: str
) -> Response:
    """End a time away at once, or take away one that has not begun."""
    said = Said(later("Frånvaron är avslutad."))
    begin_act(session, viewer.person_id, now(), said, "/jag-slutar")
    absence.come_back(session, viewer, function_id, now())
    return _to_leaving(request, session)


def _to_leaving(request: Request, session: Transaction) -> Response:
    return lead_to(request, with_receipt(session, "/jag-slutar"))


@pages.get(RECEIPT)
def handed_over(request: Request, session: Transaction, kvitto: str = "") -> Response:
    """Say what happens now, to whoever has left the last post and is signed out by it."""
    seen = HandedOver()
    made = made_in(session, kvitto)
    if made is not None:
        function, home = overview.function(session, made.function_id)
        seen = HandedOver(
            function.title,
            home.name,
            holder_of(session, function.id) if made.to_holder_id else None,
            buddy_after(session, made.id),
            circle_hears=has_company(session, home.rc_id),
        )
    return render(request, "accounts/handed_over.html", seen)


@pages.get("/funktioner/{function_id}/lamna-over")
def hand_over_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    function_id: str,
    slutar: str = "",
) -> Response:
    """Show who holds a function, to be changed; with `slutar` the holder's fields are the next one's."""
    insist(may_hand_over(viewer, function_id))
    page = _form(session, viewer, function_id)
    if slutar:
        page = replace(page, holder=PersonDetails(), is_leaving=True)
    return render(request, "accounts/hand_over.html", page)


@pages.post("/funktioner/{function_id}/lamna-over", dependencies=[ACTS_ONCE])
def hand_over(  # noqa: PLR0913, PLR0917 - one argument a field
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    function_id: str,
    version: Seen,
    holder_name: Annotated[str, Form()] = "",
    holder_email: Annotated[str, Form()] = "",
    holder_phone: Annotated[str, Form()] = "",
    deputy_name: Annotated[str, Form()] = "",
    deputy_email: Annotated[str, Form()] = "",
    deputy_phone: Annotated[str, Form()] = "",
    deputy_hands_over: Annotated[str, Form()] = "",
    slutar: Annotated[str, Form()] = "",
) -> Response:
    """Hand a function over in one action."""
    insist(may_hand_over(viewer, function_id))
    function, home = overview.function(session, function_id)
    may_grant = may_grant_deputy(viewer, function_id)
    holder = PersonDetails(holder_name, holder_email, holder_phone)
    deputy = PersonDetails(deputy_name, deputy_email, deputy_phone)
    # Whoever leaves the last post is signed out by it, and may still undo it from the page that follows.
    is_last = all(post.function_id == function_id for post in viewer.posts)
    said = Said(later("%(title)s är överlämnad."), title=function.title)
    actor, back = (
        (BY_LINK, RECEIPT) if is_last else (viewer.person_id, f"/organisationer/{home.id}")
    )
    begin_act(session, actor, now(), said, back)
    try:
        directory.hand_over_to(
            session,
            function_id,
            holder,
            deputy,
            version=version,
            actor=viewer.person_id,
            now=now(),
            deputy_hands_over=bool(deputy_hands_over) if may_grant else None,
        )
    except FieldFault as fault:
        undo(session)
        page = replace(
            _form(session, viewer, function_id),
            holder=holder,
            deputy=deputy,
            version=version,
            deputy_hands_over=bool(deputy_hands_over),
            is_leaving=bool(slutar),
            faults=(fault,),
        )
        return render(request, "accounts/hand_over.html", page, status=fault.status)
    left = viewer_now(session, viewer)
    path = RECEIPT
    if left.posts:
        path = f"/organisationer/{home.id}" if may_see_body(left, home.id) else "/jag-slutar"
    return lead_to(request, with_receipt(session, path))


def _form(session: Transaction, viewer: Viewer, function_id: str) -> HandOverPage:
    hears = those_who_hear(session, function_id, {viewer.person_id})
    return replace(function_page(session, viewer, function_id), hears=hears)


def _leaving(session: Transaction, viewer: Viewer, say: Speaker) -> LeavingPage:
    open_ones = circle_queries.open_absences(session, [one.function_id for one in viewer.posts])
    ids = {who for one in open_ones.values() for who in (one.person_id, one.deputy_id)}
    names = accounts.names_of(session, ids)
    found = []
    for post in viewer.posts:
        function, home = overview.function(session, post.function_id)
        away = open_ones.get(function.id)
        found.append(
            OwnPost(
                id=function.id,
                title=function.title,
                body=home.name,
                deputy=function.deputy.name,
                is_holder=post.is_holder,
                gives=may_hand_over(viewer, function.id),
                version=function.version,
                away=_away(away, names, viewer, say) if away else None,
                hears=those_who_hear(session, function.id, ()),
            )
        )
    return LeavingPage(tuple(found))


def _away(away: Absence, names: dict[str, str], viewer: Viewer, say: Speaker) -> Away:
    return Away(
        who=names.get(away.person_id, ""),
        starts=say.date(away.starts_on),
        until=say.date(away.until),
        deputy=names.get(away.deputy_id, ""),
        is_mine=away.person_id == viewer.person_id,
        has_begun=away.begun_at is not None,
    )
