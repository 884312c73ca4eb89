"""The one life of every proposal: stored with its problem, answered, changed by hand and back, reviewed, published.

Each kind says in a `Kind` what is its own: how its problem and answer read, which rules it breaks,
how the latest change is taken back. States change here alone, each save as the row's next version,
and the database decides in the statement which of two wins.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version as version_of
from typing import Any, Generic, Protocol, TypeVar

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.audit.service import SYSTEM, record
from api.jobs.service import JobFinished, submit
from api.kit.db import lock
from api.kit.errors import ConflictError, MissingError, StaleError
from api.proposals import queries
from api.proposals.documents import of, read, write
from api.proposals.models import Proposal, ProposalKind, ProposalState
from matcher.proof import Violation
from matcher.requirement import Requirement

Json = dict[str, Any]

CAN_BE_REVIEWED = frozenset({ProposalState.DRAFT, ProposalState.REVIEWED})
ENGINE_VERSION = version_of("samkrets")
MOST_UNDONE = 50


class Answer(Protocol):
    """An engine's answer as it is kept: at least the changes by hand that can be taken back."""

    @property
    def past(self) -> tuple[Any, ...]:
        """What each change by hand replaced, the latest last."""


P = TypeVar("P")
A = TypeVar("A", bound=Answer)
Step = TypeVar("Step")
OnJob = Callable[[Session, Proposal, Mapping[str, object]], None]


@dataclass(frozen=True, slots=True)
class Kind(Generic[P, A]):
    """What is a kind's own.

    job, handler: the kind of job that answers, and the function that runs it, "module:function".
    page: the path of its proposals' pages. problem: reads a stored problem, each text once.
    settled: what is kept of the engine's document, with the proposal's settings at hand.
    broken: the rules that an answer breaks. is_broken: what is then said.
    undone: an answer without its latest change. redone: an answer with the change that was taken back last, where
    there is a way forward too. others: its other jobs, with their handlers.
    """

    name: ProposalKind
    job: str
    handler: str
    page: str
    problem: Callable[[str], P]
    answer: type[A]
    settled: Callable[[Proposal, Json], A]
    broken: Callable[[P, A], tuple[Violation, ...]]
    is_broken: str
    undone: Callable[[A], A]
    redone: Callable[[A], A] | None = None
    others: Mapping[str, tuple[str, OnJob]] = field(default_factory=dict)

    def problem_of(self, proposal: Proposal) -> P:
        """Return the problem that a proposal was made for."""
        return self.problem(proposal.problem)

    def found(self, proposal: Proposal) -> A | None:
        """Return a proposal's answer, None where there is none."""
        return None if proposal.solution is None else read(self.answer, proposal.solution)

    def answer_of(self, proposal: Proposal) -> A:
        """Return a proposal's answer.

        Raises:
            ConflictError: while it is worked out, or when its rules cannot all hold.
        """
        answer = self.found(proposal)
        if answer is None:
            raise ConflictError("Förslaget är inte klart än.")
        return answer


AnyKind = Kind[Any, Any]


def store(session: Session, new: Proposal, actor: str) -> Proposal:
    """Store a proposal that waits for its answer."""
    session.add(new)
    session.flush()
    record(session, actor, "proposed", ("proposal", new.id), after={"title": new.title})
    return new


def queue(
    session: Session, kind: AnyKind, proposal: Proposal, more: Mapping[str, object] | None = None
) -> None:
    """Queue the job that answers a proposal; `more` is what its handler needs besides the problem (`kinds.given`)."""
    payload: dict[str, object] = {
        "seconds": proposal.time_limit_s,
        "seed": proposal.seed,
        "proposal": proposal.id,
        **(more or {}),
    }
    page = f"{kind.page}/{proposal.id}"
    by = proposal.created_by
    job = submit(session, kind.job, payload, proposal.id, requested_by=by, page=page)
    proposal.job_id = job.id
    session.add(proposal)
    session.flush()


def on_job_finished(session: Session, kind: AnyKind, news: JobFinished) -> None:
    """Take a job's answer into its proposal; without any, the proposal is withdrawn.

    Where the wishes cannot all hold, the smallest set of them that clashes is kept.
    """
    proposal_id = str(news.payload.get("proposal", ""))
    if news.kind in kind.others:
        proposal = queries.proposal(session, proposal_id)
        if proposal is not None and news.result is not None:
            kind.others[news.kind][1](session, proposal, news.result)
        return
    proposal = queries.proposal_to_change(session, proposal_id)
    if proposal is None or proposal.state != ProposalState.SOLVING:
        return
    if news.result is None:
        proposal.state = ProposalState.WITHDRAWN
        save(session, proposal, "failed", SYSTEM)
    elif "conflict" in news.result:
        proposal.conflict = json.dumps(news.result["conflict"], ensure_ascii=False)
        proposal.state = ProposalState.WITHDRAWN
        save(session, proposal, "found impossible", SYSTEM)
    else:
        take_answer(session, kind, proposal, news.result)


def conflict_of(proposal: Proposal) -> tuple[Requirement, ...]:
    """Return the requirements of a proposal that cannot all hold; none where it has an answer.

    Of what was stored before they were records, a programme's are read; the others were sentences,
    which nothing reads.
    """
    kept = json.loads(proposal.conflict) if proposal.conflict else []
    return tuple(_requirement(one) for one in kept if isinstance(one, dict))


