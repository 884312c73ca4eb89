"""Calendar files made from RFC 5545's grammar in the dialects of the programs that people use.

`File` makes what is right by the RFC, and what two independent readers can be asked about. `DRESSES`
are ways in which programs write the same file; `BREAKS` are faults that files really have.
"""

import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LOCAL, _UTC = "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ"


def _european(name: str, winter: int, *, first: int, before: str = "") -> str:
    """Return a VTIMEZONE with Europe's summer time, `winter` hours east of Greenwich."""
    east, summer = f"+{winter:02}00", f"+{winter + 1:02}00"
    onset = "T0{}0000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH="
    start = {1601: ("16010101", "16010101"), 1970: ("19700329", "19701025")}[first]
    parts = (
        ("DAYLIGHT", east, summer, f"{start[0]}{onset.format(1 + winter)}3"),
        ("STANDARD", summer, east, f"{start[1]}{onset.format(2 + winter)}10"),
    )
    body = "".join(
        f"BEGIN:{kind}\r\nDTSTART:{when}\r\nTZOFFSETFROM:{old}\r\nTZOFFSETTO:{new}\r\nEND:{kind}\r\n"
        for kind, old, new, when in parts
    )
    return f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n{before}{body}END:VTIMEZONE\r\n"


def _fixed(name: str, east: str) -> str:
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
        f"TZOFFSETFROM:{east}\r\nTZOFFSETTO:{east}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


# Program -> what it calls its zone, the definition it writes, and the zone that is meant.
DIALECTS = {
    "Outlook": ("W. Europe Standard Time", _european("W. Europe Standard Time", 1, first=1601), "Europe/Berlin"),
    "Exchange": ("Customized Time Zone", _european("Customized Time Zone", 2, first=1601), "Europe/Helsinki"),
    "Exchange UTC": ("tzone://Microsoft/Utc", _fixed("tzone://Microsoft/Utc", "+0000"), "UTC"),
    "Google": (
        "Europe/Stockholm",
        _european("Europe/Stockholm", 1, first=1970, before="X-LIC-LOCATION:Europe/Stockholm\r\n"),
        "Europe/Stockholm",
    ),
    "Apple": ("Europe/Helsinki", _european("Europe/Helsinki", 2, first=1970), "Europe/Helsinki"),
    "Thunderbird": ("Europe/London", _european("Europe/London", 0, first=1970), "Europe/London"),
    "Notes": ("GMT_plus_0530", _fixed("GMT_plus_0530", "+0530"), "Asia/Kolkata"),
    "Nextcloud": ("", "", "UTC"),
}  # fmt: skip


