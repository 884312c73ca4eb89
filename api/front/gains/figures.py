"""A year's figures for each RC: what was held, who met, what it cost in hours, and which wishes were met."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries as accounts
from api.calendar import queries as calendar
from api.invitations import queries as invitations
from api.invitations.models import Partstat, Place
from api.kit.clock import from_local, to_local
from api.kit.errors import MissingError
from api.kit.i18n import InBoth, swedish_order
from api.meetings import queries as meetings
from api.meetings.met import members_at
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.networks import queries as networks
from api.proposals import queries as proposals
from api.proposals.programme.fates import fates
from api.proposals.programme.publishing import plan_of, survey_of
from api.proposals.programme.store import frame_of, wishes_from
from api.proposals.year.load import Journeys, journeys_of
from api.registry import queries as registry
from api.registry.models import Rc
from api.travel.shipped import UnknownTownError, town


@dataclass(slots=True)
class RcYear:
    """What a year was for one RC. Hours are there and back, one person an RC."""

    rc: Rc
    national: int = 0  # national meetings that somebody of the RC said yes to
    circle: int = 0  # meetings that its circles said they held
    met: set[str] = field(default_factory=set)  # the RC that it was at one of those with
    hours: float = 0.0
    wishes: int = 0
    wishes_met: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """A meeting that somebody travelled to, and the town where its RC would have travelled least in all."""

    meeting: Meeting
    hours: float
    cheapest: str
    cheapest_hours: float
    rcs: int


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A year's figures, from its first day until today where it is not over."""

    year: int
    national: int
    national_unanswered: int  # held, but nobody's answer to an invitation is known
    held: int
    not_held: int
    unanswered: int  # nobody has said whether the circle met
    circles_met: int
    circles_today: int
    trips: tuple[Trip, ...]
    towns_unknown: tuple[
        InBoth, ...
    ]  # meetings whose town is not known, so that no journey is counted
    seats_unknown: tuple[
        str, ...
    ]  # RC whose town nobody has entered: their journeys are not counted
    rcs: tuple[RcYear, ...]
    is_example: bool


def years_with_meetings(session: Session, at: datetime) -> tuple[int, ...]:
    """Return the years in which something has been, newest first; the present one is always there."""
    found = {to_local(one).year for one in meetings.held_from(session, at)}
    return tuple(sorted(found | {to_local(at).year}, reverse=True))


def year_figures(session: Session, year: int, at: datetime) -> YearFigures:
    """Count a year; only what has ended by `at` is counted."""
    past = [
        one
        for one in meetings.meetings(session, _first_moment(year))
        if one.ends_at <= at
        and one.starts_at < _first_moment(year + 1)
        and one.state is MeetingState.PUBLISHED
    ]
    counting = _counting(session)
    national = [one for one in past if one.kind is MeetingKind.NATIONAL]
    unanswered_national = 0
    for meeting in national:
        accepted = _accepted(session, meeting, counting.homes)
        unanswered_national += not accepted
        for own in counting.of(accepted):
            own.national += 1
        counting.count(meeting, accepted)
        _count_wishes(session, meeting, counting.rcs)
    of_circles = [one for one in past if one.network_id is not None]
    held = [one for one in of_circles if one.was_held]
    rows = networks.memberships(session)
    for meeting in held:
        members = members_at(meeting, rows)
        for own in counting.of(members):
            own.circle += 1
        counting.count(meeting, members)
    return YearFigures(
        year=year,
        national=len(national),
        national_unanswered=unanswered_national,
        held=len(held),
        not_held=sum(one.was_held is False for one in of_circles),
        unanswered=sum(one.was_held is None for one in of_circles),
        circles_met=len({one.network_id for one in held}),
        circles_today=len(networks.active_networks(session)),
        trips=tuple(counting.trips),
        towns_unknown=tuple(counting.towns_unknown),
        seats_unknown=tuple(sorted(counting.seats_unknown, key=swedish_order)),
        rcs=tuple(counting.rcs.values()),
        is_example=any(one.is_example for one in past),
    )


