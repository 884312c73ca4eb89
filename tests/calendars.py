"""Reading calendars back with parsers that are not ours; untyped, since each has its own value types."""

from typing import Any

import icalendar


def read_event(octets: bytes) -> Any:  # noqa: ANN401 - icalendar's values are a union of thirty types
    """Read one VEVENT with icalendar."""
    return icalendar.Event.from_ical(octets)


def read_calendar(octets: bytes) -> Any:  # noqa: ANN401 - the same
    """Read one VCALENDAR with icalendar."""
    return icalendar.Calendar.from_ical(octets)


def read_events(octets: bytes) -> list[Any]:
    """Read a VCALENDAR's events with icalendar."""
    return list(read_calendar(octets).walk("VEVENT"))


def as_text(octets: bytes) -> Any:  # noqa: ANN401 - the same
    """Read a value of type TEXT with icalendar, as the value of a SUMMARY."""
    lines = b"BEGIN:VEVENT\r\n" + octets + b"END:VEVENT\r\n"
    return str(read_event(lines)["SUMMARY"])


def read_zone(octets: bytes) -> Any:  # noqa: ANN401 - the same
    """Read a VTIMEZONE with icalendar as the zone that it describes, whatever its name."""
    zone: Any = icalendar.Timezone.from_ical(octets)
    return zone.to_tz(lookup_tzid=False)