class File:
    """One calendar file, made with a seed; the same seed makes the same file."""

    count: int
    last: datetime | None

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.program = self.draw.choice(sorted(DIALECTS))
        self.name, self.definition, zone = DIALECTS[self.program]
        self.zone = ZoneInfo(zone)

    def text(self) -> str:
        """Return the file."""
        events = "".join(self._event(number) for number in range(self.draw.randint(1, 3)))
        top = f"PRODID:-//{self.program}//EN\r\nVERSION:2.0\r\n"
        return _folded(f"BEGIN:VCALENDAR\r\n{top}{self.definition}{events}END:VCALENDAR\r\n")

    def _event(self, number: int) -> str:
        draw = self.draw
        self.is_day = draw.random() < 0.2
        first = datetime(2026, 1, 1) + timedelta(days=draw.randint(0, 700))  # noqa: DTZ001 - local
        self.first = first if self.is_day else first + timedelta(minutes=15 * draw.randint(24, 80))
        self.length = (
            timedelta(days=draw.randint(1, 3))
            if self.is_day
            else timedelta(minutes=15 * draw.randint(1, 12))
        )
        head = [
            f"UID:{number}-{draw.randint(1, 10**9)}@example.org",
            "DTSTAMP:20261101T080000Z",
            f"SUMMARY:Möte {number}\\, och mer",
        ]
        lines = [*head, self._time("DTSTART", self.first), self._end()]
        is_series = draw.random() < 0.75
        exceptions: list[str] = []
        if is_series:
            lines.append(f"RRULE:{self._rule()}")
            days = list(self._days())
            if days and draw.random() < 0.4:
                gone = draw.sample(days, min(len(days), draw.randint(1, 2)))
                lines += [self._time("EXDATE", one) for one in gone]
                days = [one for one in days if one not in gone]
            if days and draw.random() < 0.4:
                moved = draw.choice(days)
                to = moved + (
                    timedelta(days=1) if self.is_day else timedelta(hours=draw.choice([1, 3, 25]))
                )
                status = draw.choice(["CONFIRMED", "CONFIRMED", "CANCELLED"])
                exceptions.append(
                    _part(
                        [
                            *head,
                            self._time("RECURRENCE-ID", moved),
                            self._time("DTSTART", to),
                            self._end(to),
                            f"STATUS:{status}",
                        ]
                    )
                )
        if draw.random() < 0.15:
            extra = self.first + timedelta(days=draw.randint(800, 830))
            lines.append(self._time("RDATE", extra))
        self.draw.shuffle(lines)
        return _part(lines) + "".join(exceptions)

    def _time(self, name: str, local: datetime) -> str:
        if self.is_day:
            return f"{name};VALUE=DATE:{local:%Y%m%d}"
        if not self.name:
            return f"{name}:{local.strftime(_UTC)}"
        quoted = f'"{self.name}"' if ":" in self.name or self.draw.random() < 0.2 else self.name
        return f"{name};TZID={quoted}:{local.strftime(_LOCAL)}"

    def _end(self, start: datetime | None = None) -> str:
        start = start or self.first
        if self.draw.random() < 0.3:
            days, minutes = self.length.days, self.length.seconds // 60
            return (
                f"DURATION:P{days}D"
                if self.is_day
                else f"DURATION:PT{minutes // 60}H{minutes % 60}M"
            )
        return self._time("DTEND", start + self.length)

    def _rule(self) -> str:
        """Return a rule whose first time is DTSTART, weekly and monthly ones being the commonest."""
        draw, first = self.draw, self.first
        day, number = WEEKDAYS[first.weekday()], (first.day - 1) // 7 + 1
        freq = draw.choice(["DAILY", "WEEKLY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"])
        parts = [f"FREQ={freq}"]
        self.step = draw.choice([1, 1, 1, 2, 3]) if freq != "YEARLY" else 1
        if self.step > 1 or draw.random() < 0.3:
            parts.append(f"INTERVAL={self.step}")
        kinds = {
            "DAILY": ["", f"BYDAY={day},{draw.choice(WEEKDAYS)}", f"BYMONTH={','.join(sorted({str(first.month), str(draw.randint(1, 12))}, key=int))}"],
            "WEEKLY": ["", f"BYDAY={day}", f"BYDAY={day};WKST=SU", f"BYDAY={','.join(dict.fromkeys([day, draw.choice(WEEKDAYS)]))};WKST=MO"],
            "MONTHLY": ["", f"BYMONTHDAY={first.day}", f"BYDAY={number}{day}" if number < 5 else f"BYDAY=-1{day}", f"BYDAY={day};BYSETPOS={number}" if number < 5 else ""],
            "YEARLY": ["", f"BYMONTH={first.month};BYMONTHDAY={first.day}", f"BYMONTH={first.month};BYDAY={number}{day}" if number < 5 else "", f"BYYEARDAY={first.timetuple().tm_yday}"],
        }  # fmt: skip
        kind = draw.choice(kinds[freq])
        self.is_plain = kind in {"", f"BYDAY={day}"} and freq in {"DAILY", "WEEKLY"}
        self.freq = freq
        parts += [kind] if kind else []
        self.count, self.last = 99, None
        end = draw.random()
        if end < 0.4:
            self.count = draw.randint(1, 30)
            parts.append(f"COUNT={self.count}")
        elif end < 0.8:
            last = self.last = first + timedelta(days=draw.randint(1, 500))
            parts.append(f"UNTIL={last:%Y%m%d}" if self.is_day else f"UNTIL={self._utc(last)}")
        return ";".join(parts)

    def _utc(self, local: datetime) -> str:
        return local.replace(tzinfo=self.zone).astimezone(ZoneInfo("UTC")).strftime(_UTC)

    def _days(self) -> Iterator[datetime]:
        """Yield the first few times of the simplest rules: those that exceptions are made of."""
        if self.is_plain:
            step = timedelta(days=self.step * (1 if self.freq == "DAILY" else 7))
            times = (self.first + step * number for number in range(min(self.count, 4)))
            yield from (one for one in times if self.last is None or one <= self.last)


def _part(lines: list[str]) -> str:
    body = "\r\n".join(lines)
    return f"BEGIN:VEVENT\r\n{body}\r\nEND:VEVENT\r\n"


def _folded(text: str) -> str:
    found = []
    for line in text.split("\r\n"):
        rest = line
        while len(rest.encode()) > 70:
            found.append(rest[:60])
            rest = f" {rest[60:]}"
        found.append(rest)
    return "\r\n".join(found)


def _unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def _each(text: str, change: Callable[[str], str]) -> bytes:
    return "\r\n".join(map(change, _unfolded(text).split("\r\n"))).encode()


def _lower(line: str) -> str:
    name = re.match(r"[A-Z-]+", line)
    return line if name is None else name[0].lower() + line[name.end() :]


def _with_windows_name(text: str) -> bytes:
    """Exchange's numbered name, with the definition that it writes."""
    return text.replace("Customized Time Zone", "Customized Time Zone 1").encode()


