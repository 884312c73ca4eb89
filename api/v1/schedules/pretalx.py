"""The schedule as JSON, as pretalx and frab export it (schema c3voc schedule); `samkrets` holds what is ours alone."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.kit.clock import to_local
from api.kit.errors import FieldFault
from api.v1.schedules.schedule import Hall, Line, Schedule, Span, Talk

MOST_TALKS = 200
ZONE = "Europe/Stockholm"


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Person(_Read):
    name: str = ""
    public_name: str = ""


class _Event(_Read):
    guid: str = ""
    title: Annotated[str, Field(min_length=1, max_length=300)]
    date: datetime
    duration: Annotated[str, Field(pattern=r"^\d{1,2}:\d{2}(:\d{2})?$")]
    room: str | None = ""
    track: str | None = ""
    type: str | None = ""
    abstract: str | None = ""
    url: str | None = ""
    persons: list[_Person] = []
    samkrets: dict[str, str] = {}


class _Day(_Read):
    rooms: dict[str, list[_Event]] = {}


class _Room(_Read):
    name: str
    capacity: int | None = None
    samkrets: dict[str, bool] = {}


class _Track(_Read):
    name: str | dict[str, str]
    samkrets: dict[str, str] = {}


class _Span(_Read):
    key: str
    starts_at: datetime
    ends_at: datetime
    is_break: bool = False
    name: str = ""
    name_en: str = ""


class _Conference(_Read):
    title: str
    acronym: str = ""
    rooms: list[_Room] = []
    tracks: list[_Track] = []
    days: list[_Day]


class _Own(_Read):
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    spans: list[_Span] = []
    is_example: bool = False


class _Schedule(_Read):
    conference: _Conference
    samkrets: _Own = _Own()


class _Document(_Read):
    schedule: _Schedule


def write(schedule: Schedule) -> bytes:
    """Return a schedule as JSON."""
    days = [_day(schedule, number, day) for number, day in enumerate(_days(schedule), 1)]
    own = {
        "starts_at": schedule.starts_at.isoformat(),
        "ends_at": schedule.ends_at.isoformat(),
        "is_example": schedule.is_example,
        "spans": [
            {
                "key": one.key,
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "is_break": one.is_break,
                "name": one.name,
                "name_en": one.name_en,
            }
            for one in schedule.spans
        ],
    }
    document = {
        "$schema": "https://c3voc.de/schedule/schema.json",
        "generator": {"name": "samkrets"},
        "schedule": {
            "version": "1",
            "base_url": "",
            "conference": {
                "acronym": schedule.id,
                "title": schedule.title,
                "start": str(to_local(schedule.starts_at).date()),
                "end": str(to_local(schedule.ends_at).date()),
                "daysCount": len(days),
                "timeslot_duration": "00:05",
                "time_zone_name": ZONE,
                "rooms": [
                    {
                        "name": one.name,
                        "capacity": one.seats or None,
                        "samkrets": {"is_digital": one.is_digital},
                    }
                    for one in schedule.halls
                ],
                "tracks": [
                    {"name": one.name, "samkrets": {"name_en": one.name_en, "focus": one.focus}}
                    for one in schedule.tracks
                ],
                "days": days,
            },
            "samkrets": own,
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def read(octets: bytes) -> Schedule:
    """Return the schedule in a JSON document of pretalx, frab or ours.

    Raises:
        FieldFault: when it is none, naming where it breaks off.
    """
    try:
        found = _Document.model_validate_json(octets).schedule
    except ValidationError as error:
        fault = error.errors()[0]
        where = "/".join(map(str, fault["loc"])) or "–"
        raise FieldFault(
            "file", "Filen är inget schema som går att läsa: fel vid %(where)s.", where=where
        ) from error
    talks = tuple(
        sorted(
            (
                _talk(event, room)
                for day in found.conference.days
                for room, events in day.rooms.items()
                for event in events
            ),
            key=lambda one: (one.starts_at, one.room, one.title),
        )
    )
    return checked(
        Schedule(
            id=found.conference.acronym,
            title=found.conference.title,
            starts_at=found.samkrets.starts_at or min(one.starts_at for one in talks),
            ends_at=found.samkrets.ends_at or max(one.ends_at for one in talks),
            halls=tuple(
                Hall(one.name, one.capacity or 0, one.samkrets.get("is_digital", False))
                for one in found.conference.rooms
            ),
            tracks=tuple(_line(one) for one in found.conference.tracks),
            talks=talks,
            spans=tuple(Span(**one.model_dump()) for one in found.samkrets.spans),
            is_example=found.samkrets.is_example,
        )
        if talks
        else None
    )


def checked(schedule: Schedule | None) -> Schedule:
    """Return a schedule that is one.

    Raises:
        FieldFault: when it has no talk, more than a programme can have, or a time without a zone.
    """
    if schedule is None:
        raise FieldFault("file", "Filen innehåller inga pass.")
    if len(schedule.talks) > MOST_TALKS:
        raise FieldFault("file", "Ett program kan ha högst %(most)s pass.", most=MOST_TALKS)
    moments = [schedule.starts_at, schedule.ends_at, *(one.starts_at for one in schedule.talks)]
    moments += [one for span in schedule.spans for one in (span.starts_at, span.ends_at)]
    if any(one.tzinfo is None for one in moments):
        raise FieldFault("file", "En tid i filen saknar tidszon.")
    return schedule


def clock(minutes: int) -> str:
    """Return a length as the formats have it: 01:30."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes_of(text: str) -> int:
    """Return the minutes of 01:30 or 01:30:00."""
    hours, minutes = text.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _days(schedule: Schedule) -> list[date]:
    return sorted({to_local(one.starts_at).date() for one in schedule.talks})


