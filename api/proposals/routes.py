"""The API of proposals: a planner's way from a problem to published networks."""

import json
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.accounts.session import SignedInViewer, Transaction
from api.clock import now
from api.networks.models import Layer
from api.proposals import service
from api.proposals.models import Proposal, ProposalKind, ProposalState

api = APIRouter(tags=["proposals"])

Version = Annotated[int, Field(examples=[2], ge=1, le=2**31 - 1)]


class ProposalOut(BaseModel):
    """A proposal of networks; `networks` and the proof are there when the engine has answered."""

    id: Annotated[str, Field(examples=["1f0cda0a-6c1b-4b0e-9d0f-6ad1c3a0a001"])]
    kind: ProposalKind
    state: ProposalState
    title: Annotated[str, Field(examples=["Nätverk hösten 2027"])]
    version: Version
    networks: dict[str, list[list[str]]]
    objective: float | None
    lower_bound: float | None
    gap: float | None
    is_example: bool


class MoveIn(BaseModel):
    """Move an RC to another group of a layer, by the group's place in the list."""

    layer: Layer
    rc: Annotated[str, Field(examples=["skaraborg"])]
    to_group: Annotated[int, Field(examples=[0], ge=0, le=1000)]
    version: Version


class ScoreOut(BaseModel):
    """What the networks cost now, and which rules they break; nothing was solved."""

    objective: float
    violations: list[str]
    version: Version


class VersionIn(BaseModel):
    """The version that you saw."""

    version: Version


@api.get("/proposals", summary="Proposals, newest first")
def list_proposals(session: Transaction, viewer: SignedInViewer) -> list[ProposalOut]:
    """Return the proposals of networks that were not withdrawn; for planners."""
    return [_out(one) for one in service.proposals_for(session, viewer, ProposalKind.NETWORKS)]


@api.get("/proposals/{proposal_id}", summary="One proposal")
def get_proposal(session: Transaction, viewer: SignedInViewer, proposal_id: str) -> ProposalOut:
    """Return a proposal; 404 when there is none or you are no planner."""
    return _out(service.proposal_for(session, viewer, proposal_id))


@api.post("/proposals/{proposal_id}/move", summary="Move an RC by hand")
def move_rc(
    session: Transaction, viewer: SignedInViewer, proposal_id: str, wish: MoveIn
) -> ScoreOut:
    """Move an RC to another group and return the new score at once."""
    found = service.proposal_for(session, viewer, proposal_id)
    objective, broken = service.move(
        session, found, wish.layer, wish.rc, wish.to_group, wish.version, viewer.person_id
    )
    violations = [one.message for one in broken]
    return ScoreOut(objective=objective, violations=violations, version=found.version)


@api.post("/proposals/{proposal_id}/review", summary="Mark a proposal as reviewed")
def review(
    session: Transaction, viewer: SignedInViewer, proposal_id: str, wish: VersionIn
) -> ProposalOut:
    """Mark a draft as looked at; 409 when it breaks a rule or somebody changed it."""
    found = service.proposal_for(session, viewer, proposal_id)
    service.review(session, found, wish.version, viewer.person_id)
    return _out(found)


@api.post("/proposals/{proposal_id}/publish", summary="Publish a reviewed proposal")
def publish(
    session: Transaction, viewer: SignedInViewer, proposal_id: str, wish: VersionIn
) -> ProposalOut:
    """Freeze a reviewed proposal as the next round; publishing twice gives one round."""
    found = service.proposal_for(session, viewer, proposal_id)
    service.publish(session, found, wish.version, viewer.person_id, now())
    return _out(found)


def _out(proposal: Proposal) -> ProposalOut:
    answer = json.loads(proposal.solution) if proposal.solution else {}
    return ProposalOut(
        id=proposal.id,
        kind=proposal.kind,
        state=proposal.state,
        title=proposal.title,
        version=proposal.version,
        networks=answer.get("networks", {}),
        objective=answer.get("objective"),
        lower_bound=answer.get("lower_bound"),
        gap=answer.get("gap"),
        is_example=proposal.is_example,
    )
