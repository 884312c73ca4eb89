"""One VEVENT read: when it is, how it repeats, which version it is, and what of it is not understood."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain

from api.calendar.reading.lines import Line
from api.calendar.reading.parts import Part
from api.calendar.reading.unread import ALWAYS, Unread, Why, around, unread
from api.calendar.reading.values import (
    Length,
    Period,
    ValueFaultError,
    When,
    Zones,
    length,
    periods,
    says_a_length,
    when,
    whens,
)
from api.calendar.reading.vcal import plain_text

_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_SEQUENCE = 2**31 - 1
_MOST_SWAPPED = timedelta(days=1)
_ESCAPED = {"n": "\n", "N": "\n"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a calendar object says of all its events."""

    zones: Zones
    floating: tzinfo  # of whole days and of times without a zone
    method: str = ""
    unknown: str = (
        ""  # X-WR-TIMEZONE that nobody knows: floating times are in it, as if they were ours
    )


@dataclass(frozen=True, slots=True)
class Event:
    """An event as one component tells it; times of series are in `repeats`, unread ones in `faults`."""

    part: Part
    setting: Setting
    number: int  # its place in the file
    uid: str
    start: When | None
    end: When | None
    length: Length | None
    place: When | None  # RECURRENCE-ID: the occurrence that it stands in for
    reach: str  # RANGE: THISANDFUTURE, THISANDPRIOR or empty
    extra: tuple[Period, ...] = ()  # RDATE
    left_out: tuple[When, ...] = ()  # EXDATE
    faults: tuple[Unread, ...] = field(default=())

    @property
    def revision(self) -> tuple[int, datetime, datetime]:
        """What orders versions of one event (RFC 5546 2.1.5): SEQUENCE, DTSTAMP, LAST-MODIFIED."""
        return self.sequence, self._stamp("DTSTAMP"), self._stamp("LAST-MODIFIED")

    @property
    def sequence(self) -> int:
        """Return the SEQUENCE, 0 where it is no number of ours."""
        told = self.part.value_of("SEQUENCE")
        return (
            min(int(told), _MOST_SEQUENCE)
            if told.isascii() and told.isdigit() and len(told) < 12
            else 0
        )

    @property
    def is_cancelled(self) -> bool:
        """Whether it is called off, by itself or by the message that it came in."""
        return self.setting.method == "CANCEL" or self.text_of("STATUS").upper() in {
            "CANCELLED",
            "CANCELED",
        }

    @property
    def is_series(self) -> bool:
        """Whether it repeats."""
        return self.place is None and bool(self.extra or self.part.first("RRULE"))

    @property
    def zone(self) -> tzinfo:
        """Where its clock times repeat."""
        return (self.start.zone if self.start else None) or self.setting.floating

    @property
    def begins(self) -> datetime:
        """Return when it begins, in UTC.

        Raises:
            ValueError: when it has no start.
        """
        if self.start is None:
            raise ValueError("there is no start")
        return self.start.at(self.setting.floating)

    def text_of(self, name: str) -> str:
        """Return a text of it, unescaped and trimmed; empty where it is missing."""
        line = self.part.first(name)
        return "" if line is None else _unescaped(plain_text(line)).strip()

    @property
    def swap(self) -> timedelta:
        """How much too late DTSTART is where it stands after DTEND: the two are taken as swapped."""
        early = self._early
        return early if early <= _MOST_SWAPPED else timedelta()

    @property
    def _early(self) -> timedelta:
        if self.start is None or self.end is None:
            return timedelta()
        if self.start.is_day:
            return max(self.start.local - self.end.local, timedelta())
        return max(self.begins - self._end_at(self.end), timedelta())

    @property
    def ends_early(self) -> Unread | None:
        """What is wrong where DTEND stands so long before DTSTART that the two are hardly swapped."""
        line = self.part.first("DTEND")
        if line is None or self._early <= _MOST_SWAPPED:
            return None
        touched = (self.begins - self._early, self.begins + timedelta(days=1))
        return unread(self.uid, line, Why.ENDS_EARLY, touched)

    def ends_from(self, local: datetime, length: Length | None = None) -> datetime:
        """Return when an occurrence ends that begins at a local time of `zone`, in UTC.

        Days are counted by the calendar, also over a change of clocks; from DTEND the exact time is
        kept (RFC 5545 3.8.5.3). A length below nothing is none.
        """
        begin = local.replace(tzinfo=self.zone).astimezone(UTC)
        length = length or self.length
        if length is not None:
            later = (local + timedelta(days=length.days)).replace(tzinfo=self.zone)
            return max(later.astimezone(UTC) + length.clock, begin)
        if self.start is None or (self.end is None and not self.start.is_day):
            return begin
        if self.start.is_day:
            if self.end and not self.end.is_day and self.end.local > self.start.local:
                told = self.end.at(self.zone).astimezone(self.zone).replace(tzinfo=None)
                return (local + (told - self.start.local)).replace(tzinfo=self.zone).astimezone(UTC)
            days = (self.end.local.date() - self.start.local.date()).days if self.end else 1
            return (local + timedelta(days=max(days, 1))).replace(tzinfo=self.zone).astimezone(UTC)
        assert self.end is not None  # noqa: S101 - seen above
        return begin + max(self._end_at(self.end) - self.begins, timedelta())

    def _end_at(self, end: When) -> datetime:
        """Return the moment of DTEND; a day that is not after the start means the day's own end."""
        if end.is_day and self.start is not None and end.local <= self.start.local:
            end = When(end.local + timedelta(days=1), is_day=True)
        return end.at(self.zone)

    def _stamp(self, name: str) -> datetime:
        line = self.part.first(name)
        try:
            return when(line, line.value, self.setting.zones).at(UTC) if line else _NEVER
        except (ValueFaultError, OverflowError):
            return _NEVER


