"""Booking a year: drafts that planners alone see, then all into the calendars at once, and all taken back as one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.kit.clock import from_local
from api.kit.errors import ConflictError, MissingError
from api.meetings import queries as meetings
from api.meetings.calendars import NEUTRAL
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft, cancel, create, discard, propose
from api.networks import queries as networks
from api.outbox.acts import Data, can_undo_by
from api.proposals import queries, spine
from api.proposals.documents import write
from api.proposals.models import Proposal, ProposalState
from api.proposals.year.answer import YearAnswer
from api.proposals.year.building import CLOCKS, GROUP, KINDS, NATIONAL, NETWORK
from api.proposals.year.engine import meeting_of
from api.proposals.year.service import YEAR, judged
from matcher.dates.year.problem import Meeting as Planned
from matcher.dates.year.problem import YearProblem

UNDO = "year"  # the kind of step that brings a proposal back
FOCUS = (
    "Fokus bestäms när vi har frågat vad ni behöver.",
    "The focus is decided when we have asked what you need.",
)


@dataclass(frozen=True, slots=True)
class Made:
    """The meetings that a proposal has made and that still stand as they were made, and the others."""

    as_made: tuple[Meeting, ...]
    changed: tuple[Meeting, ...]


def draft(
    session: Session, proposal: Proposal, version: int, actor: str, at: datetime
) -> list[Meeting]:
    """Make a draft of every meeting that is not booked yet; nobody but planners sees them.

    Raises:
        ConflictError: when a rule is broken, or there are drafts already.
    """
    spine.insist_on_open(proposal, version)
    insist_on_no_drafts(proposal)
    problem, calendar, found = judged(proposal)
    if found.violations:
        raise ConflictError(YEAR.is_broken)
    answer = YEAR.answer_of(proposal)
    booked = {meeting_of(key) for key in answer.booked}
    new = sorted((day, one) for one, day in calendar.items() if one not in booked)
    made = [create(session, _draft(session, problem, one, day), actor, at) for day, one in new]
    _keep(proposal, answer, made)
    proposal.state = ProposalState.REVIEWED
    spine.save(session, proposal, "reviewed", actor)
    return made


def show(
    session: Session, proposal: Proposal, version: int, actor: str, at: datetime
) -> list[Meeting]:
    """Put every draft into the calendars of those it concerns, as a proposed meeting.

    Raises:
        ConflictError: when there are no drafts.
    """
    if not spine.may_publish(proposal, version):
        return []
    drafts = [one for one in made_by(session, proposal) if one.state == MeetingState.DRAFT]
    _can_be_undone(session, proposal, drafts)
    for one in drafts:
        propose(session, one, actor, at)
    _keep(proposal, YEAR.answer_of(proposal), drafts)
    spine.mark_published(session, proposal, actor, at)
    return drafts


def take_back(session: Session, proposal: Proposal, version: int, actor: str, at: datetime) -> Made:
    """Take back all that a proposal has made, as one: drafts vanish, what was shown is called off.

    A meeting that somebody has moved, confirmed or called off since stays as it is, and is returned.

    Raises:
        ConflictError: when nothing of it is left.
    """
    spine.insist_on_version(proposal, version)
    made = standing(session, proposal)
    if not made.as_made:
        raise ConflictError("Det finns inget att ta tillbaka.")
    was_shown = proposal.state == ProposalState.PUBLISHED
    if was_shown:
        _can_be_undone(session, proposal, made.as_made)
    for one in made.as_made:
        if one.state == MeetingState.DRAFT:
            discard(session, one, actor, at)
        else:
            cancel(session, one, one.version, actor, at)
    proposal.state = ProposalState.WITHDRAWN if was_shown else ProposalState.DRAFT
    _keep(proposal, YEAR.answer_of(proposal), [])
    spine.save(session, proposal, "withdrew" if was_shown else "undid", actor)
    return made


def undo_booking(session: Session, data: Data, actor: str, _at: datetime) -> None:
    """Bring a proposal back to where it stood; its meetings have been brought back before it."""
    proposal = queries.proposal_to_change(session, str(data["proposal"]))
    if proposal is None:
        raise MissingError
    proposal.state = ProposalState(data["state"])
    found = meetings.meetings_by_id(session, data["meetings"])
    _keep(proposal, YEAR.answer_of(proposal), found)
    spine.save(session, proposal, "undid", actor)


def _can_be_undone(session: Session, proposal: Proposal, found: Iterable[Meeting]) -> None:
    """Say how the proposal comes back; said first, so that it is done last of all."""
    data: Data = {
        "proposal": proposal.id,
        "state": proposal.state.value,
        "meetings": [one.id for one in found],
    }
    can_undo_by(session, UNDO, data)


def insist_on_no_drafts(proposal: Proposal) -> None:
    """Refuse to change a year whose meetings are made already.

    Raises:
        ConflictError: when they are.
    """
    answer = YEAR.found(proposal)
    if answer is not None and answer.made:
        raise ConflictError("Träffarna är redan utkast. Ta tillbaka dem först.")


def made_by(session: Session, proposal: Proposal) -> list[Meeting]:
    """Return the meetings that a proposal has made, earliest first."""
    answer = YEAR.found(proposal)
    return meetings.meetings_by_id(session, answer.made) if answer is not None else []


def standing(session: Session, proposal: Proposal) -> Made:
    """Return what a proposal has made: what stands as it was made, and what was changed since."""
    answer = YEAR.found(proposal)
    versions = answer.made if answer is not None else {}
    found = made_by(session, proposal)
    is_as_made = [
        one.version == versions[one.id] and one.state in {MeetingState.DRAFT, MeetingState.PROPOSED}
        for one in found
    ]
    pairs = list(zip(found, is_as_made, strict=True))
    return Made(
        tuple(one for one, same in pairs if same), tuple(one for one, same in pairs if not same)
    )


def _keep(proposal: Proposal, answer: YearAnswer, made: list[Meeting]) -> None:
    kept = replace(answer, made={one.id: one.version for one in made})
    proposal.solution = write(kept)


def _draft(session: Session, problem: YearProblem, at: Planned, day: date) -> MeetingDraft:
    series = problem.by_id[at.series]
    first, last = CLOCKS[series.part]
    network_id = at.series.removeprefix(NETWORK) if at.series.startswith(NETWORK) else None
    network = networks.network(session, network_id) if network_id else None
    if network_id and (network is None or network.ended_on is not None):
        raise ConflictError("En av kretsarna finns inte längre. Ta fram ett nytt förslag.")
    group = meetings.group(session, at.series.removeprefix(GROUP))
    if at.series.startswith(GROUP) and (group is None or not group.is_saved):
        raise ConflictError("En av grupperna finns inte längre. Ta fram ett nytt förslag.")
    kind = MeetingKind.OTHER if group else MeetingKind.NETWORK if network else KINDS[at.series]
    whose = network or group
    swedish, english = (whose.name_sv, whose.name_en) if whose else NEUTRAL[kind]
    return MeetingDraft(
        kind=kind,
        network_id=network_id,
        group_id=group.id if group else None,
        name_sv=f"{swedish}: träff {at.number}" if whose else f"{swedish} {at.number}",
        name_en=f"{english}: meeting {at.number}" if whose else f"{english} {at.number}",
        focus_sv=FOCUS[0],
        focus_en=FOCUS[1],
        form=MeetingForm.IN_PERSON if at.series == NATIONAL else MeetingForm.DIGITAL,
        starts_at=from_local(datetime.combine(day, first)),
        ends_at=from_local(datetime.combine(day + timedelta(days=series.days - 1), last)),
        state=MeetingState.DRAFT,
        is_example=whose.is_example if whose else False,
    )
