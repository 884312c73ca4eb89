"""Pages of the year: ask for it, look at it, move a meeting, lay the rest out again, and book."""

from dataclasses import dataclass, fields
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.calendar.days import read_school_breaks
from api.kit.clock import day_from, now, today
from api.kit.errors import ConflictError, FieldFault
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, Seen, lead_to, render, speaker_of
from api.outbox.acts import begin_act, with_receipt
from api.proposals import spine
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.opening import opened
from api.proposals.words import state_in_words
from api.proposals.year import booking, service
from api.proposals.year.building import YearWish
from api.proposals.year.school_years import has_breaks, usual_year
from api.proposals.year.service import YEAR
from api.proposals.year.web.view import year_page
from api.registry import queries as registry
from api.registry.facts import unplaced

pages = APIRouter()

Found = Annotated[Proposal, opened(ProposalKind.YEAR)]

PAGE = "/planera/aret"
LIMITS = {
    "national": (0, 12),
    "national_days": (1, 3),
    "forum": (0, 12),
    "managers": (0, 12),
    "per_network": (0, 12),
    "notice_weeks": (0, 52),
    "max_hours": (4, 80),
}


@dataclass(frozen=True, slots=True)
class AskPage:
    """The form, the years to choose between, and the proposals so far."""

    years: tuple[int, ...]
    values: dict[str, str]
    proposals: tuple[tuple[str, str, str], ...]  # path, year and moment, state
    knows_breaks: bool
    faults: tuple[FieldFault, ...] = ()
    unplaced: tuple[tuple[str, str], ...] = ()


@pages.get(PAGE)
def ask(request: Request, session: Transaction, viewer: SignedInViewer, som: str = "") -> Response:
    """Show what to ask of a year; filled in as for the proposal `som`, else with what is usual."""
    found = spine.proposals_for(session, viewer, ProposalKind.YEAR)
    like = service.wish_of(service.proposal_for(session, viewer, som)) if som else None
    page = _ask_page(request, session, _as_typed(like) if like else _usual(), found)
    return render(request, "proposals/year_form.html", page)


@pages.post(PAGE, dependencies=[ACTS_ONCE])
def start(request: Request, session: Transaction, viewer: SignedInViewer, sent: Fields) -> Response:
    """Queue the work and lead to its page; who says nothing of the year asks for the usual one."""
    insist(may_plan(viewer))
    wish, faults = _read(sent if "year" in sent else _usual())
    breaks = read_school_breaks(request.app.state.settings.data)
    if wish is not None:
        made = service.start(session, wish, breaks, viewer.person_id, now())
        return _to(request, made.id)
    found = spine.proposals_for(session, viewer, ProposalKind.YEAR)
    page = _ask_page(request, session, sent, found, faults)
    return render(request, "proposals/year_form.html", page, status=422)


@pages.get(PAGE + "/{proposal_id}")
def show(request: Request, session: Transaction, found: Found, flytta: str = "") -> Response:
    """Show a year; `flytta` is the meeting that is about to be moved."""
    return render(
        request, "proposals/year.html", year_page(session, found, speaker_of(request), flytta)
    )


