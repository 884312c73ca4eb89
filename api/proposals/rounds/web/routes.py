"""Pages of rounds at tables: ask for them, look at them, print and download them, and book them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import FieldFault, FormError
from api.kit.exports import Format, download
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Posted, Seen, lead_to, render, speaker_of
from api.outbox.acts import begin_act, with_receipt
from api.proposals import spine
from api.proposals.models import Proposal, ProposalKind
from api.proposals.opening import opened
from api.proposals.rounds import booking, service
from api.proposals.rounds.building import RoundsChoice
from api.proposals.rounds.web.form import AskForm, ask_form, book_form, read_ask, read_book
from api.proposals.rounds.web.view import held_posts, rounds_page, seats_table
from api.proposals.words import state_in_words
from api.registry import queries as registry

pages = APIRouter()

PAGE = "/planera/bord"
Found = Annotated[Proposal, opened(ProposalKind.ROUNDS)]


@dataclass(frozen=True, slots=True)
class AskPage:
    """The form, and the proposals so far."""

    form: AskForm
    proposals: tuple[tuple[str, str, str], ...]  # path, name, state


@pages.get(PAGE)
def ask(request: Request, session: Transaction, viewer: SignedInViewer, som: str = "") -> Response:
    """Show what to ask of rounds at tables; filled in as for the proposal `som`, else with what is usual."""
    like = spine.proposal_for(session, viewer, ProposalKind.ROUNDS, som) if som else None
    return _ask(request, session, viewer, like=service.choice_of(like) if like else None)


@pages.post(PAGE, dependencies=[ACTS_ONCE])
def start(request: Request, session: Transaction, viewer: SignedInViewer, form: Posted) -> Response:
    """Queue the work and lead to its page."""
    insist(may_plan(viewer))
    try:
        choice = read_ask(form, registry.names(session))
    except FormError as error:
        return _ask(request, session, viewer, form, error)
    made = service.start(session, choice, viewer.person_id, now())
    return lead_to(request, f"{PAGE}/{made.id}")


@pages.get(PAGE + "/{proposal_id}")
def show(request: Request, session: Transaction, found: Found) -> Response:
    """Show each round's tables, why, the proof, and whom each RC meets."""
    return _shown(request, session, found)


@pages.get(PAGE + "/{proposal_id}/a4")
def sheet(request: Request, session: Transaction, found: Found) -> Response:
    """Show each round's tables on a leaf of its own, to print."""
    page = rounds_page(session, found, speaker_of(request))
    return render(request, "proposals/rounds_sheet.html", page)


@pages.get(PAGE + "/{proposal_id}/bord.{kind}")
def file(request: Request, session: Transaction, found: Found, kind: Format) -> Response:
    """Download who sits where, as a workbook or a CSV file."""
    say = speaker_of(request)
    return download([seats_table(rounds_page(session, found, say), say)], kind, say)


@pages.post(PAGE + "/{proposal_id}/boka", dependencies=[ACTS_ONCE])
def book(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    form: Posted,
) -> Response:
    """Make a meeting of each table and invite those who sit there."""
    at = now()
    try:
        wish = read_book(form, service.choice_of(found).rounds, at)
    except FormError as error:
        return _shown(request, session, found, form, error.faults)
    said = Said(later("Borden är inlagda i kalendrarna."))
    begin_act(session, viewer.person_id, at, said, f"{PAGE}/{found.id}")
    booking.book(session, found, wish, version, viewer.person_id, at)
    return lead_to(request, with_receipt(session, f"{PAGE}/{found.id}"))


@pages.post(PAGE + "/{proposal_id}/dra-tillbaka")
def withdraw(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Put a proposal aside."""
    spine.withdraw(session, found, version, viewer.person_id)
    return lead_to(request, PAGE)


def _ask(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    form: FormData | None = None,
    error: FormError | None = None,
    like: RoundsChoice | None = None,
) -> Response:
    found = spine.proposals_for(session, viewer, ProposalKind.ROUNDS)
    say = speaker_of(request)
    page = AskPage(
        ask_form(say, registry.names(session), form, error.faults if error else (), like),
        tuple(
            (f"{PAGE}/{one.id}", service.title_of(one, say), state_in_words(one, say))
            for one in found
        ),
    )
    return render(
        request, "proposals/rounds_form.html", page, status=error.status if error else 200
    )


def _shown(
    request: Request,
    session: Transaction,
    found: Proposal,
    form: FormData | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> Response:
    say, choice = speaker_of(request), service.choice_of(found)
    asked = None
    if found.state in spine.CAN_BE_REVIEWED:
        held = held_posts(session, choice)
        asked = book_form(say, choice.rounds, held, len(choice.rc_ids), form, faults)
    page = rounds_page(session, found, say, asked)
    return render(request, "proposals/rounds.html", page, status=422 if faults else 200)
