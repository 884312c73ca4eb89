"""Meetings follow what they rest on: a network's members and end, and functions that are new."""

from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts.news import AccountsChanged
from api.calendar.models import ScopeKind
from api.calendar.service import Scope, Subject, put_audience
from api.kit.clock import from_local, now, to_local
from api.meetings import queries
from api.meetings.audience import audience_of_network
from api.meetings.calendars import series_subject, series_to_calendars, to_calendars
from api.meetings.ending import end_from
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingSeries, MeetingState
from api.meetings.service import (
    DIGITAL_HOURS,
    IN_PERSON_HOURS,
    NOTICE,
    MeetingDraft,
    cancel,
    create,
    first_free_week,
    rc_ids_of,
)
from api.networks import queries as networks
from api.networks.models import NetworkForm
from api.networks.service import CircleAnswered, NetworkEnded, NetworkPublished, NetworkRenamed
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.travel.service import hours_between, travel_of
from matcher.travel import steps

FIRST_MEETING_FOCUS = (
    "Lär känna varandra: en runda om läget hos var och en, och en fråga som ni vill ha hjälp med.",
    "Get to know each other: a round on how things stand, and one question you want help with.",
)


def propose_first_meeting(
    session: Session, news: NetworkPublished, towns: dict[str, str], at: datetime
) -> Meeting | None:
    """Propose a new network's first meeting: in person where all are near, else digital.

    `towns` names each RC's town; the meeting is proposed in the one that takes least travel in all.
    A network that has a meeting to come keeps it, with its new members.
    """
    network = networks.network(session, news.network_id)
    if network is None:
        return None
    every = queries.meetings_of_network(session, network.id)
    upcoming = [
        meeting
        for meeting in every
        if meeting.starts_at > at and meeting.state != MeetingState.CANCELLED
    ]
    _renew(session, upcoming, at)
    _show_to_members(session, network.id, [one for one in every if one not in upcoming])
    if upcoming:
        return None
    rc_ids = rc_ids_of(session, network.id)
    near = network.form == NetworkForm.IN_PERSON
    day = first_free_week(session, rc_ids, to_local(at + NOTICE).date())
    first_hour, last_hour = IN_PERSON_HOURS if near else DIGITAL_HOURS
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local, made aware below
    draft = MeetingDraft(
        kind=MeetingKind.NETWORK,
        network_id=network.id,
        name_sv=f"{network.name_sv}: första träffen",
        name_en=f"{network.name_en}: first meeting",
        focus_sv=FIRST_MEETING_FOCUS[0],
        focus_en=FIRST_MEETING_FOCUS[1],
        form=MeetingForm.IN_PERSON if near else MeetingForm.DIGITAL,
        town=towns[least_travel(session, rc_ids)] if near else "",
        starts_at=from_local(midnight + timedelta(hours=first_hour)),
        ends_at=from_local(midnight + timedelta(hours=last_hour)),
        state=MeetingState.PROPOSED,
        is_example=network.is_example,
    )
    return create(session, draft, "system", at)


def least_travel(session: Session, rc_ids: tuple[str, ...]) -> str:
    """Return the member whose town takes least travel of all; within the margin, the shorter longest."""
    rcs = registry.rcs_by_id(session, rc_ids)
    hours = hours_between(travel_of(session), {rc.id: s for rc in rcs if (s := seat_of(rc))})
    known = sorted({one for pair in hours for one in pair})
    if not known:
        return rc_ids[0]
    to = {one: [spent for pair, spent in hours.items() if one in pair] for one in known}
    step = steps(round(sum(spent), 6) for spent in to.values())
    return min(
        known, key=lambda one: (step[round(sum(to[one]), 6)], max(to[one]), sum(to[one]), one)
    )


def cancel_meetings_of(session: Session, news: NetworkEnded, at: datetime) -> None:
    """Call off what a network that ended had planned; a series as a whole, before its meetings."""
    for series in queries.series_of_network(session, news.network_id):
        end_from(session, series, to_local(at).date(), "system", at)
    for meeting in queries.meetings_of_network(session, news.network_id):
        if meeting.starts_at > at and meeting.state != MeetingState.CANCELLED:
            cancel(session, meeting, meeting.version, "system", at)


def on_network_published(session: Session, news: NetworkPublished) -> None:
    """Propose the first meeting of a network that was just published."""
    members = registry.rcs_by_id(session, rc_ids_of(session, news.network_id))
    towns = {rc.id: rc.seat_city or "" for rc in members}
    propose_first_meeting(session, news, towns, now())


def on_circle_answered(session: Session, news: CircleAnswered) -> None:
    """Take what a circle has ahead out of the calendars of an RC that said no, or put it back."""
    ahead = [
        one
        for one in queries.meetings_of_network(session, news.network_id)
        if one.ends_at > news.at and one.state is not MeetingState.CANCELLED
    ]
    _renew(session, ahead, news.at)


def on_network_renamed(session: Session, news: NetworkRenamed) -> None:
    """Let what a network has ahead go by its new name, in its pages and in all calendars."""
    network = networks.network(session, news.network_id)
    if network is None:
        return
    at = now()
    ahead = [
        one
        for one in queries.meetings_of_network(session, network.id)
        if one.starts_at > at and one.state != MeetingState.CANCELLED
    ]
    named: list[Meeting | MeetingSeries] = [*ahead]
    named += queries.series_of_network(session, network.id)
    for one in named:
        one.name_sv = _renamed(one.name_sv, news.former.swedish, network.name_sv)
        one.name_en = _renamed(one.name_en, news.former.english, network.name_en)
        session.add(one)
    session.flush()
    _renew(session, ahead, at)


def _renamed(name: str, former: str, new: str) -> str:
    return f"{new}{name.removeprefix(former)}" if name.startswith(former) else name


def on_network_ended(session: Session, news: NetworkEnded) -> None:
    """Call off the meetings of a network that is no more."""
    cancel_meetings_of(session, news, now())


def on_accounts_changed(session: Session, news: AccountsChanged) -> None:
    """Put what is ahead into the calendar of a function that is new, or new in its body."""
    if news.subject[0] != "function" or news.action not in {"created", "moved"}:
        return
    at = now()
    ahead = queries.meetings(session, at)
    standing = {MeetingState.PROPOSED, MeetingState.PUBLISHED}
    _renew(session, [meeting for meeting in ahead if meeting.state in standing], at)


def _renew(session: Session, ahead: list[Meeting], at: datetime) -> None:
    """Bring meetings, and the series they are of, into the calendars of those they now concern."""
    for series_id in sorted({meeting.series_id for meeting in ahead if meeting.series_id}):
        series = queries.series(session, series_id)
        if series is not None:
            series_to_calendars(session, series, at)
    for meeting in ahead:
        to_calendars(session, meeting, at)


def _show_to_members(session: Session, network_id: str, past: list[Meeting]) -> None:
    """Put what was, or is off, into the calendars of those who may see it now, and of nobody else."""
    audience = audience_of_network(session, network_id)
    for series_id in sorted({meeting.series_id for meeting in past if meeting.series_id}):
        put_audience(session, series_subject(series_id), audience)
    for meeting in past:
        own = Scope(ScopeKind.MEETING, meeting.id)
        put_audience(session, Subject("meeting", meeting.id), audience | {own})