# How programs write the same file: nothing of what it says is another.
DRESSES: dict[str, Callable[[str], bytes]] = {
    "bare LF": lambda text: text.replace("\r\n", "\n").encode(),
    "bare CR": lambda text: text.replace("\r\n", "\r").encode(),
    "CR CR LF": lambda text: text.replace("\r\n", "\r\r\n").encode(),
    "blank lines": lambda text: _unfolded(text).replace("\r\n", "\r\n\r\n").encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "CP1252": lambda text: text.encode("cp1252"),
    "tab folds": lambda text: text.replace("\r\n ", "\r\n\t").encode(),
    "no folds": lambda text: _unfolded(text).encode(),
    "folds of one letter": lambda text: re.sub(r"(SUMMARY:)(.)", "\\1\r\n \\2", text).encode(),
    "trailing spaces": lambda text: _each(text, lambda line: f"{line} " if ":" in line else line),
    "lower-case names": lambda text: _each(text, _lower),
    "X- lines": lambda text: text.replace(
        "BEGIN:VEVENT\r\n", "BEGIN:VEVENT\r\nX-ALT-DESC;FMTTYPE=text/html:<p>a\\, b: c</p>\r\n"
    ).encode(),
    "an alarm": lambda text: text.replace(
        "END:VEVENT\r\n",
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDURATION:PT5M\r\nREPEAT:1\r\n"
        "DESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT\r\n",
    ).encode(),
    "a task beside": lambda text: text.replace(
        "END:VCALENDAR\r\n",
        "BEGIN:VTODO\r\nUID:t@x\r\nDTSTAMP:20261101T080000Z\r\nDUE:20270101T080000Z\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
    ).encode(),
    "a numbered zone": _with_windows_name,
    "an older version first": lambda text: re.sub(
        r"BEGIN:VEVENT\r\n", "BEGIN:VEVENT\r\nSEQUENCE:3\r\n", text
    ).encode(),
    "junk at the end": lambda text: text.encode() + b"\r\n\x1a",
}


def _in_line(text: str, seed: int, name: str, change: Callable[[str], str]) -> bytes | None:
    """Change one line of a name within an event; None where the file has none."""
    lines = _unfolded(text).split("\r\n")
    first = lines.index("BEGIN:VEVENT")
    places = [n for n, line in enumerate(lines) if n > first and re.match(rf"{name}[;:]", line)]
    if not places:
        return None
    place = places[seed % len(places)]
    lines[place] = change(lines[place])
    return "\r\n".join(lines).encode()


def _value(line: str, value: str) -> str:
    head = re.match(r'(?:[^":]|"[^"]*")*', line)
    return f"{head[0] if head else ''}:{value}"


# Faults that files really have; None where a file has no such line.
BREAKS: dict[str, Callable[[str, int], bytes | None]] = {
    "no value of DTSTART": lambda text, seed: _in_line(text, seed, "DTSTART", lambda x: _value(x, "")),
    "a word in DTSTART": lambda text, seed: _in_line(text, seed, "DTSTART", lambda x: _value(x, "soon")),
    "hour 25": lambda text, seed: _in_line(text, seed, "DTSTART", lambda x: _value(x, "20271345" if "VALUE=DATE" in x else "20270112T250000")),
    "a word in DTEND": lambda text, seed: _in_line(text, seed, "DTEND", lambda x: _value(x, "later")),
    "DTEND before DTSTART": lambda text, seed: _in_line(
        text, seed, "DTEND", lambda x: _value(x, "20200101" if "VALUE=DATE" in x else "20200101T080000")
    ),
    "a bad DURATION": lambda text, seed: _in_line(text, seed, "DURATION", lambda x: _value(x, "1 hour")),
    "an unknown FREQ": lambda text, seed: _in_line(
        text, seed, "RRULE", lambda x: re.sub(r"FREQ=\w+", "FREQ=FORTNIGHTLY", x)
    ),
    "INTERVAL=0": lambda text, seed: _in_line(text, seed, "RRULE", lambda x: f"{x};INTERVAL=0"),
    "a word in UNTIL": lambda text, seed: _in_line(
        text, seed, "RRULE", lambda x: re.sub(r";(UNTIL|COUNT)=[^;]+", "", x) + ";UNTIL=summer"
    ),
    "an unknown part of a rule": lambda text, seed: _in_line(
        text, seed, "RRULE", lambda x: f"{x};BYMOON=FULL"
    ),
    "a word in RDATE": lambda text, seed: _in_line(text, seed, "RDATE", lambda x: _value(x, "sometime")),
    "a zone that nobody knows": lambda text, seed: _in_line(
        text, seed, "DTSTART", lambda x: re.sub(r'TZID=("[^"]*"|[^:;]+)', "TZID=Mars/Olympus", x)
    ) if "TZID=" in text else None,
    "cut in the middle": lambda text, seed: text.encode()[: 400 + 37 * seed % max(1, len(text) - 500)],
    "no END:VEVENT": lambda text, _: text.replace("END:VEVENT\r\n", "", 1).encode(),
    "no colon": lambda text, seed: _in_line(text, seed, "DTSTART", lambda x: x.replace(":", " ")),
}  # fmt: skip