def event_of(part: Part, setting: Setting, number: int) -> Event:
    """Read a VEVENT; what is not understood of it is in its `faults`."""
    uid = part.value_of("UID")
    faults: list[Unread] = []
    start = _time(part, "DTSTART", uid, setting, faults)
    end = _time(part, "DTEND", uid, setting, faults, _after(start))
    told = _length(part, uid, start, faults)
    place = _time(part, "RECURRENCE-ID", uid, setting, faults)
    reach = part.first("RECURRENCE-ID")
    if start is None and not part.first("DTSTART"):
        faults.append(Unread(uid, "DTSTART", "", Why.NO_START, ALWAYS))
    if start is not None and start.unknown:
        faults.append(_in_unknown_zone(part, uid, start, end))
    elif end is not None and end.unknown:
        told_end = end.local.replace(tzinfo=UTC)
        faults.append(
            Unread(uid, "DTEND;TZID", end.unknown, Why.UNKNOWN_ZONE, around(told_end, told_end))
        )
    elif start is not None and end is not None:
        faults += _without_zone(part, uid, start, end, setting)
    if start is not None and setting.unknown and not (start.zone or start.is_day or start.unknown):
        faults.append(_in_unknown_zone(part, uid, start, end, setting.unknown))
    if part.is_cut:
        faults.append(Unread(uid, "END", part.name, Why.CUT, _after(start)))
    return Event(
        part=part,
        setting=setting,
        number=number,
        uid=uid,
        start=start,
        end=end,
        length=told if end is None else None,
        place=place,
        reach=reach.param("RANGE").upper() if reach and place else "",
        extra=tuple(_extra(part, uid, setting, faults, _after(start))),
        left_out=tuple(_left_out(part, uid, setting, faults)),
        faults=tuple(faults),
    )


def _after(start: When | None) -> tuple[datetime, datetime]:
    """Return the times from a start on."""
    return (
        ALWAYS
        if start is None
        else (around(start.local.replace(tzinfo=UTC), ALWAYS[1])[0], ALWAYS[1])
    )


