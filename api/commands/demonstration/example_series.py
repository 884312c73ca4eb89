"""A circle of the demonstration meets for an hour a month, with one day moved."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from api.calendar.days import holiday_name, is_squeeze_day
from api.calendar.recurrence import Every
from api.commands.demonstration.example import MARK
from api.kit.clock import from_local, to_local
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm, MeetingSeries
from api.meetings.series import SeriesDraft, create_series, moments_of
from api.meetings.service import move, rc_ids_of
from api.networks import queries as networks
from api.networks.models import Layer

AHEAD = timedelta(weeks=3)
LASTS = timedelta(days=330)
TUESDAY = 1


def make(session: Session, rc_id: str, actor: str, at: datetime) -> MeetingSeries:
    """Put up the series of the circle of RC like this one; holidays and squeeze days are left out."""
    network = next(
        one
        for one in networks.active_networks(session)
        if one.layer is Layer.LIKENESS and rc_id in rc_ids_of(session, one.id)
    )
    first = _first_tuesday(to_local(at + AHEAD).date())
    draft = SeriesDraft(
        network_id=network.id,
        name_sv=f"{MARK}: en timme i månaden",
        name_en=f"{MARK}: an hour a month",
        focus_sv="En runda om läget, och en fråga som någon vill ha hjälp med. Ingen fråga är dum.",
        focus_en="A round on how things stand, and one question to help with. None is stupid.",
        form=MeetingForm.DIGITAL,
        town="",
        starts_at=from_local(datetime.combine(first, time(13))),
        ends_at=from_local(datetime.combine(first, time(14))),
        every=Every.MONTH,
        last_day=first + LASTS,
        is_example=True,
    )
    days = [to_local(moment).date() for moment in moments_of(draft, at)]
    off = frozenset(day for day in days if holiday_name(day) or is_squeeze_day(day))
    series = create_series(session, replace(draft, left_out=off), actor, at)
    moved = meetings.meetings_of_series(session, series.id)[1]
    later = timedelta(days=1)
    move(session, moved, moved.starts_at + later, moved.ends_at + later, 1, actor, at)
    return series


def _first_tuesday(day: date) -> date:
    """Return the first Tuesday of a month, from a day on."""
    while day.weekday() != TUESDAY or day.day > 7:
        day += timedelta(days=1)
    return day
