"""What a receiver has been told of an event, and so what stands in their calendar."""

import hashlib
from datetime import datetime

from sqlmodel import Session

from api.calendar import queries as calendar
from api.calendar.models import Event
from api.calendar.recurrence import last_of, same_length, until
from api.invitations import queries
from api.invitations.models import Invitation, Told


def facts_of(session: Session, event: Event) -> dict[str, str]:
    """Return what of an event is told to the invited, as text; a change of it is a new mail."""
    return {
        **_span(event),
        "status": event.status,
        "town": event.town,
        "room": event.room,
        "video_url": "" if event.is_protected else event.video_url,
        "rule": event.rule,
        "dates": _dates(session, event),
        **({"is_town_open": "yes"} if event.is_town_open else {}),
    }


def known(told: Told) -> dict[str, str]:
    """Return what somebody was told; links to video rooms were not kept at first."""
    return {"video_url": "", **told.facts} if told.facts else {}


def is_only_video(before: dict[str, str], facts: dict[str, str]) -> bool:
    """Return whether nothing but the link to the video room is another."""
    return before != facts and before | {"video_url": facts["video_url"]} == facts


def is_only_shorter(session: Session, told: dict[str, str], event: Event) -> bool:
    """Return whether nothing but later dates is gone from a series: then what was answered holds."""
    rule = told.get("rule", "")
    if not (event.rule and rule) or last_of(rule) <= last_of(event.rule):
        return False
    ended = facts_of(session, event) | {"rule": rule, "dates": _dates(session, event, rule)}
    return until(rule, last_of(event.rule)) == event.rule and ended == told


def _dates(session: Session, event: Event, rule: str = "") -> str:
    """Return a mark of a series' dates as they are, or as they were when it went on by `rule`."""
    if not event.rule:
        return ""
    last = last_of(event.rule)
    said = "|".join(
        f"{one.original_start} {_span(one)} "
        f"{event.status if rule and one.original_start and one.original_start > last else one.status}"
        for one in calendar.occurrences(session, event.id)
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def facts_in_series(told: Told, series: Event, occurrence: Event) -> dict[str, str]:
    """Return what whoever was told of a series knows of one of its dates, whatever the series is by now."""
    start, first, last = occurrence.original_start, series.starts_at, series.ends_at
    ends = same_length(start, first, last) if start and first and last else None
    return {
        "starts_at": start.isoformat() if start else "",
        "ends_at": ends.isoformat() if ends else "",
        "first_day": "",
        "last_day": "",
        **{
            name: known(told).get(name, getattr(series, name))
            for name in ("status", "town", "room", "video_url")
        },
        "rule": "",
        "dates": "",
    }


def _span(event: Event) -> dict[str, str]:
    named = ("starts_at", "ends_at", "first_day", "last_day")
    values = ((name, getattr(event, name)) for name in named)
    return {name: value.isoformat() if value else "" for name, value in values}


def ends_with_series(session: Session, event: Event, invited: Invitation, address: str) -> bool:
    """Return whether the mail about its series tells an address that this date is off: the series ended."""
    if event.series_id is None or event.is_apart or event.original_start is None:
        return False
    series = session.get_one(Event, event.series_id)
    whole = queries.of_function(session, series.id, invited.function_id)
    if whole is None or queries.told(session, whole.id, address) is None:
        return False
    return series.status == "CANCELLED" or event.original_start > last_of(series.rule)


def note(
    session: Session, event: Event, invited: Invitation, at: datetime, *, with_calendar: bool
) -> None:
    """Remember that whoever has a place has been told how the event is now; also that it is off."""
    found = _keep(session, invited, facts_of(session, event), at, with_calendar=with_calendar)
    found.is_cancelled = event.status == "CANCELLED"


def take_from_series(
    session: Session, series_place: Invitation, occurrence: Event, made: Invitation
) -> None:
    """Let a date's own place know what the mail about its series has told of that date."""
    told = queries.told(session, series_place.id, series_place.address)
    series = calendar.event(session, series_place.event_id)
    if told is None or told.is_cancelled or series is None:
        return
    is_known = told.newest >= occurrence.sequence
    before = facts_in_series(told, series, occurrence)
    facts = before
    if is_known:  # a new link to the video room is no new SEQUENCE
        facts = facts_of(session, occurrence) | {"video_url": before["video_url"]}
    _keep(session, made, facts, told.at, with_calendar=told.with_calendar)


def _keep(
    session: Session,
    invited: Invitation,
    facts: dict[str, str],
    at: datetime,
    *,
    with_calendar: bool,
) -> Told:
    found = queries.told(session, invited.id, invited.address) or Told(
        invitation_id=invited.id, address=invited.address, at=at
    )
    found.name, found.language, found.organizer = invited.name, invited.language, invited.organizer
    found.sequence, found.newest = invited.sent_sequence or 0, invited.told_sequence
    found.is_cancelled, found.with_calendar = False, with_calendar
    found.facts, found.at = facts, at
    session.add(found)
    session.flush()
    return found
