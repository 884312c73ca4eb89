"""Pages and API of a move by hand: what it would cost, the move itself, and taking it back."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, Field

from api.accounts.session import SignedInViewer, Transaction
from api.kit.pages import Seen, lead_to, render, speaker_of
from api.networks.models import Layer
from api.proposals.models import Proposal, ProposalKind
from api.proposals.networks import moving, service
from api.proposals.networks.moving import SWAP, Move
from api.proposals.networks.service import NETWORKS
from api.proposals.networks.web.moving_view import EffectPage, Verdict, effect_words, verdict_of
from api.proposals.networks.web.review import Looked, proposal_page
from api.proposals.networks.web.why_view import names_of
from api.proposals.opening import opened

pages = APIRouter()
api = APIRouter(tags=["proposals"])

Found = Annotated[Proposal, opened(ProposalKind.NETWORKS)]

Place = Annotated[str, Form(max_length=100)]


class MoveIn(BaseModel):
    """Move an RC to another group of a layer: the group's place in the list, or an RC to change with."""

    layer: Layer
    rc: Annotated[str, Field(examples=["skaraborg"])]
    to_group: Annotated[int, Field(examples=[0], ge=0, le=1000)] = 0
    swap_with: Annotated[
        str | None, Field(examples=[None], description="Change places with it instead.")
    ] = None
    version: Annotated[int, Field(examples=[2], ge=1, le=2**31 - 1)]


class ScoreOut(BaseModel):
    """What the networks cost now, and which rules they break; nothing was solved."""

    objective: float
    violations: list[str]
    version: int


@pages.get("/planera/natverk/{proposal_id}/flytta")
def preview(
    request: Request,
    session: Transaction,
    found: Found,
    layer: Layer = Layer.LIKENESS,
    rc: str = "",
    to_group: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Say what a move would do; htmx fetches that alone."""
    if not rc:
        return _to(request, found.id, layer)
    return _wished(request, session, found, Move.read(layer, rc, to_group))


@pages.get("/planera/natverk/{proposal_id}/kostar")
def costs(
    request: Request,
    session: Transaction,
    found: Found,
    layer: Layer = Layer.LIKENESS,
    rc: Annotated[str, Query(max_length=100)] = "",
) -> list[Verdict]:
    """Say what each circle of a layer would cost an RC that somebody has picked up; the board asks once."""
    say, names = speaker_of(request), names_of(session, NETWORKS.problem_of(found))
    return [verdict_of(say, one, names) for one in moving.verdicts(found, layer, rc)]


@pages.post("/planera/natverk/{proposal_id}/flytta")
def move(  # noqa: PLR0913 - the form's fields
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    layer: Annotated[Layer, Form()] = Layer.LIKENESS,
    rc: Annotated[str, Form()] = "",
    to_group: Place = "",
    *,
    is_wish: Annotated[bool, Form()] = False,
) -> Response:
    """Move an RC to another network of the proposal, or let two change places; a wish is only looked at."""
    wish = Move.read(layer, rc, to_group)
    if is_wish:
        return _wished(request, session, found, wish)
    moving.move(session, found, wish, version, viewer.person_id)
    return _to(request, found.id, layer)


@pages.post("/planera/natverk/{proposal_id}/angra")
def undo(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Take back the latest move."""
    layer = moving.undo(session, found, version, viewer.person_id)
    return _to(request, found.id, layer)


@pages.post("/planera/natverk/{proposal_id}/gor-om")
def redo(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Make the move again that was taken back last."""
    layer = moving.redo(session, found, version, viewer.person_id)
    return _to(request, found.id, layer)


@api.post("/proposals/{proposal_id}/move", summary="Move an RC by hand", deprecated=True)
def move_rc(
    session: Transaction, viewer: SignedInViewer, proposal_id: str, wish: MoveIn
) -> ScoreOut:
    """Move an RC to another group, or let two change places, and return the new score at once."""
    found = service.proposal_for(session, viewer, proposal_id)
    place = f"{SWAP}{wish.swap_with}" if wish.swap_with else str(wish.to_group)
    asked = Move.read(wish.layer, wish.rc, place)
    effect = moving.move(session, found, asked, wish.version, viewer.person_id)
    violations = [one.message for one in effect.broken]
    return ScoreOut(objective=effect.after, violations=violations, version=found.version)


def _wished(request: Request, session: Transaction, found: Proposal, wish: Move) -> Response:
    say = speaker_of(request)
    words = effect_words(session, found, moving.preview(found, wish), say, is_done=False)
    if "hx-request" in request.headers:
        return render(request, "proposals/proposal.html", EffectPage(words), block="effect")
    return render(
        request, "proposals/proposal.html", proposal_page(session, found, say, words, Looked())
    )


def _to(request: Request, proposal_id: str, layer: Layer) -> Response:
    where = f"/planera/natverk/{proposal_id}?layer={layer.value}#layer-{layer.value}"
    return lead_to(request, where)
