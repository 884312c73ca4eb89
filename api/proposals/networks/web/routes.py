"""Pages and API of networks as proposals: a planner's way from a problem to published networks."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import FormData

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.availability.free import answered_polls
from api.kit.clock import now
from api.kit.errors import FormError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE, IsFirst
from api.kit.pages import Posted, Seen, lead_to, render, speaker_of
from api.kit.paging import Paged
from api.networks.models import Layer
from api.networks.queries import rounds
from api.outbox.acts import begin_act, cannot_be_undone, with_receipt
from api.proposals import spine
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import service
from api.proposals.networks.holding import choice_of
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.form import MatchingForm, as_posted, matching_form, read_choice
from api.proposals.networks.web.publishing import publish_and_tell
from api.proposals.networks.web.review import (
    Looked,
    ProposalLine,
    proposal_lines,
    proposal_page,
)
from api.proposals.networks.web.words import OWN_WEIGHTS, WEIGHTING_WORDS
from api.proposals.opening import opened
from api.registry import queries as registry

pages = APIRouter()
api = APIRouter(tags=["proposals"])

Found = Annotated[Proposal, opened(ProposalKind.NETWORKS)]

Version = Annotated[int, Field(examples=[2], ge=1, le=2**31 - 1)]


class ProposalOut(BaseModel):
    """A proposal of networks; `networks` and the proof are there when the engine has answered."""

    id: Annotated[str, Field(examples=["1f0cda0a-6c1b-4b0e-9d0f-6ad1c3a0a001"])]
    kind: ProposalKind
    state: ProposalState
    title: Annotated[str, Field(examples=["Nätverk hösten 2027"])]
    version: Version
    networks: dict[Layer, list[list[str]]]
    objective: float | None
    lower_bound: float | None
    gap: float | None
    is_example: bool


class VersionIn(BaseModel):
    """The version that you saw."""

    version: Version


@dataclass(frozen=True, slots=True)
class WorkbenchPage:
    """Where matching begins: what may be chosen, and the proposals so far."""

    form: MatchingForm
    proposals: tuple[ProposalLine, ...]
    may_go_back: bool
    changed: tuple[str, str] | None  # id and title of the proposal whose choices are changed


@pages.get("/planera/natverk")
def workbench(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    fran: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Offer a new matching, with what was chosen for the proposal `fran` where one is named; list those so far."""
    changed = _changed(session, viewer, fran)
    form = as_posted(choice_of(changed)) if changed else None
    return _workbench(request, session, viewer, form, changed=changed)


@pages.post("/planera/natverk", dependencies=[ACTS_ONCE])
def start(request: Request, session: Transaction, viewer: SignedInViewer, form: Posted) -> Response:
    """Queue a matching of all that was chosen and lead to its page."""
    insist(may_plan(viewer))
    say, at = speaker_of(request), now()
    changed = _changed(session, viewer, str(form.get("changed", "")))
    earlier = choice_of(changed) if changed else None
    try:
        choice = read_choice(form, registry.names(session), answered_polls(session, at), earlier)
    except FormError as error:
        return _workbench(request, session, viewer, form, error, changed)
    words = WEIGHTING_WORDS[choice.preset][0] if choice.preset else OWN_WEIGHTS
    title = f"{say.text(words)}, {say.moment(at)}"
    made = service.start_matching(session, viewer, choice, title, at)
    made.compared_with = changed.id if changed else None
    return lead_to(request, f"/planera/natverk/{made.id}")


