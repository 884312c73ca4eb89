"""What is asked of the one who looks, the most pressing first: never more than there is something to do about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.availability import queries as availability
from api.feeds.stance import sessions_of_others
from api.invitations.web import own as invitations
from api.meetings import queries as meetings
from api.meetings.audience import changing, concerning
from api.meetings.models import MeetingState
from api.networks import queries as networks
from api.networks.models import Network
from api.programme.reading import agenda_for
from api.proposals.visits import queries as visits

# How long after a study visit its line to the circles is asked for.
FRESH = timedelta(days=60)


class Ask(StrEnum):
    """What kind of thing is asked."""

    INVITATION = "invitation"  # answer an invitation
    POLL = "poll"  # say when you can
    PROPOSED = "proposed"  # decide on a proposed time, or find another
    PREPARE = "prepare"  # what a guest's session asks for
    LEARNT = "learnt"  # a line to the circles, after a study visit


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to do: its name in both languages, the moment it is about, and where it is done."""

    ask: Ask
    name_sv: str
    name_en: str
    at: datetime
    path: str


def asked_of(session: Session, viewer: Viewer, own: list[Network], at: datetime) -> list[Asked]:
    """Return what is asked of an RC member or a guest; the first is the one to begin with."""
    members = networks.members(session, [network.id for network in own])
    own_ids = [
        key
        for key, rows in members.items()
        if any(one.rc_id in viewer.rc_ids and one.declined_at is None for one in rows)
    ]
    found = [*_invitations(session, viewer, at), *_to_prepare(session, viewer, at)]
    polls = availability.open_polls_of(session, own_ids)
    polls += availability.open_polls_of_groups(session, viewer.function_ids)
    answered = availability.answered_by(session, [one.id for one in polls], viewer.function_ids)
    found += [
        Asked(Ask.POLL, poll.theme, poll.theme, poll.made_at, f"/tidsval/{poll.id}/svara")
        for poll in polls
        if poll.id not in answered
    ]
    ahead = [m for m in meetings.meetings(session, at) if m.state == MeetingState.PROPOSED]
    found += [
        Asked(
            Ask.PROPOSED,
            meeting.name_sv,
            meeting.name_en,
            meeting.starts_at,
            f"/natverk/{meeting.network_id}#meet"
            if meeting.network_id
            else f"/traffar/{meeting.id}#change",
        )
        for meeting in changing(session, viewer, concerning(session, viewer, ahead))
    ]
    return [*found, *_to_tell(session, viewer, at)]


def _to_tell(session: Session, viewer: Viewer, at: datetime) -> list[Asked]:
    return [
        Asked(
            Ask.LEARNT,
            meeting.name_sv,
            meeting.name_en,
            meeting.starts_at,
            f"/traffar/{meeting.id}#learnt",
        )
        for meeting in visits.made_and_untold(session, viewer.rc_ids, at - FRESH, at)
    ]


def _invitations(session: Session, viewer: Viewer, at: datetime) -> list[Asked]:
    return [
        Asked(
            Ask.INVITATION,
            event.title_sv,
            event.title_en,
            event.starts_at,
            f"/inbjudan/{invited.id}",
        )
        for invited, event in invitations.unanswered(session, viewer, at)
        if event.starts_at is not None and event.starts_at > at
    ]


def _to_prepare(session: Session, viewer: Viewer, at: datetime) -> list[Asked]:
    """Return a guest's sessions ahead that ask for something; others read theirs in the agenda."""
    if viewer.roles != {Role.GUEST}:
        return []
    lines = [one for one in agenda_for(session, viewer) if one.slot.starts_at > at]
    gone = sessions_of_others(session, viewer.person_id, {one.session.id for one in lines})
    return [
        Asked(
            Ask.PREPARE,
            one.session.title_sv,
            one.session.title_en,
            one.slot.starts_at,
            f"/traffar/{one.meeting.id}/pass/{one.session.id}",
        )
        for one in lines
        if one.session.id not in gone and one.session.preparation_sv
    ]
