"""The way of rounds at tables: a problem from today's register and circles, the engine's answer, and its proof."""

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlmodel import Session

from api.kit.errors import ConflictError
from api.kit.i18n import Speaker, later
from api.proposals import spine
from api.proposals.documents import of, read, write
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks.engine import read_networks, write_networks
from api.proposals.networks.service import todays_networks
from api.proposals.rounds.answer import Rounds, RoundsAnswer
from api.proposals.rounds.building import RoundsChoice, build
from api.proposals.words import fault_in_words
from api.registry import queries as registry
from matcher.errors import InvalidProblemError
from matcher.groups.model.problem import Problem
from matcher.groups.rules import violations
from matcher.proof import Violation

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Met:
    """Which pairs of RC sit at one table in some round, which never do, and the pairs that do so twice."""

    once: frozenset[Pair]
    never: frozenset[Pair]
    again: frozenset[Pair]


def start(session: Session, choice: RoundsChoice, actor: str, at: datetime) -> Proposal:
    """Store the rounds' problem and queue the job that deals the RC out.

    Raises:
        ConflictError: when so few RC cannot be dealt out.
    """
    try:
        problem = build(registry.rcs(session), choice, todays_networks(session).values())
    except InvalidProblemError as error:
        fault = fault_in_words(error)
        raise ConflictError("Det går inte att ta fram bord: %(fault)s.", fault=fault) from error
    new = Proposal(
        kind=ProposalKind.ROUNDS,
        state=ProposalState.SOLVING,
        title=_titled(choice, at, Speaker("sv")),
        settings=write(choice),
        problem=write_networks(problem),
        engine_version=spine.ENGINE_VERSION,
        created_by=actor,
        created_at=at,
    )
    stored = spine.store(session, new, actor)
    spine.queue(session, ROUNDS, stored)
    return stored


def choice_of(proposal: Proposal) -> RoundsChoice:
    """Return what was chosen for a proposal."""
    return read(RoundsChoice, proposal.settings)


def title_of(proposal: Proposal, say: Speaker) -> str:
    """Return what a proposal is called, in the reader's language."""
    return _titled(choice_of(proposal), proposal.created_at, say)


def _titled(choice: RoundsChoice, at: datetime, say: Speaker) -> str:
    return say.text(
        "%(rounds)s omgångar vid bord, %(when)s", rounds=choice.rounds, when=say.moment(at)
    )


def who_meets(rounds: Rounds, rc_ids: tuple[str, ...]) -> Met:
    """Return who meets whom over all rounds."""
    tables = [table for tables in rounds for table in tables]
    sat = [frozenset(pair) for table in tables for pair in combinations(table, 2)]
    found = frozenset(sat)
    every = frozenset(frozenset(pair) for pair in combinations(rc_ids, 2))
    again = frozenset(pair for pair in found if sat.count(pair) > 1)
    return Met(found, every - found, again)


def _broken(problem: Problem, answer: RoundsAnswer) -> tuple[Violation, ...]:
    networks = tuple(
        tuple(tuple(sorted(map(problem.number, table))) for table in tables)
        for tables in answer.rounds
    )
    return violations(problem, networks)


def _settled(_proposal: Proposal, document: spine.Json) -> RoundsAnswer:
    # The engine's layers are the rounds, in their order.
    return of(RoundsAnswer, {**document, "rounds": [*document["networks"].values()]})


def _as_it_is(answer: RoundsAnswer) -> RoundsAnswer:
    return answer


ROUNDS = spine.Kind(
    name=ProposalKind.ROUNDS,
    job="rounds",
    handler="api.proposals.networks.jobs:match",
    page="/planera/bord",
    problem=read_networks,
    answer=RoundsAnswer,
    settled=_settled,
    broken=_broken,
    is_broken=later("Förslaget bryter mot en regel. Ta fram ett nytt."),
    undone=_as_it_is,
)