def _requirement(kept: Json) -> Requirement:
    if "rule" in kept:
        return of(Requirement, kept)
    rule, subjects = str(kept["kind"]), tuple(kept["subjects"])
    if rule in {"window", "too_long"}:
        return Requirement(rule, subjects[:1], (float(subjects[1]),))
    return Requirement(rule, subjects, note=str(kept["text"]))


def take_answer(
    session: Session, kind: AnyKind, proposal: Proposal, document: Mapping[str, object]
) -> None:
    """Keep the engine's answer: the proposal is now a draft that a planner can look at.

    Raises:
        ConflictError: when the proposal already has an answer or was withdrawn.
    """
    if proposal.state != ProposalState.SOLVING:
        raise ConflictError("Förslaget är redan klart.")
    proposal.solution = write(kind.settled(proposal, dict(document)))
    proposal.state = ProposalState.DRAFT
    save(session, proposal, "solved", SYSTEM)


def proposal_for(
    session: Session, viewer: Viewer | None, kind: ProposalKind, proposal_id: str
) -> Proposal:
    """Return a proposal of a kind to a planner.

    Raises:
        MissingError: when there is none, or the viewer is no planner.
    """
    insist(may_plan(viewer))
    found = queries.proposal(session, proposal_id)
    if found is None or found.kind != kind:
        raise MissingError
    return found


def proposals_for(session: Session, viewer: Viewer | None, kind: ProposalKind) -> list[Proposal]:
    """Return the proposals of a kind to a planner, newest first.

    Raises:
        MissingError: when the viewer is no planner.
    """
    insist(may_plan(viewer))
    return queries.proposals(session, kind)


def pushed(past: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    """Return what can be taken back after one more change by hand."""
    return (*past, step)[-MOST_UNDONE:]


def keep(session: Session, proposal: Proposal, answer: Answer, actor: str) -> None:
    """Write a changed answer: what was reviewed is a draft again."""
    proposal.solution = write(answer)
    proposal.state = ProposalState.DRAFT
    save(session, proposal, None, actor)


def _as_made(_answer: A, changed: A) -> A:
    return changed


def undo(
    session: Session,
    kind: Kind[P, A],
    proposal: Proposal,
    version: int,
    actor: str,
    along: Callable[[A, A], A] = _as_made,
) -> A:
    """Take back the latest change by hand, and return the answer that held it.

    along: what else goes back with it, told the answer before and after; it returns the one to keep.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when nothing was changed.
    """
    insist_on_open(proposal, version)
    answer = kind.answer_of(proposal)
    if not answer.past:
        raise ConflictError("Det finns inget att ångra.")
    changed = along(answer, kind.undone(answer))
    record(session, actor, "undid", ("proposal", proposal.id))
    keep(session, proposal, changed, actor)
    return answer


def redo(
    session: Session,
    kind: Kind[P, A],
    proposal: Proposal,
    version: int,
    actor: str,
    along: Callable[[A, A], A] = _as_made,
) -> A:
    """Make the change again that was taken back last, and return the answer before that.

    along: as for `undo`.

    Raises:
        StaleError: when somebody changed the draft since `version`.
        ConflictError: when nothing was taken back, or something was changed since.
    """
    insist_on_open(proposal, version)
    answer = kind.answer_of(proposal)
    if kind.redone is None or not getattr(answer, "future", ()):
        raise ConflictError("Det finns inget att göra om.")
    changed = along(answer, kind.redone(answer))
    record(session, actor, "redid", ("proposal", proposal.id))
    keep(session, proposal, changed, actor)
    return answer


def review(session: Session, kind: AnyKind, proposal: Proposal, version: int, actor: str) -> None:
    """Mark a draft as looked at; only then can it be published.

    Raises:
        ConflictError: when it breaks a rule.
    """
    insist_on_open(proposal, version)
    if kind.broken(kind.problem_of(proposal), kind.answer_of(proposal)):
        raise ConflictError(kind.is_broken)
    proposal.state = ProposalState.REVIEWED
    save(session, proposal, "reviewed", actor)


def may_publish(proposal: Proposal, version: int, *, is_review_needed: bool = True) -> bool:
    """Whether there is anything to publish; publishing again changes nothing.

    Raises:
        StaleError: when somebody saved it since `version`, by publishing it too.
        ConflictError: when it has not been reviewed, or was put aside.
    """
    insist_on_version(proposal, version)
    if proposal.state == ProposalState.PUBLISHED:
        return False
    if is_review_needed and proposal.state != ProposalState.REVIEWED:
        raise ConflictError("Granska förslaget innan du publicerar det.")
    insist_on_open(proposal, version)
    return True


def mark_published(
    session: Session, proposal: Proposal, actor: str, at: datetime, action: str | None = "published"
) -> None:
    """Freeze a proposal: from here on it never changes."""
    proposal.state = ProposalState.PUBLISHED
    proposal.published_at = at
    save(session, proposal, action, actor)


def withdraw(session: Session, proposal: Proposal, version: int, actor: str) -> None:
    """Put a proposal aside; a published one stays."""
    insist_on_open(proposal, version)
    proposal.state = ProposalState.WITHDRAWN
    save(session, proposal, "withdrew", actor)


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
