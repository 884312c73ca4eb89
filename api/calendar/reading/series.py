"""All that a file tells of one event: its newest versions, its series, its exceptions, its occurrences."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain, islice

from api.calendar.reading import vcal
from api.calendar.reading.events import Event
from api.calendar.reading.lines import Line
from api.calendar.reading.unread import ALWAYS, Unread, Why, unread
from api.calendar.reading.values import Length, ValueFaultError, When, when
from api.calendar.rrule import (
    Rule,
    RuleError,
    TooMuchWorkError,
    Work,
    end_of_day,
    parts_of,
    rule_of,
    starts,
)

MOST_OCCURRENCES = 20_000  # of one series within a window
_STEPS_OF_A_TIME = 4  # what an occurrence costs beside the day that it is found on
_DAY = timedelta(days=1)
_NAIVE_MIN, _NAIVE_MAX = (one.replace(tzinfo=None) for one in ALWAYS)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an event takes; moments in UTC, `end` exclusive and perhaps the same as `start`.

    `place` is the moment that its series gives it (RECURRENCE-ID), None for what does not repeat.
    """

    start: datetime
    end: datetime
    event: Event
    place: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Base:
    """A time that a series gives, before its exceptions; `local` is the clock time in its zone."""

    at: datetime
    local: datetime
    end: datetime | None = None  # its own, from a period of RDATE
    length: Length | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The newest versions of what has one UID: the event or series itself, if told, and exceptions."""

    uid: str
    master: Event | None
    exceptions: tuple[Event, ...] = ()

    @property
    def faults(self) -> tuple[Unread, ...]:
        """What of its parts was not read; a part that is called off takes no time whatever it says."""
        return tuple(
            replace(fault, touched=None) if event.is_cancelled else fault
            for event in ((self.master,) if self.master else ()) + self.exceptions
            for fault in (*event.faults, event.ends_early)
            if fault is not None
        )

    @property
    def first(self) -> Event:
        """The part that names it: the event itself, else its first exception."""
        return self.master or self.exceptions[0]

    @property
    def is_repeated(self) -> bool:
        """Whether it has more than one time, or one that is told apart from a series."""
        return bool(self.exceptions) or (self.master is not None and self.master.is_series)


def series_of(events: Iterable[Event]) -> tuple[Series, ...]:
    """Group events by UID, in the file's order, and keep of each part its newest version.

    Where two versions do not say which is newer but tell different times, both count: what is
    uncertain is never free. Events without a UID, or with a RECURRENCE-ID that cannot be read, are
    each their own.
    """
    grouped: dict[str, list[Event]] = {}
    for event in events:
        is_lost = event.place is None and event.part.first("RECURRENCE-ID") is not None
        key = "" if is_lost else event.uid
        grouped.setdefault(key or f"\0{event.number}", []).append(event)
    return tuple(one for group in grouped.values() for one in _versions(group))


def _versions(group: list[Event]) -> Iterator[Series]:
    masters = [event for event in group if event.place is None]
    placed: dict[tuple[datetime, bool, str], list[Event]] = {}
    for event in group:
        if event.place is not None:
            key = (event.place.at(event.setting.floating), event.place.is_day, event.reach)
            placed.setdefault(key, []).append(event)
    newest = _newest(masters)
    exceptions = [one for versions in placed.values() for one in _newest(versions)]
    exceptions.sort(key=lambda one: (one.revision, one.number))
    yield Series(group[0].uid, newest[-1] if newest else None, tuple(exceptions))
    for other in newest[:-1]:
        yield Series(other.uid, other)


def _newest(versions: Sequence[Event]) -> list[Event]:
    """Return the newest version last; before it others that are as new and tell another time."""
    if not versions:
        return []
    top = max(event.revision for event in versions)
    found: dict[object, Event] = {}
    for event in versions:
        if event.revision == top:
            told = (event.start, event.end, event.length, event.part.value_of("RRULE"))
            found.pop(told, None)
            found[told] = event
    return list(found.values())


class Unfolding:
    """A series within a window: its occurrences, and what of it could not be followed."""

    def __init__(self, series: Series, since: datetime, until: datetime, work: Work) -> None:
        self.unread: list[Unread] = []
        self._series = series
        self._since = since
        self._until = until
        self._work = work
        try:
            self.occurrences = tuple(sorted(self._all(), key=lambda one: (one.start, one.end)))
        except OverflowError:
            self.occurrences = ()
            start = series.first.part.first("DTSTART")
            if start is not None:
                self.unread.append(unread(series.uid, start, Why.NO_TIME))

    def _all(self) -> Iterator[Occurrence]:
        master = self._series.master
        exceptions = [one for one in self._series.exceptions if not self._is_superseded(one)]
        if master is not None and master.start is not None and not master.start.unknown:
            if not self._series.is_repeated:
                yield from self._within(
                    Occurrence(master.begins, master.ends_from(master.start.local), master)
                )
            elif not master.is_series:
                base = _Base(master.begins, master.start.local)
                yield from self._with_exceptions(master, [base], exceptions)
            else:
                yield from self._with_exceptions(
                    master, self._bases(master, exceptions), exceptions
                )
            return
        for one in exceptions:
            yield from self._alone(one)
            if one.reach and one.start is not None:  # what it reaches to is not in the file
                line = Line("RECURRENCE-ID;RANGE", {}, one.reach)
                self.unread.append(unread(one.uid, line, Why.RULE, (one.begins, ALWAYS[1])))

    def _within(self, one: Occurrence) -> Iterator[Occurrence]:
        if one.event.swap:
            one = replace(one, start=one.start - one.event.swap)
        end = max(one.end, one.start)
        if one.start <= self._until and (end > self._since or one.start >= self._since):
            yield one

    def _alone(self, exception: Event, place: datetime | None = None) -> Iterator[Occurrence]:
        """Yield an exception at its own time; one called off stands at the time that it had."""
        if exception.place is None:
            return
        place = place or exception.place.at(exception.zone)
        if exception.start is None or exception.start.unknown:
            if exception.is_cancelled:
                yield from self._within(Occurrence(place, place, exception, place))
            return
        begin = exception.begins
        if exception.is_cancelled:
            begin = place
        yield from self._within(
            Occurrence(
                begin,
                exception.ends_from(begin.astimezone(exception.zone).replace(tzinfo=None)),
                exception,
                place,
            )
        )

    def _is_superseded(self, exception: Event) -> bool:
        """Whether a newer version of the series calls an older exception off by EXDATE."""
        master = self._series.master
        if master is None or exception.place is None or exception.sequence >= master.sequence:
            return False
        floating, zone = master.setting.floating, master.zone
        at, day = exception.place.at(master.zone), exception.place.day_in(zone, floating)
        return any(
            (one.is_day and one.local.date() == day) or (not one.is_day and one.at(zone) == at)
            for one in master.left_out
        )

    def _with_exceptions(
        self, master: Event, bases: list[_Base], exceptions: list[Event]
    ) -> Iterator[Occurrence]:
        left = self._not_left_out(master, bases)
        ranged = [one for one in exceptions if one.reach]
        single = [one for one in exceptions if not one.reach]
        replaced: dict[datetime, Event] = {}
        for exception in single:
            found = self._place_of(exception, master, bases, replaced)
            if found is not None and (exception.start is not None or exception.is_cancelled):
                replaced[found] = exception
            yield from self._alone(exception, found)
        for base in left:
            if base.at not in replaced:
                yield from self._ranged(master, base, ranged)

    def _ranged(self, master: Event, base: _Base, ranged: list[Event]) -> Iterator[Occurrence]:
        """Yield an occurrence where the nearest exception that reaches to it puts it."""
        reaching = [(one.place.at(master.zone), one) for one in ranged if one.place is not None]
        before = [
            (at, one) for at, one in reaching if one.reach == "THISANDFUTURE" and at <= base.at
        ]
        after = [(at, one) for at, one in reaching if one.reach == "THISANDPRIOR" and at >= base.at]
        chosen = max(before, key=lambda told: told[0], default=None) or min(
            after, key=lambda told: told[0], default=None
        )
        if chosen is None or (chosen[1].start is None and not chosen[1].is_cancelled):
            end = base.end or master.ends_from(base.local, base.length)
            yield from self._within(Occurrence(base.at, max(end, base.at), master, base.at))
            return
        at, event = chosen
        if event.start is None or event.is_cancelled:
            yield from self._within(Occurrence(base.at, base.at, event, base.at))
            return
        shift = event.start.local - at.astimezone(event.zone).replace(tzinfo=None)
        local = base.at.astimezone(event.zone).replace(tzinfo=None) + shift
        begin = local.replace(tzinfo=event.zone).astimezone(UTC)
        yield from self._within(Occurrence(begin, event.ends_from(local), event, base.at))

    def _place_of(
        self, exception: Event, master: Event, bases: list[_Base], replaced: dict[datetime, Event]
    ) -> datetime | None:
        """Return which occurrence an exception stands in for: that moment, else that day's only one."""
        if exception.place is None:
            return None
        at = exception.place.at(master.zone)
        if not exception.place.is_day and any(base.at == at for base in bases):
            return at
        days = [
            exception.place.day_in(master.zone, master.setting.floating),
            exception.place.local.date(),
        ]
        for day in days:
            that_day = [base.at for base in bases if base.local.date() == day]
            if len(that_day) == 1 and that_day[0] not in replaced:
                return that_day[0]
        return None

    def _not_left_out(self, master: Event, bases: list[_Base]) -> list[_Base]:
        """Return the times that EXDATE leaves: it names moments or days, and a day's only time nearly."""
        zone, floating = master.zone, master.setting.floating
        moments = {one.at(zone): one for one in master.left_out if not one.is_day}
        days = {one.local.date() for one in master.left_out if one.is_day}
        at_all = {base.at for base in bases}
        count = Counter(base.local.date() for base in bases)
        for at, told in moments.items():
            day = told.day_in(zone, floating)
            if at in at_all or count[day] != 1:
                continue
            days.add(day)
            if told.local.time() != time() and not (master.start and master.start.is_day):
                self._nearly(master, bases, told, day)
        return [base for base in bases if base.at not in moments and base.local.date() not in days]

    def _nearly(self, master: Event, bases: list[_Base], told: When, day: date) -> None:
        """Leave the time open that an EXDATE at another time of its day is taken to mean."""
        [base] = [base for base in bases if base.local.date() == day]
        touched = (base.at, max(master.ends_from(base.local), base.at + timedelta(seconds=1)))
        value = f"{told.local:%Y%m%dT%H%M%S}"
        self.unread.append(Unread(master.uid, "EXDATE", value, Why.NO_MATCH, touched))

    # The times that the series itself gives

    def _bases(self, master: Event, exceptions: list[Event]) -> list[_Base]:
        assert master.start is not None  # noqa: S101 - a series is unfolded by its start
        zone, first = master.zone, master.start.local
        since, until = self._reach(master, exceptions)
        found: dict[datetime, _Base] = {}
        for local in chain((first,), self._repeated(master, first, since, until)):
            at = local.replace(tzinfo=zone).astimezone(UTC)
            found[at] = _Base(at, local)
        for period in master.extra:
            base = self._told(master, period.start, zone, first)
            end = None if period.end is None else period.end.at(zone)
            found[base.at] = replace(base, end=end, length=period.length)
        for gone in self._excluded(master, first, since, until):
            found.pop(gone.replace(tzinfo=zone).astimezone(UTC), None)
        return [found[at] for at in sorted(found)]

    def _told(self, master: Event, told: When, zone: tzinfo, first: datetime) -> _Base:
        """Return a time of RDATE: a day alone has the clock time of the series."""
        if told.is_day:
            local = datetime.combine(told.local.date(), first.time())
        elif master.start is not None and master.start.is_day:
            local = datetime.combine(told.day_in(zone, master.setting.floating), time())
        else:
            at = told.at(zone)
            return _Base(at, at.astimezone(zone).replace(tzinfo=None))
        return _Base(local.replace(tzinfo=zone).astimezone(UTC), local)

    def _reach(self, master: Event, exceptions: list[Event]) -> tuple[datetime, datetime]:
        """Return the local times between which the series must be followed to fill the window."""
        assert master.start is not None  # noqa: S101 - seen by the caller
        begin = master.begins
        longest = max(master.ends_from(master.start.local) - begin, timedelta())
        moved = [
            abs(one.begins - one.place.at(master.zone))
            for one in exceptions
            if one.reach and one.start is not None and one.place is not None
        ]
        lengths = [one.ends_from(one.start.local) - one.begins for one in exceptions if one.start]
        margin = max([longest, *moved, *lengths]) + master.swap + 2 * _DAY
        zone = master.zone
        return _local(self._since, -margin, zone), _local(self._until, margin, zone)

    def _repeated(
        self, master: Event, first: datetime, since: datetime, until: datetime
    ) -> Iterator[datetime]:
        told: set[str] = set()
        for line in master.part.all("RRULE"):
            if line.value.strip().upper() not in told:  # the same rule twice is once
                told.add(line.value.strip().upper())
                yield from self._followed(master, line, first, since, until)

    def _followed(
        self, master: Event, line: Line, first: datetime, since: datetime, until: datetime
    ) -> Iterator[datetime]:
        """Yield the times of a rule; DTSTART counts as the first, also where the rule does not give it."""
        try:
            rule = self._rule(master, line)
            if rule.until is not None and rule.until < first:
                self._ends_before(master, line, rule, first, since, until)
                return
            if rule.count is not None and next(starts(rule, first, first), None) != first:
                rule = replace(rule, count=rule.count - 1)
            found = 0
            for local in starts(rule, first, until, since, self._work):
                found += local >= since
                self._work.spend(_STEPS_OF_A_TIME)
                if found > MOST_OCCURRENCES:
                    self._too_often(master, line)
                    return
                yield local
        except TooMuchWorkError:
            self._too_often(master, line)
        except RuleError:
            self.unread.append(unread(master.uid, line, Why.RULE, self._from(master)))

    def _too_often(self, master: Event, line: Line) -> None:
        self.unread.append(unread(master.uid, line, Why.TOO_OFTEN, self._from(master)))

    def _ends_before(
        self,
        master: Event,
        line: Line,
        rule: Rule,
        first: datetime,
        since: datetime,
        until: datetime,
    ) -> None:
        """Leave open what a rule would give that ends before it begins: Exchange means no end by it."""
        length = max(master.ends_from(first) - master.begins, timedelta(seconds=1))
        endless = starts(replace(rule, until=None), first, until, since, self._work)
        for local in islice(endless, MOST_OCCURRENCES):
            at = local.replace(tzinfo=master.zone).astimezone(UTC)
            if local != first:
                self.unread.append(unread(master.uid, line, Why.ENDS_BEFORE, (at, at + length)))

    def _excluded(
        self, master: Event, first: datetime, since: datetime, until: datetime
    ) -> Iterator[datetime]:
        """Yield what EXRULE takes away (RFC 2445); one that is not followed takes nothing away."""
        for line in master.part.all("EXRULE"):
            try:
                yield from starts(self._rule(master, line), first, until, since, self._work)
            except RuleError:
                self.unread.append(unread(master.uid, line, Why.RULE, None))

    def _rule(self, master: Event, line: Line) -> Rule:
        text = line.value
        parts = vcal.parts_of(text) if vcal.is_rule(text) else parts_of(text)
        told = parts.get("UNTIL")
        return rule_of(parts, None if told is None else self._end_of(master, told))

    def _end_of(self, master: Event, told: str) -> datetime:
        """Return UNTIL in the local time of the series, included.

        A day counts whole. Of a series of whole days only the day counts: Google writes its last
        second as if in UTC, Exchange its local midnight. The year 9999 means no end.
        """
        told = told.replace(str(MAXYEAR), str(MAXYEAR - 1), 1) if told[:4] == str(MAXYEAR) else told
        try:
            end = when(Line("UNTIL", {}, told), told, master.setting.zones)
        except ValueFaultError as error:
            raise RuleError(f"UNTIL={told}") from error
        if end.is_day:
            return end_of_day(end.local.date())
        local = end.local
        if end.zone is not None:
            local = end.at(UTC).astimezone(master.zone).replace(tzinfo=None)
        if master.start is not None and master.start.is_day:
            is_last_second = end.local.time() == time(23, 59, 59)
            return end_of_day((end.local if is_last_second else local).date())
        return local

    def _from(self, master: Event) -> tuple[datetime, datetime]:
        return (master.begins, ALWAYS[1])


def _local(moment: datetime, margin: timedelta, zone: tzinfo) -> datetime:
    try:
        return (moment + margin).astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return _NAIVE_MIN if margin < timedelta() else _NAIVE_MAX
