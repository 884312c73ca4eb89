"""A forum's page: who is in it, whom to ring, when it meets, and for a planner how to book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Body, Function
from api.accounts.policy import Viewer, may_plan
from api.availability import queries as polls
from api.availability.models import Poll
from api.front.network import Contact, MeetingRow, contact, meeting_row
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, swedish_order
from api.meetings.forums import Forum, forum_for, meetings_of


@dataclass(frozen=True, slots=True)
class ForumPage:
    """Everything that a forum's page shows; `values` is what was typed."""

    key: str
    name: str
    purpose: str
    members: tuple[tuple[str, Contact], ...]  # the body's name, and whom to ring there
    meetings: tuple[MeetingRow, ...]
    may_book: bool
    polls: tuple[tuple[str, str], ...] = ()  # id and theme of those that take answers
    is_group: bool = False
    per_year: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[FieldFault, ...] = ()


def forum_page(
    session: Session,
    viewer: Viewer,
    key: str,
    say: Speaker,
    at: datetime,
    *,
    values: Mapping[str, str] | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> ForumPage:
    """Return a forum's page.

    Raises:
        MissingError: when there is none, or not for this viewer.
    """
    forum, functions = forum_for(session, viewer, key)
    return ForumPage(
        key=forum.key,
        name=forum.name if forum.group else say.text(forum.name),
        purpose=forum.purpose if forum.group else say.text(forum.purpose),
        polls=tuple((one.id, one.theme) for one in _polls(session, forum)),
        is_group=forum.group is not None,
        per_year=forum.group.per_year if forum.group else 0,
        members=_members(session, functions),
        meetings=_meetings(session, viewer, forum, say, at),
        may_book=may_plan(viewer),
        values=values or {},
        faults=faults,
    )


def _polls(session: Session, forum: Forum) -> list[Poll]:
    return polls.open_group_polls(session, forum.group.id) if forum.group else []


def _members(
    session: Session, functions: list[tuple[Function, Body]]
) -> tuple[tuple[str, Contact], ...]:
    holders = accounts.people(session, {one.holder_id for one, _ in functions if one.holder_id})
    rows = [(body.name, contact(one, holders.get(one.holder_id or ""))) for one, body in functions]
    return tuple(sorted(rows, key=lambda row: swedish_order(row[0])))


def _meetings(
    session: Session, viewer: Viewer, forum: Forum, say: Speaker, at: datetime
) -> tuple[MeetingRow, ...]:
    return tuple(
        meeting_row(session, viewer, meeting, say) for meeting in meetings_of(session, forum, at)
    )