@dataclass(slots=True)
class _Counting:
    """The year as it is being counted: who met whom, and who travelled how far."""

    rcs: dict[str, RcYear]
    journeys: Journeys
    homes: Mapping[str, str | None]  # body -> its RC
    trips: list[Trip] = field(default_factory=list)
    towns_unknown: list[InBoth] = field(default_factory=list)
    seats_unknown: set[str] = field(default_factory=set)

    def of(self, rc_ids: Collection[str]) -> list[RcYear]:
        """Return the years of those RC that are still in the register."""
        return [self.rcs[one] for one in sorted(rc_ids) if one in self.rcs]

    def count(self, meeting: Meeting, rc_ids: Collection[str]) -> None:
        """Count that these RC were together, and their journeys where there was one."""
        there = self.of(rc_ids)
        for own in there:
            own.met.update(one.rc.id for one in there if one is not own)
        if meeting.form is MeetingForm.DIGITAL or not there:
            return
        try:
            goal = town(meeting.town).name
        except UnknownTownError:
            self.towns_unknown.append(InBoth(meeting.name_sv, meeting.name_en))
            return
        seats = self.journeys.seats
        self.seats_unknown.update(one.rc.name for one in there if one.rc.id not in seats)
        travelling = [one for one in there if one.rc.id in seats]
        for own in travelling:
            own.hours += self.journeys.of_rc(own.rc.id, goal) or 0.0
        if travelling:
            self.trips.append(self._trip(meeting, goal, [one.rc.id for one in travelling]))

    def _trip(self, meeting: Meeting, goal: str, rc_ids: Collection[str]) -> Trip:
        """Compare the meeting's town with every town where a meeting can be placed."""
        totals = {
            name: sum(self.journeys.of_rc(one, name) or 0.0 for one in rc_ids)
            for name in {*self.journeys.towns, goal}
        }
        cheapest = min(totals, key=lambda name: (totals[name], name != goal, name))
        shown = meeting.town if cheapest == goal else cheapest
        return Trip(meeting, totals[goal], shown, totals[cheapest], len(rc_ids))


def _counting(session: Session) -> _Counting:
    rcs = {rc.id: RcYear(rc) for rc in registry.rcs(session)}
    homes = {body.id: body.rc_id for body in accounts.bodies(session)}
    return _Counting(rcs, journeys_of(session), homes)


def span_of(year: int) -> tuple[datetime, datetime]:
    """Return the first moment of a year here and that of the next."""
    return _first_moment(year), _first_moment(year + 1)


def _first_moment(year: int) -> datetime:
    return from_local(datetime(year, 1, 1))  # noqa: DTZ001 - local, made aware here


def _accepted(session: Session, meeting: Meeting, homes: Mapping[str, str | None]) -> set[str]:
    """Return the RC of which somebody has said yes to a meeting."""
    event = calendar.event_of(session, "meeting", meeting.id)
    if event is None:
        return set()
    coming = {
        one.function_id
        for one in invitations.of_event(session, event.id)
        if one.place is Place.INVITED and one.partstat is Partstat.ACCEPTED
    }
    found = (homes.get(one.body_id) for one in invitations.functions(session, coming))
    return {home for home in found if home}


def _count_wishes(session: Session, meeting: Meeting, rcs: dict[str, RcYear]) -> None:
    """Count the wishes before a meeting that became a session with somebody of the RC in it."""
    proposal = proposals.newest_published(session, meeting.id)
    if proposal is None or not survey_of(proposal):
        return
    try:
        wishes = wishes_from(session, survey_of(proposal))
    except MissingError:  # the survey's answers are erased by now
        return
    for one in fates(wishes, plan_of(session, proposal), frame_of(proposal)):
        if one.rc_id in rcs:
            rcs[one.rc_id].wishes += 1
            rcs[one.rc_id].wishes_met += one.fate == "there"