def _without_zone(
    part: Part, uid: str, start: When, end: When, setting: Setting
) -> Iterable[Unread]:
    """Tell of a floating end beside a start in a zone that is not the calendar's: it is read in the start's."""
    if end.zone is not None or end.is_day or start.is_day or start.zone is None:
        return
    told, other = end.at(start.zone), end.at(setting.floating)
    if told == other:
        return
    is_repeated = part.first("RRULE") or part.first("RDATE")
    touched = (start.at(UTC), max(told, other))
    line = next(one for one in part.all("DTEND"))
    yield unread(uid, line, Why.NO_ZONE, _after(start) if is_repeated else touched)


def _in_unknown_zone(
    part: Part, uid: str, start: When, end: When | None, everywhere: str = ""
) -> Unread:
    line = next(one for one in part.all("DTSTART"))
    is_repeated = part.first("RRULE") or part.first("RDATE")
    begins = start.local.replace(tzinfo=UTC)
    ends = max(begins, end.local.replace(tzinfo=UTC)) if end else begins + timedelta(days=1)
    touched = around(begins, ALWAYS[1] if is_repeated else ends)
    told = ("X-WR-TIMEZONE", everywhere) if everywhere else ("DTSTART;TZID", line.param("TZID"))
    return Unread(uid, *told, Why.UNKNOWN_ZONE, touched)


def _time(
    part: Part,
    name: str,
    uid: str,
    setting: Setting,
    faults: list[Unread],
    touched: tuple[datetime, datetime] = ALWAYS,
) -> When | None:
    """Return the first readable time of a property (a text that nobody folded may look like one)."""
    found: When | None = None
    fault: Unread | None = None
    for line in part.all(name):
        try:
            told = when(line, line.value, setting.zones)
        except ValueFaultError:
            fault = fault or unread(uid, line, Why.NO_TIME, touched)
            continue
        if found is None:
            found = told
        elif told != found:
            faults.append(unread(uid, line, Why.TWICE))
    if found is None and fault is not None:
        faults.append(fault)
    return found


def _length(part: Part, uid: str, start: When | None, faults: list[Unread]) -> Length | None:
    line = part.first("DURATION")
    if line is None:
        return None
    try:
        told = length(line)
    except ValueFaultError:
        faults.append(unread(uid, line, Why.NO_LENGTH, _after(start)))
        return None
    if not says_a_length(line) and start is not None:
        begins = start.local.replace(tzinfo=UTC)
        faults.append(unread(uid, line, Why.NO_LENGTH, around(begins, begins)))
    return told


def _extra(
    part: Part, uid: str, setting: Setting, faults: list[Unread], touched: tuple[datetime, datetime]
) -> Iterable[Period]:
    for line in part.all("RDATE"):
        try:
            found = list(_periods(line, setting.zones))
        except ValueFaultError:
            faults.append(unread(uid, line, Why.NO_TIME, touched))
            continue
        if any(one.start.unknown for one in found):
            faults.append(unread(uid, line, Why.UNKNOWN_ZONE, touched))
            continue
        yield from found


def _periods(line: Line, zones: Zones) -> Iterable[Period]:
    if "/" in line.value:
        return periods(line, zones)
    return (Period(one) for one in whens(line, zones))


def _left_out(part: Part, uid: str, setting: Setting, faults: list[Unread]) -> Iterable[When]:
    """Yield what EXDATE leaves out; a broken one leaves nothing out, and touches nothing by that."""
    for line in chain(part.all("EXDATE")):
        try:
            yield from whens(line, setting.zones)
        except ValueFaultError:
            faults.append(unread(uid, line, Why.NO_TIME, None))


def _unescaped(text: str) -> str:
    """Return a TEXT as it was before it was escaped (RFC 5545 3.3.11)."""
    if "\\" not in text:
        return text
    found: list[str] = []
    letters = iter(text)
    for letter in letters:
        if letter == "\\":
            after = next(letters, "")
            found.append(_ESCAPED.get(after, after))
        else:
            found.append(letter)
    return "".join(found)
