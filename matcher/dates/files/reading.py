"""What the readers of dates problems share beside the grammar of all documents: closed days and places."""

from collections.abc import Iterable
from datetime import date

from matcher.dates.meeting.problem import ClosedDays
from matcher.documents.reader import Json, Reader
from matcher.geo import Point

LONGEST_SPAN_DAYS = 366  # of closed days: a slip of the keyboard must not close a century


def closed_days(reader: Reader, where: str, items: Iterable[str | Json]) -> tuple[ClosedDays, ...]:
    """Read closed days: plain dates, or objects with a span, a name and a kind."""
    found = []
    for number, item in enumerate(items):
        at = f"{where}[{number}]"
        if isinstance(item, str):
            day = reader.day(at, item)
            found.append(ClosedDays(day, day))
            continue
        found.append(span_of(reader, at, item))
    return tuple(found)


def span_of(reader: Reader, at: str, item: Json) -> ClosedDays:
    """Read closed days that stand as an object."""
    first = item.get("date", item.get("first"))
    last = item.get("date", item.get("last", first))
    if first is None:
        reader.fault(at, item, "a date, or first and last")
        return ClosedDays(date.min, date.min)
    start, end = reader.day(at, first), reader.day(at, last)
    if end < start:
        reader.fault(f"{at}.last", last, f"a date not before {first}")
    elif (end - start).days > LONGEST_SPAN_DAYS:
        reader.fault(f"{at}.last", last, f"a date within a year of {first}")
    return ClosedDays(start, end, **reader.fields(ClosedDays, at, item))


def point_of(item: Json | None) -> Point | None:
    """Read lat and lon where both stand."""
    if item is None or "lat" not in item or "lon" not in item:
        return None
    return Point(float(item["lat"]), float(item["lon"]))
