"""The components of a file as a tree (RFC 5545 3.4), also where some are cut off or never closed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from api.calendar.reading.lines import Line, line_of

DEEPEST = 8
# Anything else after BEGIN: counts only where the same END: follows; else it is a text nobody folded.
_KNOWN = {
    *("VCALENDAR", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "STANDARD", "DAYLIGHT"),
    *("VALARM", "VAVAILABILITY", "AVAILABLE", "PARTICIPANT", "VLOCATION", "VRESOURCE"),
}
# What stands beside other parts and never inside one of these.
_BESIDE = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VCALENDAR"}
_BORDER = re.compile(r"\s*(BEGIN|END)[ \t]*:[ \t]*([A-Za-z0-9-]+)[\s\x1a]*", re.IGNORECASE)
# Read for times and answers; the rest (places, attachments, whole biographies) stays at the door.
_KEPT = {
    *("VERSION", "METHOD", "PRODID", "X-WR-TIMEZONE", "X-WR-CALNAME", "TZ", "DAYLIGHT"),
    *("UID", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "STATUS", "CLASS", "TRANSP"),
    *("SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "DURATION", "DUE", "COMMENT", "REQUEST-STATUS"),
    *("RRULE", "RDATE", "EXDATE", "EXRULE", "FREEBUSY", "BUSYTYPE", "ATTENDEE", "ORGANIZER"),
    *("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT", "X-MOZ-INVITED-ATTENDEE"),
    *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION", "TZID-ALIAS-OF"),
}


class UnreadableError(ValueError):
    """The octets are no calendar, or hold more than the reader takes."""


@dataclass(slots=True)
class Part:
    """A component; `is_cut` says that its END never came."""

    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    is_cut: bool = False

    def all(self, name: str) -> list[Line]:
        """Return the lines of a property."""
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        """Return the first line of a property."""
        return next((line for line in self.lines if line.name == name), None)

    def value_of(self, name: str) -> str:
        """Return a property's value as it stands, trimmed; empty where it is missing."""
        line = self.first(name)
        return "" if line is None else line.value.strip()

    def within(self, *names: str) -> Iterator["Part"]:
        """Yield the parts of some names, at any depth."""
        for part in self.parts:
            if part.name in names:
                yield part
            yield from part.within(*names)


def tree_of(lines: Iterable[str]) -> Part:
    """Return a file's components under one nameless root, whose `is_cut` says that the file ends early.

    Raises:
        UnreadableError: when nothing in it is a calendar.
    """
    lines = list(lines)
    borders = [found for line in lines if (found := _border(line))]
    ended = {found[2].upper() for found in borders if found[1].upper() == "END"}
    root = Part("")
    opened = [root]
    for text in lines:
        border = _border(text)
        name = border[2].upper() if border else ""
        if border is None:
            _keep(opened[-1], text)
        elif border[1].upper() == "BEGIN":
            if name in _KNOWN or name in ended:
                _open(opened, name)
        elif name in {part.name for part in opened}:
            _close(opened, name)
    told = ("VEVENT", "VFREEBUSY", "VTODO", "VJOURNAL", "VAVAILABILITY")
    root.is_cut = len(opened) > 1
    if not any(root.within(*told)) and (root.is_cut or not any(root.within("VCALENDAR"))):
        raise UnreadableError("no calendar")
    for part in opened[1:]:
        part.is_cut = True
    return root


def _border(text: str) -> re.Match[str] | None:
    return _BORDER.fullmatch(text) if text[:8].lstrip()[:1] in "BbEe" else None


def _open(opened: list[Part], name: str) -> None:
    inner = next(
        (at for at, part in enumerate(opened) if at and part.name in _BESIDE - {"VCALENDAR"}), 0
    )
    if name in _BESIDE and inner:  # the one before was never closed
        for part in opened[inner:]:
            part.is_cut = True
        del opened[inner:]
    if name == "VCALENDAR" and len(opened) > 1:
        for part in opened[1:]:
            part.is_cut = True
        del opened[1:]
    if len(opened) > DEEPEST:
        raise UnreadableError("parts are nested")
    part = Part(name)
    opened[-1].parts.append(part)
    opened.append(part)


def _close(opened: list[Part], name: str) -> None:
    while True:
        part = opened.pop()
        if part.name == name:
            return
        part.is_cut = True


def _keep(part: Part, text: str) -> None:
    line = line_of(text)
    if line is not None and line.name in _KEPT and part.name != "VALARM":
        part.lines.append(line)
