"""Meetings as they are searched for, past and coming: by name, day, town and focus."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.meetings import queries
from api.meetings.audience import seen_by
from api.meetings.models import Meeting


def _seen(session: Session, viewer: Viewer, ids: Sequence[str]) -> list[str]:
    return [one.id for one in seen_by(session, viewer, queries.meetings_by_id(session, ids))]


def _entries(
    session: Session, _viewer: Viewer | None, say: Speaker, ids: Collection[str]
) -> dict[str, Entry]:
    return {one.id: _entry(one, say) for one in queries.meetings_by_id(session, ids)}


def _entry(meeting: Meeting, say: Speaker) -> Entry:
    when = f"{say.days(meeting.starts_at, meeting.ends_at)} {meeting.starts_at.year}"
    return Entry(
        say.either(meeting.name_sv, meeting.name_en),
        f"/traffar/{meeting.id}",
        f"{when}, {meeting.town}" if meeting.town else when,
        f"{say.either(meeting.focus_sv, meeting.focus_en)} {say.month_and_year(meeting.starts_at)}",
        meeting.starts_at,
    )


def _everybody(_viewer: Viewer) -> bool:
    return True


MEETINGS: Kind[Viewer] = Kind("meeting", later("Träffar"), _everybody, _seen, _entries)
