"""All SQL over meetings."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from api.kit.db import for_change
from api.meetings.models import (
    CoHost,
    GroupPost,
    InvitedRc,
    Meeting,
    MeetingGroup,
    MeetingKind,
    MeetingSeries,
    MeetingState,
)


def meeting(session: Session, meeting_id: str) -> Meeting | None:
    """Return a meeting."""
    return session.get(Meeting, meeting_id)


def meetings(session: Session, since: datetime) -> list[Meeting]:
    """Return the meetings that end after a moment, earliest first."""
    statement = select(Meeting).where(col(Meeting.ends_at) >= since)
    return list(session.exec(statement.order_by(col(Meeting.starts_at), Meeting.id)))


def held_from(session: Session, at: datetime) -> list[datetime]:
    """Return when each published meeting began that had ended by a moment."""
    statement = select(Meeting.starts_at).where(
        Meeting.state == MeetingState.PUBLISHED, col(Meeting.ends_at) <= at
    )
    return list(session.exec(statement))


def meetings_by_id(session: Session, ids: Collection[str]) -> list[Meeting]:
    """Return the meetings with these ids that are left, earliest first."""
    statement = select(Meeting).where(col(Meeting.id).in_(ids))
    return list(session.exec(statement.order_by(col(Meeting.starts_at), Meeting.id)))


def is_removed(session: Session, meeting: Meeting) -> bool:
    """Remove a meeting unless other rows hang on it; tell whether it is gone."""
    try:
        with session.begin_nested():
            session.exec(delete(CoHost).where(col(CoHost.meeting_id) == meeting.id))
            session.exec(delete(InvitedRc).where(col(InvitedRc.meeting_id) == meeting.id))
            session.exec(delete(Meeting).where(col(Meeting.id) == meeting.id))
    except IntegrityError:
        return False
    session.expunge(meeting)
    return True


def is_series_removed(session: Session, found: MeetingSeries) -> bool:
    """Remove a series unless other rows hang on it; tell whether it is gone."""
    try:
        with session.begin_nested():
            session.exec(delete(MeetingSeries).where(col(MeetingSeries.id) == found.id))
    except IntegrityError:
        return False
    session.expunge(found)
    return True


def meetings_of_network(session: Session, network_id: str) -> list[Meeting]:
    """Return a network's meetings, earliest first."""
    statement = select(Meeting).where(Meeting.network_id == network_id)
    return list(session.exec(statement.order_by(col(Meeting.starts_at))))


def national_meetings(session: Session) -> list[Meeting]:
    """Return the national meetings that were not called off, latest first."""
    statement = (
        select(Meeting)
        .where(Meeting.kind == MeetingKind.NATIONAL)
        .where(Meeting.state != MeetingState.CANCELLED)
    )
    return list(session.exec(statement.order_by(col(Meeting.starts_at).desc())))


def meetings_of_kind(session: Session, kind: MeetingKind, since: datetime) -> list[Meeting]:
    """Return the meetings of a kind that end after a moment, earliest first."""
    statement = select(Meeting).where(Meeting.kind == kind).where(col(Meeting.ends_at) >= since)
    return list(session.exec(statement.order_by(col(Meeting.starts_at), Meeting.id)))


def series(session: Session, series_id: str) -> MeetingSeries | None:
    """Return a series, locked until the transaction ends where the database can."""
    statement = select(MeetingSeries).where(MeetingSeries.id == series_id)
    return session.exec(for_change(session, statement)).first()


def series_of_network(session: Session, network_id: str) -> list[MeetingSeries]:
    """Return a network's series that were not called off, earliest first."""
    statement = (
        select(MeetingSeries)
        .where(MeetingSeries.network_id == network_id)
        .where(MeetingSeries.state != MeetingState.CANCELLED)
    )
    return list(session.exec(statement.order_by(col(MeetingSeries.starts_at), MeetingSeries.id)))


def meetings_of_series(session: Session, series_id: str) -> list[Meeting]:
    """Return a series' meetings in the order of its rule."""
    statement = select(Meeting).where(Meeting.series_id == series_id)
    return list(session.exec(statement.order_by(col(Meeting.original_start))))


def reasons_before(session: Session, moment: datetime) -> list[Meeting | MeetingSeries]:
    """Return what was called off with a reason and would have been over before a moment."""
    one_off = select(Meeting).where(Meeting.cancel_reason != "", col(Meeting.ends_at) < moment)
    later = aliased(Meeting)
    goes_on = select(later.id).where(later.series_id == MeetingSeries.id, later.ends_at >= moment)
    series_off = select(MeetingSeries).where(MeetingSeries.cancel_reason != "", ~goes_on.exists())
    return [*session.exec(one_off), *session.exec(series_off)]


