"""A calendar file read: its events, what it says of free and busy, and all of it that was not followed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from api.calendar.reading import vcal
from api.calendar.reading.events import Event, Setting, event_of
from api.calendar.reading.lines import Line
from api.calendar.reading.names import zone_named
from api.calendar.reading.octets import lines_of
from api.calendar.reading.parts import Part, UnreadableError, tree_of
from api.calendar.reading.series import Occurrence, Series, Unfolding, series_of
from api.calendar.reading.unread import ALWAYS, Unread, Why, unread
from api.calendar.reading.values import ValueFaultError, periods
from api.calendar.reading.zones import Zones
from api.calendar.rrule import Work
from api.kit.clock import STOCKHOLM

# Steps that the rules of one file may cost: a few seconds of a processor, two thousand weekly series' year.
MOST_STEPS = 1_500_000
_MESSAGES = {"REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"}
_TASKS = ("VTODO", "VJOURNAL")


class TooManyError(UnreadableError):
    """A file of more events than the reader takes."""


@dataclass(frozen=True, slots=True)
class Busy:
    """A span that a VFREEBUSY tells, moments in UTC."""

    start: datetime
    end: datetime
    is_tentative: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What a file holds."""

    series: tuple[Series, ...]
    free_busy: tuple[Busy, ...] = ()
    unread: tuple[Unread, ...] = ()
    name: str = ""  # what the file calls the calendar: often its owner's address
    work: Work = field(default_factory=lambda: Work(MOST_STEPS))

    @property
    def is_cut(self) -> bool:
        """Whether the file ends before its calendar does."""
        return any(one.why is Why.FILE_CUT for one in self.unread)

    @property
    def events(self) -> Iterator[Event]:
        """Yield the parts that count."""
        for one in self.series:
            if one.master is not None:
                yield one.master
            yield from one.exceptions

    def unfolded(self, since: datetime, until: datetime) -> tuple[list[Occurrence], list[Unread]]:
        """Return what takes place between two moments, in order, and what was not followed.

        Included is what touches the window's edges.
        """
        found: list[Occurrence] = []
        left = list(self.unread)
        for one in self.series:
            unfolding = Unfolding(one, since, until, self.work)
            found.extend(unfolding.occurrences)
            left.extend(one.faults)
            left.extend(unfolding.unread)
        return sorted(found, key=lambda one: (one.start, one.end)), left


def read(octets: bytes, most_events: int, charset: str = "") -> Book:
    """Read a file of one or more calendars.

    Raises:
        TooManyError: when it holds more events than `most_events`.
        UnreadableError: when it holds no calendar.
    """
    return book_of(tree_of(lines_of(octets, charset)), most_events)


def book_of(root: Part, most_events: int) -> Book:
    """Return what a file's components say.

    Raises:
        TooManyError: when they hold more events than `most_events`.
    """
    work = Work(MOST_STEPS)
    calendars = [part for part in root.parts if part.name == "VCALENDAR"]
    if any(part.name != "VCALENDAR" for part in root.parts):  # events that no calendar holds
        calendars.append(
            Part("VCALENDAR", root.lines, [p for p in root.parts if p.name != "VCALENDAR"])
        )
    everywhere = Zones(root.within("VTIMEZONE"), work)
    events: list[Event] = []
    spans: list[Busy] = []
    left: list[Unread] = []
    for calendar in calendars:
        setting = _setting(calendar, everywhere, work)
        parts = list(calendar.within("VEVENT"))
        if len(events) + len(parts) > most_events:
            raise TooManyError("too many events")
        read = [event_of(part, setting, len(events) + at) for at, part in enumerate(parts)]
        if setting.method in _MESSAGES:
            left += [_message(event, setting.method) for event in read]
        else:
            events += read
        for part in calendar.within("VFREEBUSY"):
            spans += _spans(part, setting, left)
        left += _others(calendar)
    if root.is_cut:
        left.append(Unread("", "END", "VCALENDAR", Why.FILE_CUT, ALWAYS))
    name = next(
        (one.value_of("X-WR-CALNAME") for one in calendars if one.value_of("X-WR-CALNAME")), ""
    )
    return Book(series_of(events), tuple(spans), tuple(left), name, work)


def setting_of(calendar: Part, root: Part, work: Work) -> Setting:
    """Return what one calendar object of a file says of its parts."""
    return _setting(calendar, Zones(root.within("VTIMEZONE"), work), work)


def _setting(calendar: Part, everywhere: Zones, work: Work) -> Setting:
    """Return the zones and the method of one calendar; its own definitions come before the file's."""
    own = Zones(calendar.within("VTIMEZONE"), work)

    def zone_of(tzid: str) -> tzinfo | None:
        return own(tzid) or everywhere(tzid)

    told = calendar.value_of("X-WR-TIMEZONE")
    floating = (zone_of(told) or zone_named(told)) if told else vcal.zone_of(calendar, work)
    unknown = told if told and floating is None else ""
    method = calendar.value_of("METHOD").upper()
    return Setting(zone_of, floating or STOCKHOLM, method, unknown)


def _message(event: Event, method: str) -> Unread:
    if event.start is None:
        return Unread(event.uid, "METHOD", method, Why.MESSAGE, ALWAYS)
    begin = event.begins
    return Unread(
        event.uid, "METHOD", method, Why.MESSAGE, (begin, event.ends_from(event.start.local))
    )


def _others(calendar: Part) -> Iterator[Unread]:
    """Yield what is no event: tasks and notes take no time, hours of availability could."""
    for part in calendar.within(*_TASKS):
        yield Unread(part.value_of("UID"), part.name, "", Why.NOT_BUSY)
    for part in calendar.within("VAVAILABILITY"):
        yield Unread(part.value_of("UID"), part.name, "", Why.AVAILABILITY, ALWAYS)


def _spans(part: Part, setting: Setting, left: list[Unread]) -> Iterable[Busy]:
    for line in part.all("FREEBUSY"):
        kind = line.param("FBTYPE").upper() or "BUSY"
        try:
            found = list(_told(line, setting, is_tentative=kind == "BUSY-TENTATIVE"))
        except (ValueFaultError, OverflowError):
            if kind != "FREE":
                left.append(unread(part.value_of("UID"), line, Why.NO_TIME))
            continue
        if kind != "FREE":
            yield from found


def _told(line: Line, setting: Setting, *, is_tentative: bool) -> Iterator[Busy]:
    for period in periods(line, setting.zones):
        if period.start.unknown:
            raise ValueFaultError(line, "unknown zone")
        begin = period.start.at(setting.floating)
        end = begin
        if period.end is not None:
            end = period.end.at(setting.floating)
        elif period.length is not None:
            end = begin + period.length.clock + _days(period.length.days)
        yield Busy(min(begin, end), max(begin, end), is_tentative)


def _days(number: int) -> timedelta:
    return timedelta(days=number)