def _day(schedule: Schedule, number: int, day: date) -> dict[str, Any]:
    rooms: dict[str, list[dict[str, Any]]] = {}
    for talk in schedule.talks:
        if to_local(talk.starts_at).date() == day:
            rooms.setdefault(talk.room, []).append(_event(talk))
    begin = to_local(schedule.starts_at).replace(
        year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
    )
    return {
        "index": number,
        "date": str(day),
        "day_start": begin.isoformat(),
        "day_end": (begin + timedelta(days=1)).isoformat(),
        "rooms": rooms,
    }


def _event(talk: Talk) -> dict[str, Any]:
    local = to_local(talk.starts_at)
    return {
        "guid": talk.guid,
        "date": local.isoformat(),
        "start": f"{local:%H:%M}",
        "duration": clock(talk.minutes),
        "room": talk.room,
        "track": talk.track,
        "title": talk.title,
        "subtitle": "",
        "type": talk.type,
        "language": "sv",
        "abstract": talk.abstract,
        "description": talk.own.get("task_sv", ""),
        "url": talk.link,
        "persons": [{"name": talk.leader, "public_name": talk.leader}] if talk.leader else [],
        "links": [],
        "attachments": [],
        "samkrets": dict(talk.own),
    }


def _talk(event: _Event, room: str) -> Talk:
    return Talk(
        guid=event.guid,
        title=event.title,
        starts_at=event.date,
        minutes=minutes_of(event.duration),
        room=event.room or room,
        track=event.track or "",
        type=event.type or "",
        abstract=event.abstract or "",
        leader=", ".join(filter(None, (one.public_name or one.name for one in event.persons))),
        link=event.url if event.samkrets and event.url else "",
        own=event.samkrets,
    )


def _line(track: _Track) -> Line:
    name: str | Mapping[str, str] = track.name
    shown = name if isinstance(name, str) else next(iter(name.values()), "")
    return Line(shown, track.samkrets.get("name_en", ""), track.samkrets.get("focus", ""))
