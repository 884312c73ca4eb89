"""The only writer of iCalendar octets (RFC 5545, RFC 7986): pure, and the same bytes for the same input."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import quote

from api.kit.clock import to_local

Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
Method = Literal["REQUEST", "CANCEL"]

PRODID = "-//Samkrets//Samkrets 1//SV"
REFRESH = "PT1H"
LINE_OCTETS = 75  # RFC 5545 3.1, without the line's end

# Two open-ended rules that every tested client reads right; a test compares them with zoneinfo.
# The icalendar library's generated list puts summer meetings an hour off in Thunderbird (ADR 0020).
VTIMEZONE = (
    b"BEGIN:VTIMEZONE\r\n"
    b"TZID:Europe/Stockholm\r\n"
    b"BEGIN:DAYLIGHT\r\n"
    b"DTSTART:19960331T020000\r\n"
    b"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"
    b"TZOFFSETFROM:+0100\r\n"
    b"TZOFFSETTO:+0200\r\n"
    b"TZNAME:CEST\r\n"
    b"END:DAYLIGHT\r\n"
    b"BEGIN:STANDARD\r\n"
    b"DTSTART:19961027T030000\r\n"
    b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
    b"TZOFFSETFROM:+0200\r\n"
    b"TZOFFSETTO:+0100\r\n"
    b"TZNAME:CET\r\n"
    b"END:STANDARD\r\n"
    b"END:VTIMEZONE\r\n"
)

# RFC 5545 3.1 allows TAB and no other control character; a lone surrogate has no octets at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BUSY = "X-MICROSOFT-CDO-BUSYSTATUS:"
_LINE_BREAK = re.compile("\r\n|\r|\n")
_MAIL = re.compile(r"[^\s<>\",;:\\@]+@[^\s<>\",;:\\@]+")


@dataclass(frozen=True, slots=True)
class Attendee:
    """The one recipient of an invitation; never part of a feed."""

    mail: str
    name: str
    partstat: str = "NEEDS-ACTION"
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Vevent:
    """One VEVENT; `start` and `end` are both aware moments or both days, `end` exclusive.

    `original_start` makes it the changed instance of a series (RECURRENCE-ID, RFC 5545 3.8.4.4).
    """

    uid: str
    sequence: int
    stamp: datetime  # DTSTAMP and LAST-MODIFIED: when this revision was made
    created: datetime
    status: Status
    start: datetime | date
    end: datetime | date
    summary: str
    location: str = ""
    description: str = ""
    url: str = ""
    conference: str = ""  # the link to the room of a digital meeting (RFC 7986 5.11)
    is_free: bool = False  # takes no time, whatever it is
    is_maybe: bool = False  # its reader has answered "perhaps": Outlook shows it so
    rule: str = ""  # RRULE value of a series
    without: tuple[datetime | date, ...] = ()  # EXDATE
    original_start: datetime | date | None = None
    organizer: str = ""  # the function mailbox; only in invitations
    organizer_name: str = ""
    attendee: Attendee | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """What a calendar says about itself; `method` only in mail, never in a feed."""

    name: str = ""
    url: str = ""
    color: str = ""  # a CSS3 name (RFC 7986 5.9)
    method: Method | None = None


def vcalendar(heading: Heading, fragments: Iterable[bytes]) -> bytes:
    """Join a calendar from its heading, the time zone and ready VEVENTs."""
    return b"".join((_heading(heading), VTIMEZONE, *fragments, b"END:VCALENDAR\r\n"))


def _heading(heading: Heading) -> bytes:
    # Calendar properties stand before the components: Outlook ignores later ones.
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN"]
    if heading.method:
        lines.append(f"METHOD:{heading.method}")
    if heading.name:
        name = escape(heading.name)
        lines += [f"NAME:{name}", f"X-WR-CALNAME:{name}", "X-WR-TIMEZONE:Europe/Stockholm"]
        lines += [f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"]
    if heading.color:
        lines.append(f"COLOR:{heading.color}")
    if heading.url:
        lines.append(f"URL:{_uri(heading.url)}")
    return b"".join(map(fold, lines))


def vevent(event: Vevent) -> bytes:
    """Return the folded octets of one VEVENT."""
    as_utc = _needs_utc(event.start) or _needs_utc(event.end)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escape(event.uid)}",
        f"DTSTAMP:{_utc(event.stamp)}",
        f"CREATED:{_utc(event.created)}",
        f"LAST-MODIFIED:{_utc(event.stamp)}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{event.status}",
        f"DTSTART{_when(event.start, as_utc=as_utc)}",
        f"DTEND{_when(event.end, as_utc=as_utc)}",
    ]
    lines += _recurrence(event)
    lines.append(f"SUMMARY:{escape(event.summary)}")
    if event.location:
        lines.append(f"LOCATION:{escape(event.location)}")
    if event.description:
        lines.append(f"DESCRIPTION:{escape(event.description)}")
    if event.url:
        lines.append(f"URL:{_uri(event.url)}")
    if event.conference:
        lines.append(f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{_uri(event.conference)}")
    lines += ["CLASS:PRIVATE", f"TRANSP:{'TRANSPARENT' if event.is_free else 'OPAQUE'}"]
    if event.is_free or event.is_maybe:  # Outlook goes by this one (MS-OXCICAL 2.1.3.1.1.20.31)
        lines.append(f"{_BUSY}{'FREE' if event.is_free else 'TENTATIVE'}")
    lines += _people(event)
    lines.append("END:VEVENT")
    return b"".join(map(fold, lines))


def as_free(fragment: bytes) -> bytes:
    """Return a VEVENT that takes no time: a group's calendar beside the reader's own.

    A property starts its line and a folded text's lines start with a space, so no text is hit.
    """
    told = f"\r\nTRANSP:TRANSPARENT\r\n{_BUSY}FREE\r\n".encode()
    return fragment.replace(f"\r\n{_BUSY}TENTATIVE\r\n".encode(), b"\r\n").replace(
        b"\r\nTRANSP:OPAQUE\r\n", told
    )


def as_maybe(fragment: bytes) -> bytes:
    """Return a VEVENT to which its reader has answered "perhaps"; what takes no time stays so."""
    told = f"\r\nTRANSP:OPAQUE\r\n{_BUSY}TENTATIVE\r\n".encode()
    return fragment.replace(b"\r\nSTATUS:CONFIRMED\r\n", b"\r\nSTATUS:TENTATIVE\r\n").replace(
        b"\r\nTRANSP:OPAQUE\r\n", told
    )


def escape(text: str) -> str:
    """Return a TEXT value (RFC 5545 3.3.11): line breaks become \\n, forbidden characters go."""  # noqa: D301 - a literal \n is what is meant
    clean = _FORBIDDEN.sub("", _LINE_BREAK.sub("\n", text))
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> bytes:
    """Return a content line in pieces of at most 75 octets, never cut inside a UTF-8 character."""
    octets = line.encode()
    if len(octets) <= LINE_OCTETS:
        return octets + b"\r\n"
    pieces, start, room = [], 0, LINE_OCTETS
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:  # a continuation octet of UTF-8
            end -= 1
        pieces.append(octets[start:end])
        start, room = end, LINE_OCTETS - 1  # the leading space counts
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def _recurrence(event: Vevent) -> list[str]:
    lines = [f"RRULE:{event.rule}"] if event.rule else []
    lines += [f"EXDATE{_when(day, as_utc=False)}" for day in event.without]  # one a line
    if event.original_start is not None:
        lines.append(f"RECURRENCE-ID{_when(event.original_start, as_utc=False)}")
    return lines


def _people(event: Vevent) -> list[str]:
    lines = []
    if event.organizer:
        name = f';CN="{_parameter(event.organizer_name)}"' if event.organizer_name else ""
        lines.append(f"ORGANIZER{name}:mailto:{_mail(event.organizer)}")
    if event.attendee is not None:
        who = event.attendee
        role = "OPT-PARTICIPANT" if who.is_optional else "REQ-PARTICIPANT"
        lines.append(
            f'ATTENDEE;CN="{_parameter(who.name)}";ROLE={role};PARTSTAT={who.partstat};'
            f"RSVP={'TRUE' if who.partstat == 'NEEDS-ACTION' else 'FALSE'}:mailto:{_mail(who.mail)}"
        )
    return lines


def _needs_utc(when: datetime | date) -> bool:
    """The hour that comes twice in October: local time means its first coming (RFC 5545 3.3.5).

    Thunderbird reads it as the second, so both comings are written in UTC.
    """
    if not isinstance(when, datetime):
        return False
    local = to_local(when)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _when(when: datetime | date, *, as_utc: bool) -> str:
    if not isinstance(when, datetime):
        return f";VALUE=DATE:{when:%Y%m%d}"
    if as_utc:
        return f":{_utc(when)}"
    return f";TZID=Europe/Stockholm:{to_local(when):%Y%m%dT%H%M%S}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _uri(uri: str) -> str:
    """Return a URI in ASCII (RFC 3986), with nothing that could end its line."""
    return quote(uri, safe=":/?#[]@!$&'()*+,;=%-._~")


def _mail(mail: str) -> str:
    if not _MAIL.fullmatch(mail):
        message = f"not a mail address: {mail!r}"
        raise ValueError(message)
    return mail


def _parameter(text: str) -> str:
    """Return a quoted parameter's inside, which has no double quote (RFC 5545 3.1).

    What RFC 6868 writes as ^' and ^n is shown as it stands by Outlook and Google, so it is not used.
    """
    clean = _FORBIDDEN.sub("", _LINE_BREAK.sub(" ", text))
    return clean.replace('"', "'").replace("^", "")


def day_after(day: date) -> date:
    """Return the exclusive end of a whole-day event (RFC 5545 3.6.1)."""
    return day + timedelta(days=1)
