"""Pages and API of networks as proposals: a planner's way from a problem to published networks."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.once.service import ACTS_ONCE, IsFirst
from api.kit.pages import address, language_of, render, speaker_of
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.proposals import spine
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import service
from api.proposals.networks.building import Choice, weights_of
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.publishing import publish_and_tell
from api.proposals.networks.web.review import ProposalLine, proposal_lines, proposal_page
from api.proposals.networks.web.words import WEIGHTING_WORDS
from matcher.groups.files.presets import WEIGHTINGS

pages = APIRouter()
api = APIRouter(tags=["proposals"])

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
class PresetLine:
    """A weighting to choose, with one sentence on what it does."""

    key: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class WorkbenchPage:
    """Where matching begins: presets, sizes, layers, and the proposals so far."""

    presets: tuple[PresetLine, ...]
    layers: tuple[tuple[str, str], ...]
    proposals: tuple[ProposalLine, ...]


@pages.get("/planera/natverk")
def workbench(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Offer a new matching and list the proposals so far."""
    found = spine.proposals_for(session, viewer, ProposalKind.NETWORKS)
    say = speaker_of(request)
    layers = tuple((kind.value, say.text(LAYER_NAMES[kind])) for kind in Choice().layers)
    presets = tuple(
        PresetLine(
            one.key,
            say.text(WEIGHTING_WORDS[one.key][0]),
            say.text(WEIGHTING_WORDS[one.key][1]),
        )
        for one in WEIGHTINGS
    )
    page = WorkbenchPage(presets, layers, proposal_lines(found, say))
    return render(request, "proposals/workbench.html", page)


@pages.post("/planera/natverk", dependencies=[ACTS_ONCE])
def start(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    preset: Annotated[str, Form()] = "balance",
    sizes: Annotated[str, Form(pattern="^[2-6]-[2-6]$")] = "3-4",
    layers: Annotated[list[Layer] | None, Form()] = None,
    stability: Annotated[float, Form(ge=0, le=10)] = 0.2,
) -> RedirectResponse:
    """Queue a matching and lead to its page."""
    chosen = next((one for one in WEIGHTINGS if one.key == preset), WEIGHTINGS[0])
    smallest, largest = sorted(int(size) for size in sizes.split("-"))
    choice = Choice(
        layers=tuple(layers) if layers else Choice().layers,
        likeness=weights_of(chosen.weights),
        sizes=(smallest, largest),
        stability=stability,
    )
    say = speaker_of(request)
    at = now()
    title = f"{say.text(WEIGHTING_WORDS[chosen.key][0])}, {say.moment(at)}"
    made = service.start_matching(session, viewer, choice, title, at)
    return _to(request, made.id)


@pages.get("/planera/natverk/{proposal_id}")
def proposal(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    proposal_id: str,
    layer: str = "",
) -> Response:
    """Show a proposal: networks, reasons, proof, broken rules and who changes."""
    found = service.proposal_for(session, viewer, proposal_id)
    page = proposal_page(session, found, speaker_of(request), layer=layer)
    return render(request, "proposals/proposal.html", page)


@pages.post("/planera/natverk/{proposal_id}/granska")
def review_by_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    proposal_id: str,
    version: Annotated[int, Form()],
) -> RedirectResponse:
    """Mark a proposal as reviewed."""
    found = service.proposal_for(session, viewer, proposal_id)
    spine.review(session, NETWORKS, found, version, viewer.person_id)
    return _to(request, proposal_id)


@pages.post("/planera/natverk/{proposal_id}/publicera", dependencies=[ACTS_ONCE])
def publish_by_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    proposal_id: str,
    version: Annotated[int, Form()],
    told: Annotated[list[str] | None, Form()] = None,
    mails: Annotated[Literal["", "drafts"], Form()] = "",
) -> RedirectResponse:
    """Publish a reviewed proposal, tell those who were shown, and lead to the networks or the drafts."""
    found = service.proposal_for(session, viewer, proposal_id)
    as_drafts = mails == "drafts"
    publish_and_tell(
        session, found, version, told or (), viewer.person_id, now(), as_drafts=as_drafts
    )
    path = "/planera/utskick?lage=draft" if as_drafts else "/natverk"
    return RedirectResponse(address(language_of(request), path), status_code=303)


@pages.post("/planera/natverk/{proposal_id}/dra-tillbaka")
def withdraw_by_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    proposal_id: str,
    version: Annotated[int, Form()],
) -> RedirectResponse:
    """Put a proposal aside."""
    found = service.proposal_for(session, viewer, proposal_id)
    spine.withdraw(session, found, version, viewer.person_id)
    return RedirectResponse(address(language_of(request), "/planera/natverk"), status_code=303)


def _to(request: Request, proposal_id: str) -> RedirectResponse:
    where = address(language_of(request), f"/planera/natverk/{proposal_id}")
    return RedirectResponse(where, status_code=303)


@api.get("/proposals", summary="Proposals, newest first")
def list_proposals(session: Transaction, viewer: SignedInViewer) -> list[ProposalOut]:
    """Return the proposals of networks that were not withdrawn; for planners."""
    return [_out(one) for one in spine.proposals_for(session, viewer, ProposalKind.NETWORKS)]


@api.get("/proposals/{proposal_id}", summary="One proposal")
def get_proposal(session: Transaction, viewer: SignedInViewer, proposal_id: str) -> ProposalOut:
    """Return a proposal; 404 when there is none or you are no planner."""
    return _out(service.proposal_for(session, viewer, proposal_id))


@api.post("/proposals/{proposal_id}/review", summary="Mark a proposal as reviewed")
def review(
    session: Transaction, viewer: SignedInViewer, proposal_id: str, wish: VersionIn
) -> ProposalOut:
    """Mark a draft as looked at; 409 when it breaks a rule or somebody changed it."""
    found = service.proposal_for(session, viewer, proposal_id)
    spine.review(session, NETWORKS, found, wish.version, viewer.person_id)
    return _out(found)


@api.post("/proposals/{proposal_id}/publish", summary="Publish a reviewed proposal")
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
        service.publish(session, found, wish.version, viewer.person_id, now())
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
