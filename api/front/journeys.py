"""The journey to a meeting in a room: hours one way and nights away, for each RC that comes."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from api.accounts.policy import Viewer, may_plan
from api.kit.clock import to_local
from api.kit.i18n import Speaker, swedish_order
from api.meetings.audience import audiences
from api.meetings.models import Meeting, MeetingForm
from api.registry import queries as registry
from api.registry.facts import seat_of
from api.travel.service import travel_of
from api.travel.shipped import UnknownTownError, town
from api.travel.wording import about, stay
from matcher.geo import Point, great_circle_km
from matcher.travel import SAME_TOWN_KM


@dataclass(frozen=True, slots=True)
class JourneyLine:
    """An RC's journey in words; `ask` is where its town is entered, when nobody has."""

    name: str
    hours: str
    stay: str
    ask: str


def journeys_to(
    session: Session, viewer: Viewer, meeting: Meeting, say: Speaker
) -> tuple[JourneyLine, ...]:
    """Return the journeys to a meeting: the reader's own RC's, a circle's all, everybody's to a planner."""
    if meeting.form is MeetingForm.DIGITAL or not meeting.town:
        return ()
    try:
        place = town(meeting.town).point
    except UnknownTownError:
        return ()
    concerned = audiences(session, [meeting])[meeting.id].rc_ids
    sees_all = may_plan(viewer) or meeting.network_id is not None
    rcs = [
        rc
        for rc in registry.rcs(session)
        if (concerned is None or rc.id in concerned) and (sees_all or rc.id in viewer.home_rc_ids)
    ]
    starts, ends = to_local(meeting.starts_at), to_local(meeting.ends_at)
    days = (ends - timedelta(seconds=1)).date().toordinal() - starts.date().toordinal() + 1
    clock = starts.hour + starts.minute / 60, ends.hour + ends.minute / 60
    travel = travel_of(session)
    found = []
    for rc in sorted(rcs, key=lambda rc: swedish_order(rc.name)):
        seat = seat_of(rc)
        if seat is None:
            found.append(JourneyLine(rc.name, "", "", f"/rc/{rc.id}/andra#seat_city"))
        elif great_circle_km(Point(*seat), place) <= SAME_TOWN_KM:
            found.append(JourneyLine(rc.name, say.text("ingen resa"), "", ""))
        else:
            journey = travel.journey(Point(*seat), place)
            hours = about(journey.hours, say, journey.basis)
            found.append(JourneyLine(rc.name, hours, stay(journey.hours, *clock, say, days), ""))
    return tuple(found)
