"""vCalendar 1.0, as old phones and Outlook's .vcs write it: its rules, its zone, its quoted texts."""

import quopri
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from api.calendar.reading.lines import Line
from api.calendar.reading.parts import Part
from api.calendar.reading.values import ValueFaultError, offset, when
from api.calendar.reading.zones import DefinedZone, Observance, ZoneError
from api.calendar.rrule import RuleError, Work

_RULE = re.compile(r"(D|W|MP|MD|YM|YD|M)(\d+)(?=\s|$)", re.IGNORECASE)
_WEEKDAYS = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
_COUNT = re.compile(r"#(\d+)$")
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?$")
_PLACE = re.compile(r"(\d)([+-])$")
_FREQ = {
    "D": "DAILY",
    "W": "WEEKLY",
    "MP": "MONTHLY",
    "MD": "MONTHLY",
    "YM": "YEARLY",
    "YD": "YEARLY",
}
_LISTED_AS = {
    "D": "BYHOUR",
    "W": "BYDAY",
    "MP": "BYDAY",
    "MD": "BYMONTHDAY",
    "YM": "BYMONTH",
    "YD": "BYYEARDAY",
}
_NO_LETTER = re.compile(rb"=(?![0-9A-Fa-f]{2})")


def is_rule(text: str) -> bool:
    """Whether a rule is written as vCalendar 1.0 does: "W1 TU #3"."""
    return _RULE.match(text.strip()) is not None


def parts_of(text: str) -> dict[str, str]:
    """Return such a rule's parts as RFC 5545 names them; without an end it comes twice, "#0" is for ever.

    Raises:
        RuleError: when a word of it is not understood.
    """
    kind, interval, *words = _words(text)
    if kind not in _FREQ:
        raise RuleError(text)
    ends: dict[str, str] = {"COUNT": "2"}
    listed: list[str] = []
    place = ""
    for word in words:
        if end := _end(word):
            ends = {name: told for name, told in end.items() if told.strip("0")}
        elif number := _PLACE.fullmatch(word):
            place = f"{'-' if number[2] == '-' else ''}{number[1]}"
        else:
            listed.append(_listed(word, place))
    found = {"FREQ": _FREQ[kind], "INTERVAL": interval, **ends}
    if listed:
        found[_LISTED_AS[kind]] = ",".join(listed)
    return found


def _end(word: str) -> dict[str, str]:
    """Return what ends a rule: "#3" or a time; nothing for another word."""
    if count := _COUNT.fullmatch(word):
        return {"COUNT": count[1]}
    return {"UNTIL": word} if _UNTIL.fullmatch(word) else {}


def _listed(word: str, place: str) -> str:
    """Return a weekday with its place in the month, or a day's, month's or year day's number."""
    if word in _WEEKDAYS:
        return place + word
    if word == "LD":
        return "-1"
    number = word.rstrip("+-")
    # Four digits are a clock time: several a day are not followed.
    if not number.isdigit() or len(number) > 3:
        raise RuleError(word)
    return f"-{number}" if word.endswith("-") else number


def _words(text: str) -> Iterator[str]:
    found = _RULE.match(text.strip())
    if found is None:
        raise RuleError(text)
    yield from (found[1].upper(), found[2])
    yield from text.strip()[found.end() :].upper().split()


def zone_of(calendar: Part, work: Work) -> tzinfo | None:
    """Return the zone of a file's floating times by its TZ and DAYLIGHT; None where it tells none."""
    told = calendar.first("TZ")
    if told is None:
        return None
    try:
        standard = offset(told, told.value)
        observances = [Observance(datetime(1970, 1, 1), standard, standard)]  # noqa: DTZ001 - local
        for line in calendar.all("DAYLIGHT"):
            observances += _summer(line, standard)
        return DefinedZone("TZ", observances, work)
    except (ValueFaultError, ZoneError):
        return None


def _summer(line: Line, standard: timedelta) -> Iterator[Observance]:
    """Yield the two changes of `TRUE;+02;20270328T010000Z;20271031T010000Z;CET;CEST`."""
    words = [word.strip() for word in line.value.split(";")]
    if len(words) < 4 or words[0].upper() != "TRUE":
        return
    summer = offset(line, words[1])
    begin, end = (when(line, word, lambda _: None) for word in words[2:4])
    for one, before, after in ((begin, standard, summer), (end, summer, standard)):
        local = one.local + before if one.zone is UTC else one.local
        yield Observance(local, before, after)


def plain_text(line: Line) -> str:
    """Return a text, with quoted-printable letters put back (RFC 2045 6.7)."""
    if (
        "QUOTED-PRINTABLE" not in line.param("ENCODING").upper()
        and "QUOTED-PRINTABLE" not in line.params
    ):
        return line.value
    octets = _NO_LETTER.sub(b"", line.value.encode("utf-8", "replace"))
    decoded = quopri.decodestring(octets)
    for name in (line.param("CHARSET") or "utf-8", "cp1252"):
        try:
            return decoded.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return decoded.decode("latin-1")
