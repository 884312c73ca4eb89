"""How far a proposal of any kind has come, and why the engine takes no problem, in words."""

import logging
import re

from api.audit.naming import SAID
from api.kit.i18n import Said, Speaker, later
from api.proposals.models import Proposal, ProposalState
from matcher.errors import Fault, InvalidProblemError

_log = logging.getLogger(__name__)

STATES = {
    ProposalState.SOLVING: "räknas",
    ProposalState.DRAFT: "utkast",
    ProposalState.REVIEWED: "granskat",
    ProposalState.PUBLISHED: "publicerat",
    ProposalState.WITHDRAWN: "arkiverat",
}
SAID["proposal", "state"] = STATES
IMPOSSIBLE = later("går inte ihop")


def state_in_words(proposal: Proposal, say: Speaker) -> str:
    """Return how far a proposal has come."""
    return say.text(IMPOSSIBLE if proposal.conflict is not None else STATES[proposal.state])


# Where the engine finds a fault, and what that is to a planner: the engine's own words are English and of its format.
_FAULTS = (
    (re.compile(r"members"), later("det finns inga RC att välja bland")),
    (re.compile(r"layer .*, sizes"), later("det minsta och det största antalet går inte ihop")),
    (re.compile(r"layer .*, weight"), later("egenskaperna är vägda så att det inte går att räkna")),
    (re.compile(r"layer "), later("ett av önskemålen går inte att använda med de RC som finns nu")),
    (re.compile(r"member .*"), later("en uppgift i registret går inte att använda: %(value)s")),
)
_OTHERWISE = later("något i valen går inte att använda")


def fault_in_words(error: InvalidProblemError) -> Said:
    """Return why a problem is refused, to be said in the reader's language; the log has the engine's own sentences."""
    _log.warning("a problem was refused: %s", error)
    return _said(error.faults[0])


def _said(fault: Fault) -> Said:
    words = next((words for where, words in _FAULTS if where.match(fault.where)), _OTHERWISE)
    return Said(words, value=fault.value)
