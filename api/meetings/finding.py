"""Meetings as they are searched for, past and coming: by name, day, town and focus."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlmodel import Session

from api.accounts.policy import Viewer
from api.kit.clock import now
from api.kit.finding.matching import Entry
from api.kit.finding.service import Kind
from api.kit.i18n import Speaker, later
from api.meetings.models import Meeting
from api.meetings.service import FIRST_YEAR, meetings_for


def _entries(session: Session, viewer: Viewer, say: Speaker) -> Iterator[Entry]:
    at = now()
    found = meetings_for(session, viewer, datetime(FIRST_YEAR, 1, 1, tzinfo=UTC))
    yield from (_entry(one, say) for one in found if one.ends_at > at)
    yield from (_entry(one, say) for one in reversed(found) if one.ends_at <= at)


def _entry(meeting: Meeting, say: Speaker) -> Entry:
    when = f"{say.days(meeting.starts_at, meeting.ends_at)} {meeting.starts_at.year}"
    return Entry(
        say.either(meeting.name_sv, meeting.name_en),
        f"/traffar/{meeting.id}",
        f"{when}, {meeting.town}" if meeting.town else when,
        f"{say.either(meeting.focus_sv, meeting.focus_en)} {say.month_and_year(meeting.starts_at)}",
    )


MEETINGS = Kind(later("Träffar"), _entries)
