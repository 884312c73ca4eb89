"""How far a proposal of any kind has come, in words."""

from api.kit.i18n import Speaker, later
from api.proposals.models import Proposal, ProposalState

STATES = {
    ProposalState.SOLVING: "räknas",
    ProposalState.DRAFT: "utkast",
    ProposalState.REVIEWED: "granskat",
    ProposalState.PUBLISHED: "publicerat",
    ProposalState.WITHDRAWN: "arkiverat",
}
IMPOSSIBLE = later("går inte ihop")


def state_in_words(proposal: Proposal, say: Speaker) -> str:
    """Return how far a proposal has come."""
    return say.text(IMPOSSIBLE if proposal.conflict is not None else STATES[proposal.state])