@pages.post("/planera/natverk/tillbaka", dependencies=[ACTS_ONCE])
def take_back(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Propose the round before today's again, and lead to the page that says whom it concerns."""
    at, say = now(), speaker_of(request)
    title = say.text("Tillbaka till den förra indelningen, %(when)s", when=say.moment(at))
    made = service.take_back(session, viewer, title, at)
    path = f"/planera/natverk/{made.id}/publicera"
    return lead_to(request, path)


def _workbench(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    form: FormData | None = None,
    error: FormError | None = None,
    changed: Proposal | None = None,
) -> Response:
    found = spine.proposals_for(session, viewer, ProposalKind.NETWORKS)
    say = speaker_of(request)
    names = registry.names(session)
    faults = error.faults if error else ()
    page = WorkbenchPage(
        matching_form(say, names, form, faults, answered_polls(session, now())),
        proposal_lines(found, say),
        may_go_back=len(rounds(session)) > 1,
        changed=(changed.id, changed.title) if changed else None,
    )
    status = error.status if error else 200
    return render(request, "proposals/workbench.html", page, status=status)


def _changed(session: Transaction, viewer: SignedInViewer, proposal_id: str) -> Proposal | None:
    """Return the proposal whose choices are to be changed; None where none is named."""
    return service.proposal_for(session, viewer, proposal_id) if proposal_id else None


@pages.get("/planera/natverk/{proposal_id}")
def proposal(
    request: Request,
    session: Transaction,
    found: Found,
    layer: str = "",
    page: Annotated[int, Query(ge=0, le=10_000)] = 0,
    circle: Annotated[int | None, Query(ge=0, le=10_000)] = None,
) -> Response:
    """Show a proposal: networks, reasons, proof, broken rules and who changes."""
    shown = proposal_page(session, found, speaker_of(request), looked=Looked(layer, page, circle))
    return render(request, "proposals/proposal.html", shown)


@pages.post("/planera/natverk/{proposal_id}/granska")
def review_by_form(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Mark a proposal as reviewed, and lead to what publishing it would mean."""
    spine.review(session, NETWORKS, found, version, viewer.person_id)
    return lead_to(request, f"/planera/natverk/{found.id}/publicera")


@pages.post("/planera/natverk/{proposal_id}/publicera", dependencies=[ACTS_ONCE])
def publish_by_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    told: Annotated[list[str] | None, Form()] = None,
    mails: Annotated[Literal["", "drafts"], Form()] = "",
) -> Response:
    """Publish a reviewed proposal, tell those who were shown, and lead to the networks or the drafts."""
    as_drafts = mails == "drafts"
    if not as_drafts:
        begin_act(
            session, viewer.person_id, now(), Said(later("Kretsarna är publicerade.")), "/natverk"
        )
    publish_and_tell(
        session, found, version, told or (), viewer.person_id, now(), as_drafts=as_drafts
    )
    # The round before is proposed again from the networks' page: meetings have been proposed since.
    cannot_be_undone(session)
    path = "/planera/utskick?lage=draft" if as_drafts else "/natverk"
    return lead_to(request, with_receipt(session, path))


@pages.post("/planera/natverk/{proposal_id}/dra-tillbaka")
def withdraw_by_form(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Put a proposal aside."""
    spine.withdraw(session, found, version, viewer.person_id)
    return lead_to(request, "/planera/natverk")


@api.get("/proposals", summary="Proposals, newest first")
def list_proposals(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[ProposalOut]:
    """Return the proposals of networks that were not withdrawn; for planners."""
    found = spine.proposals_for(session, viewer, ProposalKind.NETWORKS)
    return [_out(one) for one in page.part(found)]


@api.get("/proposals/{proposal_id}", summary="One proposal")
def get_proposal(session: Transaction, viewer: SignedInViewer, proposal_id: str) -> ProposalOut:
    """Return a proposal; 404 when there is none or you are no planner."""
    return _out(service.proposal_for(session, viewer, proposal_id))


@api.post("/proposals/{proposal_id}/review", summary="Mark a proposal as reviewed", deprecated=True)
def review(
    session: Transaction, viewer: SignedInViewer, proposal_id: str, wish: VersionIn
) -> ProposalOut:
    """Mark a draft as looked at; 409 when it breaks a rule or somebody changed it."""
    found = service.proposal_for(session, viewer, proposal_id)
    spine.review(session, NETWORKS, found, wish.version, viewer.person_id)
    return _out(found)


@api.post(
    "/proposals/{proposal_id}/publish", summary="Publish a reviewed proposal", deprecated=True
)
def publish(
    session: Transaction,
    viewer: SignedInViewer,
    proposal_id: str,
    wish: VersionIn,
    is_first: IsFirst,
) -> ProposalOut:
    """Freeze a reviewed proposal as the next round; the same `Idempotency-Key` again changes nothing."""
    found = service.proposal_for(session, viewer, proposal_id)
    if is_first:
        publish_and_tell(session, found, wish.version, (), viewer.person_id, now())
    return _out(found)


def _out(proposal: Proposal) -> ProposalOut:
    answer = NETWORKS.found(proposal)
    return ProposalOut(
        id=proposal.id,
        kind=proposal.kind,
        state=proposal.state,
        title=proposal.title,
        version=proposal.version,
        networks=service.groups_in(proposal) if answer else {},
        objective=answer.objective if answer else None,
        lower_bound=answer.lower_bound if answer else None,
        gap=answer.gap if answer else None,
        is_example=proposal.is_example,
    )