def rc_ids_invited(session: Session, meeting_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the RC that meetings name themselves; a meeting that names none is left out."""
    statement = select(InvitedRc).where(col(InvitedRc.meeting_id).in_(meeting_ids))
    found: dict[str, set[str]] = {}
    for row in session.exec(statement):
        found.setdefault(row.meeting_id, set()).add(row.rc_id)
    return {key: frozenset(rc_ids) for key, rc_ids in found.items()}


def co_hosts(session: Session, meeting_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the posts of other agencies that hold meetings together with NCH; a meeting without any is left out."""
    statement = select(CoHost).where(col(CoHost.meeting_id).in_(meeting_ids))
    found: dict[str, set[str]] = {}
    for row in session.exec(statement):
        found.setdefault(row.meeting_id, set()).add(row.function_id)
    return {key: frozenset(ids) for key, ids in found.items()}


def co_host(session: Session, meeting_id: str, function_id: str) -> CoHost | None:
    """Return what makes a post a meeting's co-host."""
    return session.get(CoHost, (meeting_id, function_id))


def group(session: Session, group_id: str) -> MeetingGroup | None:
    """Return a group."""
    return session.get(MeetingGroup, group_id)


def saved_groups(session: Session) -> list[MeetingGroup]:
    """Return the groups that are saved to meet again, by name."""
    statement = select(MeetingGroup).where(col(MeetingGroup.is_saved))
    return list(session.exec(statement.order_by(MeetingGroup.name, MeetingGroup.id)))


def is_group_removed(session: Session, found: MeetingGroup) -> bool:
    """Remove a group unless meetings, series or polls hang on it; tell whether it is gone."""
    try:
        with session.begin_nested():
            session.exec(delete(GroupPost).where(col(GroupPost.group_id) == found.id))
            session.exec(delete(MeetingGroup).where(col(MeetingGroup.id) == found.id))
    except IntegrityError:
        return False
    session.expunge(found)
    return True


def group_posts(session: Session, group_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the posts that are in each of these groups."""
    found: dict[str, set[str]] = {one: set() for one in group_ids}
    for row in session.exec(select(GroupPost).where(col(GroupPost.group_id).in_(group_ids))):
        found[row.group_id].add(row.function_id)
    return {key: frozenset(ids) for key, ids in found.items()}


def meetings_of_group(session: Session, group_id: str, since: datetime) -> list[Meeting]:
    """Return a group's meetings that end after a moment, earliest first."""
    statement = select(Meeting).where(Meeting.group_id == group_id)
    statement = statement.where(col(Meeting.ends_at) >= since)
    return list(session.exec(statement.order_by(col(Meeting.starts_at), Meeting.id)))


def held_of_networks(session: Session) -> list[Meeting]:
    """Return the networks' meetings that their members have said took place."""
    statement = select(Meeting).where(col(Meeting.network_id).is_not(None))
    statement = statement.where(col(Meeting.was_held).is_(True))
    return list(session.exec(statement.order_by(col(Meeting.starts_at), Meeting.id)))


def over_of_groups(session: Session, at: datetime) -> list[Meeting]:
    """Return the groups' meetings that are over and were not called off, latest first."""
    statement = select(Meeting).where(col(Meeting.group_id).is_not(None))
    statement = statement.where(col(Meeting.ends_at) <= at, Meeting.state == MeetingState.PUBLISHED)
    return list(session.exec(statement.order_by(col(Meeting.starts_at).desc(), Meeting.id)))


def visits_made(session: Session) -> list[tuple[str, str]]:
    """Return the visitor and the host of every study visit that was not called off."""
    host, visitor = aliased(InvitedRc), aliased(InvitedRc)
    statement = (
        select(visitor.rc_id, host.rc_id)
        .join(host, and_(col(host.meeting_id) == visitor.meeting_id, col(host.is_host)))
        .join(Meeting, col(Meeting.id) == visitor.meeting_id)
        .where(col(visitor.is_host).is_(False))
        .where(Meeting.kind == MeetingKind.STUDY_VISIT)
        .where(Meeting.state != MeetingState.CANCELLED)
    )
    return [(one, other) for one, other in session.exec(statement)]
