"""A programme as a schedule: what every format says of it, from what is published and to what is planned from."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import zip_longest

from api.kit.clock import from_local
from api.meetings.models import Meeting
from api.programme.content import (
    OWN_TIME,
    ProgrammePlan,
    RoomPlan,
    SessionPlan,
    SlotPlan,
    TrackPlan,
    is_own_time,
    own_time,
)
from api.programme.models import Focus
from api.programme.queries import Programme
from api.programme.reading import lines
from api.programme.words import format_named

KEY = re.compile(r"[\w-]{1,80}")  # of a session: a part of its form's address
# What we say of a session and other programs do not know: carried along, and read again.
OWN = (
    "key",
    "theme_id",
    "title_en",
    "purpose_en",
    "task_sv",
    "task_en",
    "preparation_sv",
    "preparation_en",
    "method_sv",
    "method_en",
    "gives_guest_sv",
    "gives_guest_en",
)


YEARS = range(1900, 3000)  # further off no day can be reckoned with


def moment_of(text: str) -> datetime:
    """Return a moment; one without a zone is Swedish time.

    Raises:
        ValueError: when it is none, or lies in no year of `YEARS`.
    """
    found = datetime.fromisoformat(text)
    if found.year not in YEARS:
        raise ValueError(text)
    return found if found.tzinfo else from_local(found)


@dataclass(frozen=True, slots=True)
class Talk:
    """A session at its time; `own` holds the texts of `OWN` that are not empty."""

    guid: str
    title: str
    starts_at: datetime
    minutes: int
    room: str = ""
    track: str = ""
    type: str = ""
    abstract: str = ""
    leader: str = ""
    link: str = ""
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the day in which talks run in parallel, or a break."""

    key: str
    starts_at: datetime
    ends_at: datetime
    is_break: bool = False
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Hall:
    """A room; 0 seats: not said."""

    name: str
    seats: int = 0
    is_digital: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A track."""

    name: str
    name_en: str = ""
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A meeting's programme; spans are ours alone, a schedule from elsewhere has none."""

    id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    halls: tuple[Hall, ...]
    tracks: tuple[Line, ...]
    talks: tuple[Talk, ...]
    spans: tuple[Span, ...] = ()
    is_example: bool = False


def schedule_of(meeting: Meeting, programme: Programme) -> Schedule:
    """Return what of a published programme somebody may see."""
    talks = tuple(
        Talk(
            guid=line.session.id,
            title=line.session.title_sv,
            starts_at=line.slot.starts_at,
            minutes=round((line.ends_at - line.slot.starts_at).total_seconds() / 60),
            room=line.room.name if line.room else "",
            track=line.track.name_sv if line.track else "",
            type=line.session.format,
            abstract=line.session.purpose_sv,
            leader=line.session.leader,
            link=line.session.link,
            own={name: text for name in OWN if (text := str(getattr(line.session, name)))},
        )
        for line in lines(programme, meeting)
    )
    return Schedule(
        id=meeting.id,
        title=meeting.name_sv,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        halls=tuple(Hall(one.name, one.capacity, one.is_digital) for one in programme.rooms),
        tracks=tuple(Line(one.name_sv, one.name_en, one.focus.value) for one in programme.tracks),
        talks=talks,
        spans=tuple(
            Span(one.key, one.starts_at, one.ends_at, one.is_break, one.name_sv, one.name_en)
            for one in sorted(programme.slots, key=lambda one: one.starts_at)
        ),
        is_example=meeting.is_example,
    )


def plan_of(schedule: Schedule) -> ProgrammePlan:
    """Return a schedule as the content of a programme: every talk stands fast where it stood.

    What none of its spans holds has a time of its own. What it calls a form that we have no word for is a talk.
    """
    spans = _with_own(_with_keys(schedule.spans) or _spans(schedule.talks), schedule.talks)
    rooms = {hall.name: f"room{n}" for n, hall in enumerate(_halls(schedule), 1)}
    tracks = {line.name: f"track{n}" for n, line in enumerate(_tracks(schedule), 1)}
    return ProgrammePlan(
        tracks=tuple(
            TrackPlan(tracks[one.name], one.name, one.name_en or one.name, _focus(one.focus))
            for one in _tracks(schedule)
        ),
        slots=tuple(
            SlotPlan(one.key, one.starts_at, one.ends_at, one.is_break, one.name, one.name_en)
            for one in spans
        ),
        rooms=tuple(
            RoomPlan(rooms[one.name], one.name, one.seats or UNSAID_SEATS, one.is_digital)
            for one in _halls(schedule)
        ),
        sessions=tuple(
            _session(key, talk, spans, rooms, tracks) for key, talk in _keys(schedule.talks)
        ),
    )


UNSAID_SEATS = 50  # of a room whose schedule does not say; the planner sees and changes it


def _halls(schedule: Schedule) -> tuple[Hall, ...]:
    known = {one.name: one for one in schedule.halls}
    found = {talk.room: Hall(talk.room) for talk in schedule.talks if talk.room}
    return tuple((found | known).values())


