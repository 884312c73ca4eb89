"""The schedule as JSON, as pretalx and frab export it (schema c3voc schedule); `samkrets` holds what is ours alone."""

import json
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from api.kit.clock import to_local
from api.kit.i18n import Said, later
from api.kit.table_file import CellFault, TableFileError
from api.programme.outlines import LONGEST, SHORTEST
from api.programme.schedules.faults import LENGTH, MOST_TOLD, NOTHING, not_read, of_document
from api.programme.schedules.schedule import YEARS, Hall, Line, Schedule, Span, Talk

ZONE = "Europe/Stockholm"


def _one_of(value: object) -> object:
    """Return a text that is given in several languages in the first of Swedish, English and any."""
    if not isinstance(value, dict):
        return value
    return value.get("sv") or value.get("en") or next(iter(value.values()), "")


Words = Annotated[str, BeforeValidator(_one_of)]
Title = Annotated[
    str,
    BeforeValidator(_one_of),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
]


def _reachable(found: datetime) -> datetime:
    if found.year not in YEARS:
        raise PydanticCustomError("datetime_year", "a year that can be reckoned with")
    return found


Moment = Annotated[AwareDatetime, AfterValidator(_reachable)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Person(_Read):
    name: str | None = ""
    public_name: str | None = ""


class _Event(_Read):
    guid: str = ""
    title: Title
    date: Moment
    duration: Annotated[str, Field(pattern=r"^\d{1,2}:\d{2}(:\d{2})?$")]
    room: Words | None = ""
    track: Words | None = ""
    type: Words | None = ""
    abstract: Words | None = ""
    url: str | None = ""
    persons: list[_Person] = []
    samkrets: dict[str, str] = {}


class _Day(_Read):
    rooms: dict[str, list[_Event]] = {}


class _Room(_Read):
    name: Words
    capacity: int | None = None
    samkrets: dict[str, bool] = {}


class _Track(_Read):
    name: Words
    samkrets: dict[str, str] = {}


class _Span(_Read):
    key: str
    starts_at: Moment
    ends_at: Moment
    is_break: bool = False
    name: str = ""
    name_en: str = ""


class _Conference(_Read):
    title: Words
    acronym: str = ""
    rooms: list[_Room] = []
    tracks: list[_Track] = []
    days: list[_Day]


class _Own(_Read):
    starts_at: Moment | None = None
    ends_at: Moment | None = None
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
        TableFileError: naming each talk and field that cannot be used.
    """
    try:
        document = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise not_read(error, Said(later("ett schema som JSON"))) from error
    return read_document(document)


def read_document(document: Any) -> Schedule:  # noqa: ANN401 - parsed JSON
    """Return the schedule in a document that is parsed already.

    Raises:
        TableFileError: naming each talk and field that cannot be used.
    """
    try:
        found = _Document.model_validate(document).schedule
    except ValidationError as error:
        raise of_document(error, document) from error
    read_talks = [
        _talk(event, room)
        for day in found.conference.days
        for room, events in day.rooms.items()
        for event in events
    ]
    faults = [
        CellFault(number, "duration", clock(one.minutes), LENGTH)
        for number, one in enumerate(read_talks, 1)
        if not SHORTEST <= one.minutes <= LONGEST
    ]
    if faults or not read_talks:
        none = CellFault(0, "", NOTHING, Said(later("minst ett pass")))
        raise TableFileError(*(faults[:MOST_TOLD] or [none]))
    talks = tuple(sorted(read_talks, key=lambda one: (one.starts_at, one.room, one.title)))
    return Schedule(
        id=found.conference.acronym,
        title=found.conference.title,
        starts_at=found.samkrets.starts_at or min(one.starts_at for one in talks),
        ends_at=found.samkrets.ends_at or max(one.ends_at for one in talks),
        halls=tuple(
            Hall(one.name, one.capacity or 0, one.samkrets.get("is_digital", False))
            for one in found.conference.rooms
        ),
        tracks=tuple(
            Line(one.name, one.samkrets.get("name_en", ""), one.samkrets.get("focus", ""))
            for one in found.conference.tracks
        ),
        talks=talks,
        spans=tuple(Span(**one.model_dump()) for one in found.samkrets.spans),
        is_example=found.samkrets.is_example,
    )


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
        leader=", ".join(
            filter(None, (one.public_name or one.name or "" for one in event.persons))
        ),
        link=event.url if event.samkrets and event.url else "",
        own=event.samkrets,
    )
