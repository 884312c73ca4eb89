"""Booking rounds: a meeting for each table of each round, those at it invited, and all taken back as one act."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Body, Function, FunctionKind
from api.kit.errors import ConflictError, MissingError
from api.meetings import groups
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, agree, can_be_unmade, create
from api.outbox.acts import Data, can_undo_by
from api.proposals import queries, spine
from api.proposals.documents import write
from api.proposals.models import Proposal, ProposalState
from api.proposals.rounds.service import ROUNDS, choice_of

UNDO = "rounds"  # the kind of step that brings a proposal back


@dataclass(frozen=True, slots=True)
class Occasions:
    """What the meetings are called and about, when each round is, and whose posts at the RC are asked."""

    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    times: tuple[tuple[datetime, datetime], ...]
    kinds: frozenset[FunctionKind]


def book(
    session: Session,
    proposal: Proposal,
    wish: Occasions,
    version: int,
    actor: str,
    at: datetime,
) -> list[Meeting]:
    """Make a meeting of each table of each round and invite those who come to it.

    Raises:
        FieldFault: when a meeting cannot be at its time.
        StaleError: when somebody booked it since `version`.
        ConflictError: when nobody would be invited to anything.
    """
    if not spine.may_publish(proposal, version, is_review_needed=False):
        return []
    answer = ROUNDS.answer_of(proposal)
    # Said first, so that it is done last of all.
    can_undo_by(session, UNDO, {"proposal": proposal.id, "state": proposal.state.value})
    coming = coming_from(session, wish.kinds)
    made: dict[str, tuple[int, int]] = {}
    found: list[Meeting] = []
    for number, (tables, span) in enumerate(zip(answer.rounds, wish.times, strict=True), 1):
        for place, table in enumerate(tables, 1):
            posts = [post for rc_id in table for post in coming.get(rc_id, ())]
            if not posts:
                continue
            where = (number, place)
            meeting = _meeting(session, wish, span, where, posts, proposal, actor, at)
            made[meeting.id] = where
            found.append(meeting)
    if not found:
        raise ConflictError(
            "Ingen i de här RC har någon av de valda funktionerna. Välj fler funktioner."
        )
    without = tuple(one for one in choice_of(proposal).rc_ids if one not in coming)
    proposal.solution = write(replace(answer, made=made, without=without))
    spine.mark_published(session, proposal, actor, at)
    return found


def coming_from(
    session: Session, kinds: Collection[FunctionKind]
) -> dict[str, tuple[Function, ...]]:
    """Return RC id -> the posts of these kinds that somebody holds there."""
    homes: dict[str, Body] = {one.id: one for one in accounts.bodies(session) if one.rc_id}
    found: dict[str, tuple[Function, ...]] = {}
    for post in groups.attending(session, [*homes.values()], None, kinds):
        if post.holder_id:
            rc_id = homes[post.body_id].rc_id or ""
            found[rc_id] = (*found.get(rc_id, ()), post)
    return found


def made_by(session: Session, proposal: Proposal) -> list[tuple[tuple[int, int], Meeting]]:
    """Return the meetings that a proposal has made, by round and table."""
    answer = ROUNDS.found(proposal)
    if answer is None:
        return []
    found = meetings.meetings_by_id(session, answer.made)
    return sorted(((answer.made[one.id], one) for one in found), key=lambda pair: pair[0])


def undo_booking(session: Session, data: Data, actor: str, _at: datetime) -> None:
    """Bring a proposal back to where it stood; its meetings have been taken away before it."""
    proposal = queries.proposal_to_change(session, str(data["proposal"]))
    if proposal is None:
        raise MissingError
    proposal.state = ProposalState(data["state"])
    proposal.published_at = None
    proposal.solution = write(replace(ROUNDS.answer_of(proposal), made={}, without=()))
    spine.save(session, proposal, "undid", actor)


def _meeting(
    session: Session,
    wish: Occasions,
    span: tuple[datetime, datetime],
    where: tuple[int, int],
    posts: Collection[Function],
    proposal: Proposal,
    actor: str,
    at: datetime,
) -> Meeting:
    number, place = where
    draft = groups.GroupDraft([one.id for one in posts], is_example=proposal.is_example)
    group = groups.make_group(session, draft, actor, at)
    groups.can_be_unmade(session, group)
    meeting = create(
        session,
        MeetingDraft(
            kind=MeetingKind.OTHER,
            group_id=group.id,
            name_sv=f"{wish.name_sv}: omgång {number}, bord {place}",
            name_en=f"{wish.name_en}: round {number}, table {place}",
            focus_sv=wish.focus_sv,
            focus_en=wish.focus_en,
            form=MeetingForm.DIGITAL,
            starts_at=span[0],
            ends_at=span[1],
            is_example=proposal.is_example,
        ),
        actor,
        at,
    )
    can_be_unmade(session, meeting)
    agree(session, meeting, at)
    return meeting