@pages.post(PAGE + "/{proposal_id}/flytta")
def move(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    key: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Move a meeting to another day."""
    try:
        wanted = day_from(day)
    except ValueError as error:
        raise ConflictError("Välj en dag.") from error
    booking.insist_on_no_drafts(found)
    service.move(session, found, key, wanted, version, viewer.person_id)
    return _to(request, found.id, "#moten")


@pages.post(PAGE + "/{proposal_id}/angra")
def undo(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Take back the latest move."""
    booking.insist_on_no_drafts(found)
    spine.undo(session, YEAR, found, version, viewer.person_id)
    return _to(request, found.id, "#moten")


@pages.post(PAGE + "/{proposal_id}/rakna-om", dependencies=[ACTS_ONCE])
def again(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Lay the rest out again around what was moved."""
    booking.insist_on_no_drafts(found)
    made = service.again(session, found, version, viewer.person_id, now())
    return _to(request, made.id)


@pages.post(PAGE + "/{proposal_id}/boka", dependencies=[ACTS_ONCE])
def book(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Make a draft of every new meeting; only planners see them."""
    booking.draft(session, found, version, viewer.person_id, now())
    return _to(request, found.id, "#far")


@pages.post(PAGE + "/{proposal_id}/visa", dependencies=[ACTS_ONCE])
def show_all(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Put all the meetings into calendars at once, whether they are drafts already or not."""
    said = Said(later("Årets träffar står som förslag i kalendrarna."))
    begin_act(session, viewer.person_id, now(), said, f"{PAGE}/{found.id}")
    if found.state == ProposalState.DRAFT:
        booking.draft(session, found, version, viewer.person_id, now())
        version = found.version
    booking.show(session, found, version, viewer.person_id, now())
    return _to(request, found.id, "#far", session)


@pages.post(PAGE + "/{proposal_id}/ta-tillbaka", dependencies=[ACTS_ONCE])
def take_back(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Take back all that was made, as one."""
    if found.state == ProposalState.PUBLISHED:
        said = Said(later("Årets träffar är inställda."))
        if booking.standing(session, found).changed:
            said = Said(
                later("Årets träffar är inställda, utom de som någon har flyttat eller bestämt.")
            )
        begin_act(session, viewer.person_id, now(), said, f"{PAGE}/{found.id}")
    booking.take_back(session, found, version, viewer.person_id, now())
    return _to(request, found.id, "#far", session)


@pages.post(PAGE + "/{proposal_id}/dra-tillbaka")
def withdraw(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Put a proposal aside."""
    booking.insist_on_no_drafts(found)
    spine.withdraw(session, found, version, viewer.person_id)
    return lead_to(request, PAGE)


def _usual() -> dict[str, str]:
    """Return the form as it is before anybody has written in it."""
    return _as_typed(YearWish(usual_year(today())))


def _as_typed(wish: YearWish) -> dict[str, str]:
    return {field.name: str(getattr(wish, field.name)) for field in fields(YearWish)}


def _read(sent: dict[str, str]) -> tuple[YearWish | None, tuple[FieldFault, ...]]:
    numbers: dict[str, int] = {}
    faults = []
    limits = {"year": (today().year, today().year + 2), **LIMITS}
    for name, (least, most) in limits.items():
        text = sent.get(name, "").strip()
        if text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most:
            numbers[name] = int(text)
        else:
            message = "Skriv ett helt tal från %(least)s till %(most)s."
            faults.append(FieldFault(name, message, least=least, most=most))
    return (None if faults else YearWish(**numbers)), tuple(faults)


def _ask_page(
    request: Request,
    session: Transaction,
    values: dict[str, str],
    found: list[Proposal],
    faults: tuple[FieldFault, ...] = (),
) -> AskPage:
    breaks = read_school_breaks(request.app.state.settings.data)
    year, say = values.get("year", ""), speaker_of(request)
    years = (today().year, today().year + 1, today().year + 2)
    return AskPage(
        years=years,
        values=values,
        proposals=tuple(
            (
                f"{PAGE}/{one.id}",
                f"{one.title}, {say.moment(one.created_at)}",
                state_in_words(one, say),
            )
            for one in found
        ),
        knows_breaks=any(str(one) == year and has_breaks(one, breaks) for one in years),
        faults=faults,
        unplaced=unplaced(registry.rcs(session)),
    )


def _to(
    request: Request, proposal_id: str, part: str = "", session: Transaction | None = None
) -> Response:
    """Lead to a proposal, with the receipt of what this transaction did where one is given."""
    where = f"{PAGE}/{proposal_id}{part}"
    return lead_to(request, with_receipt(session, where) if session else where)
