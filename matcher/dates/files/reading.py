"""What the readers of dates problems share: days and times, unique ids, known references."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from matcher.codec import shown
from matcher.dates.meeting.problem import ClosedDays
from matcher.errors import Fault, InvalidProblemError
from matcher.geo import Point

Json = Mapping[str, Any]
_EXPECTED_DAY = "a date that exists, YYYY-MM-DD"
_EXPECTED_TIME = "a clock time that exists, YYYY-MM-DDTHH:MM"

LONGEST_SPAN_DAYS = 366  # of closed days: a slip of the keyboard must not close a century


class Reader:
    """Collects the faults of one document, so that all are told at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, where: str, value: object, expected: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(where, shown(value), expected))

    def finish(self) -> None:
        """Raise what was collected.

        Raises:
            InvalidProblemError: when any fault was noted.
        """
        if self.faults:
            raise InvalidProblemError(*self.faults)

    def day(self, where: str, text: str) -> date:
        """Read a local date; a fault gives the first day there is."""
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fault(where, text, _EXPECTED_DAY)
            return date.min

    def moment(self, where: str, text: str) -> date | datetime:
        """Read a local date or a local clock time."""
        if "T" not in text:
            return self.day(where, text)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            self.fault(where, text, _EXPECTED_TIME)
            return datetime.min  # noqa: DTZ901 - local clock time by design

    def unique(self, where: str, items: Iterable[Json]) -> set[str]:
        """Return the ids of a list, noting each that comes twice."""
        seen: set[str] = set()
        for number, item in enumerate(items):
            if item["id"] in seen:
                self.fault(f"{where}[{number}].id", item["id"], "an id that comes once")
            seen.add(item["id"])
        return seen

    def known(self, where: str, names: Iterable[str], of: set[str], what: str) -> None:
        """Note each name that is not among the known ones."""
        for name in names:
            if name not in of:
                self.fault(where, name, f"the id of {what}")

    def closed(self, where: str, items: Iterable[str | Json]) -> tuple[ClosedDays, ...]:
        """Read closed days: plain dates, or objects with a span, a name and a kind."""
        found = []
        for number, item in enumerate(items):
            at = f"{where}[{number}]"
            if isinstance(item, str):
                day = self.day(at, item)
                found.append(ClosedDays(day, day))
                continue
            found.append(self._span(at, item))
        return tuple(found)

    def _span(self, at: str, item: Json) -> ClosedDays:
        first = item.get("date", item.get("first"))
        last = item.get("date", item.get("last", first))
        if first is None:
            self.fault(at, item, "a date, or first and last")
            return ClosedDays(date.min, date.min)
        start, end = self.day(at, first), self.day(at, last)
        if end < start:
            self.fault(f"{at}.last", last, f"a date not before {first}")
        elif (end - start).days > LONGEST_SPAN_DAYS:
            self.fault(f"{at}.last", last, f"a date within a year of {first}")
        return ClosedDays(start, end, item.get("name", ""), item.get("kind", "public_holiday"))


def point_of(item: Json | None) -> Point | None:
    """Read lat and lon where both stand."""
    if item is None or "lat" not in item or "lon" not in item:
        return None
    return Point(float(item["lat"]), float(item["lon"]))
