"""The proposal that a page is about: read, and the reader's right to it asked, before the route begins."""

from typing import Any

from fastapi import Depends

from api.accounts.session import SignedInViewer, Transaction
from api.proposals import spine
from api.proposals.models import Proposal, ProposalKind


def opened(kind: ProposalKind) -> Any:  # noqa: ANN401 - as Depends
    """Return what gives a route the proposal of its address; 404 where there is none of this kind, or not for you."""

    def found(session: Transaction, viewer: SignedInViewer, proposal_id: str) -> Proposal:
        return spine.proposal_for(session, viewer, kind, proposal_id)

    return Depends(found)