def _tracks(schedule: Schedule) -> tuple[Line, ...]:
    known = {one.name: one for one in schedule.tracks}
    found = {talk.track: Line(talk.track) for talk in schedule.talks if talk.track}
    return tuple((found | known).values())


def _focus(name: str) -> Focus:
    return Focus(name) if name in list(Focus) else Focus.SUBJECT


def _with_keys(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return spans by time, each with a key of its own."""
    ordered = sorted(spans, key=_in_time)
    if len({one.key for one in ordered}) == len(ordered):
        return tuple(ordered)
    return tuple(
        replace(one, key=f"{OWN_TIME if is_own_time(one.key) else 'slot'}{n}")
        for n, one in enumerate(ordered, 1)
    )


def _in_time(one: Span) -> tuple[datetime, bool, datetime]:
    """Order spans as they begin; of those that begin together the programme's own comes first."""
    return one.starts_at, is_own_time(one.key), one.ends_at


def _spans(talks: Iterable[Talk]) -> tuple[Span, ...]:
    """Return the spans that most talks stand in, none in another: each from a beginning to its last end before the next.

    Where more talks go on than begin, what begins has a time of its own, and so has what goes on where others begin.
    """
    talks = tuple(talks)
    begun = Counter(talk.starts_at for talk in talks)
    begins = sorted(
        begin
        for begin, number in begun.items()
        if number >= sum(talk.starts_at < begin < talk.ends_at for talk in talks)
    )
    found = []
    for begin, after in zip_longest(begins, begins[1:]):
        ends = [
            talk.ends_at
            for talk in talks
            if talk.starts_at == begin and (after is None or talk.ends_at <= after)
        ]
        found += [(begin, max(ends))] if ends else []
    return tuple(Span(f"slot{number}", *times) for number, times in enumerate(found, 1))


def _with_own(spans: tuple[Span, ...], talks: Iterable[Talk]) -> tuple[Span, ...]:
    """Return spans with a time of its own for each talk that none of them holds, but for who is in a break."""
    found = [*spans]
    for talk in talks:
        in_break = any(
            one.is_break and one.starts_at < talk.ends_at and talk.starts_at < one.ends_at
            for one in spans
        )
        if in_break or _holding(talk, found) is not None:
            continue
        own, taken = own_time(talk.starts_at, talk.minutes), {one.key for one in found}
        key = own.key
        while key in taken:
            key += "_"
        found.append(Span(key, own.starts_at, own.ends_at))
    return tuple(sorted(found, key=_in_time))


def _holding(talk: Talk, spans: Iterable[Span]) -> Span | None:
    """Return the span that a talk stands in: just as long, or the shortest that it does not fill."""
    fitting = (
        one
        for one in spans
        if one.starts_at == talk.starts_at
        and not one.is_break
        and (
            one.ends_at == talk.ends_at or (one.ends_at > talk.ends_at and not is_own_time(one.key))
        )
    )
    return min(fitting, key=lambda one: (one.ends_at, is_own_time(one.key)), default=None)


def _keys(talks: Iterable[Talk]) -> Iterator[tuple[str, Talk]]:
    """Yield each talk with a key of its own: the one that it brings, unless another has it."""
    taken: set[str] = set()
    for number, talk in enumerate(talks, 1):
        wanted = talk.own.get("key", "")
        is_usable = KEY.fullmatch(wanted) and wanted not in taken and wanted != "nytt"
        key = wanted if is_usable else f"talk{number}"
        while key in taken:
            key += "_"
        taken.add(key)
        yield key, talk


def _session(
    key: str, talk: Talk, spans: Iterable[Span], rooms: Mapping[str, str], tracks: Mapping[str, str]
) -> SessionPlan:
    span = _holding(talk, spans)
    own = talk.own.get
    whole = round((span.ends_at - span.starts_at).total_seconds() / 60) if span else None
    return SessionPlan(
        key=key,
        theme_id=own("theme_id", ""),
        title_sv=talk.title,
        title_en=own("title_en", "") or talk.title,
        purpose_sv=talk.abstract,
        purpose_en=own("purpose_en", "") or talk.abstract,
        task_sv=own("task_sv", ""),
        task_en=own("task_en", ""),
        preparation_sv=own("preparation_sv", ""),
        preparation_en=own("preparation_en", ""),
        method_sv=own("method_sv", ""),
        method_en=own("method_en", ""),
        gives_guest_sv=own("gives_guest_sv", ""),
        gives_guest_en=own("gives_guest_en", ""),
        leader=talk.leader,
        format=format_named(talk.type) or "talk",
        link=talk.link,
        slot=span.key if span else None,
        pin_slot=span.key if span else None,
        room=rooms.get(talk.room),
        pin_room=rooms.get(talk.room),
        track=tracks.get(talk.track),
        minutes=None if talk.minutes == whole else talk.minutes,
        is_must_run=True,
    )
