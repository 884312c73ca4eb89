"""What every kind of proposal shares: it is open until published or put aside, and each save has a version."""

from sqlmodel import Session

from api.audit.service import record
from api.kit.db import lock
from api.kit.errors import ConflictError, StaleError
from api.proposals.models import Proposal, ProposalState

CAN_BE_REVIEWED = frozenset({ProposalState.DRAFT, ProposalState.REVIEWED})


def insist_on_version(proposal: Proposal, version: int) -> None:
    """Raise StaleError when somebody saved the proposal after `version`.

    The row is locked and read anew until the transaction ends, so of those who saw the same version
    the next one looks when the first has saved: nobody plans, publishes or mails twice.
    """
    lock(proposal)
    if proposal.version != version:
        theirs: dict[str, object] = {"state": proposal.state.value, "version": proposal.version}
        raise StaleError({"version": version}, theirs)


def insist_on_open(proposal: Proposal, version: int) -> None:
    """Raise StaleError or ConflictError unless this version can still be changed."""
    insist_on_version(proposal, version)
    if proposal.state not in CAN_BE_REVIEWED:
        raise ConflictError("Förslaget går inte att ändra längre.")


def save(session: Session, proposal: Proposal, action: str | None, actor: str) -> None:
    """Write a proposal as its next version, with a line in the log where an action is named."""
    proposal.version += 1
    session.add(proposal)
    session.flush()
    if action is not None:
        after: dict[str, object] = {"state": proposal.state.value}
        record(session, actor, action, ("proposal", proposal.id), after=after)
