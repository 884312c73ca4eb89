"""Which time zone a name means: IANA's, Windows', Exchange's, a client's, in several languages, mistyped.

The data are CLDR's, as Babel brings them: windowsZones, the names of zones and of their cities.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global

_LANGUAGES = (
    "sv",
    "en",
    "de",
    "nb",
    "da",
    "fi",
    "nl",
    "fr",
    "es",
    "it",
    "pl",
    "pt",
    "et",
    "lt",
    "lv",
)
_LIKE = 0.93  # how alike a mistyped name must be; "Europe/Stokholm" is 0.97
_WORDS = re.compile(r"[^a-z0-9à-ɏΑ-ӿ]+")
_SIGN = re.compile(r"[+-](?=\d)")
_OFFSET = re.compile(
    r"\(?\s*(?:(?:etc/)?(?:gmt|utc|ut|z))?\s*([+-])\s*(\d{1,2})(?:[:.]?(\d{2}))?(?:[:.]?\d{2})?\s*\)?",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:\(\s*(?:utc|gmt)\s*([+-]\d{1,2}[:.]?\d{2})?\s*\))?\s*(.*)", re.IGNORECASE)
_NUMBERED = re.compile(r"\s+\d{1,2}$")
_ENDS = re.compile(
    r"[\s,]*\(?(standard time|daylight time|summer time|normaltid|sommartid|standardzeit|normalzeit"
    r"|sommerzeit|normaltid|sommertid)\)?$",
    re.IGNORECASE,
)
_UTC = {
    *("z", "utc", "ut", "gmt", "zulu", "etc utc", "etc gmt", "greenwich mean time", "universal"),
    *("coordinated universal time", "koordinerad universell tid", "koordinierte weltzeit"),
    *("temps universel coordonné", "tzone microsoft utc", "utc coordinated universal time"),
}
# What Windows calls these zones in other languages, and what older programs called them.
_OTHERS = {
    "västeuropa": "Europe/Berlin",
    "centraleuropa": "Europe/Budapest",
    "centraleuropeisk tid": "Europe/Stockholm",
    "svensk tid": "Europe/Stockholm",
    "romansk tid": "Europe/Paris",
    "mitteleuropäische zeit": "Europe/Berlin",
    "westeuropäische zeit": "Europe/London",
    "osteuropäische zeit": "Europe/Helsinki",
    "vest europa": "Europe/Berlin",
    "vesteuropa": "Europe/Berlin",
    "länsi euroopan normaaliaika": "Europe/Berlin",
    "länsi euroopan aika": "Europe/Berlin",
    "west europa": "Europe/Berlin",
    "west europa standaardtijd": "Europe/Berlin",
    "europe de l ouest": "Europe/Berlin",
    "paris madrid": "Europe/Paris",
    "romance": "Europe/Paris",
    "ora solare europa occidentale": "Europe/Berlin",
    "hora estándar romance": "Europe/Paris",
    "środkowoeuropejski czas stand": "Europe/Warsaw",
    "cet": "Europe/Stockholm",
    "cest": "Europe/Stockholm",
    "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "bst": "Europe/London",
    "eet": "Europe/Helsinki",
    "eest": "Europe/Helsinki",
    "wet": "Europe/Lisbon",
    "west": "Europe/Lisbon",
    "est": "America/New_York",
    "edt": "America/New_York",
    "cdt": "America/Chicago",
    "mdt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "eastern": "America/New_York",
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "pacific": "America/Los_Angeles",
}


@lru_cache(maxsize=1024)
def zone_named(told: str) -> tzinfo | None:
    """Return the zone that a TZID means, or None where nobody knows it.

    A program's prefix (RFC 5545 3.2.19), case, signs between words, Outlook's number at the end, the
    lists of cities in Exchange's long names and one slip of the finger do not matter.
    """
    name = _bare(told)
    if not name:
        return None
    return exactly_named(told) or _by_cities(name) or _mistyped(name)


@lru_cache(maxsize=1024)
def exactly_named(told: str) -> tzinfo | None:
    """Return the zone that a TZID names without a slip, which is found at once; else None."""
    for plain in _spellings(_bare(told)):
        zone = _known(plain) or _by_offset(plain)
        if zone is not None:
            return zone
    return None


def _bare(told: str) -> str:
    name = told.strip().strip('"').strip()
    return name if len(name) <= 200 else ""


def _spellings(name: str) -> Iterator[str]:
    """Yield a name, then what is left of it without prefixes and without the number at its end."""
    name = name.strip("/").replace("\\,", ",").replace("\\", "/")
    yield name
    parts = name.split("/")
    for start in range(1, len(parts)):
        if parts[start]:
            yield "/".join(parts[start:])
    if _NUMBERED.search(name):
        yield _NUMBERED.sub("", name)


def _known(name: str) -> tzinfo | None:
    key = _key(name)
    if key in _UTC:
        return UTC
    names = _names()
    short = _key(_ENDS.sub("", name))
    found = names.get(key) or names.get(short) or names.get(f"{short} standard time")
    if found is None and " " not in key:  # "W.Europe", "centraleuropeanstandardtime"
        found = _joined().get(key)
    found = found or _joined().get(key.replace(" ", ""))
    return None if found is None else ZoneInfo(found)


def _key(name: str) -> str:
    """Return a name's words and numbers; "Etc/GMT-1" and "Etc/GMT+1" stay apart."""
    told = _SIGN.sub(lambda sign: " plus " if sign[0] == "+" else " minus ", name.lower())
    return _WORDS.sub(" ", told).strip()


_all_names = lru_cache(maxsize=1)(available_timezones)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return IANA's name for each name that is known, in lower case with blanks between words."""
    found = {_key(name): name for name in _all_names()}
    for windows, name in get_global("windows_zone_mapping").items():
        found[_key(windows)] = name if name in _all_names() else "UTC"
    found |= _OTHERS
    for told, name in _localised().items():
        found.setdefault(told, name)
    return found


@lru_cache(maxsize=1)
def _joined() -> dict[str, str]:
    return {key.replace(" ", ""): name for key, name in _names().items()}


@lru_cache(maxsize=1)
def _localised() -> dict[str, str]:
    """Return what CLDR calls the zones in several languages ("Mitteleuropäische Zeit")."""
    zones: dict[str, str] = {}
    for name, meta in sorted(get_global("meta_zones").items()):
        if name in _all_names():
            zones.setdefault(meta, name)
    zones |= {"Europe_Central": "Europe/Stockholm", "America_Eastern": "America/New_York"}
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for meta, names in Locale(language).meta_zones.items():
            for told in (names.get("long") or {}).values():
                if meta in zones:
                    found.setdefault(_key(told), zones[meta])
    return found


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """Return the zones of cities by their names in several languages ("wien")."""
    found: dict[str, str] = {}
    for name in sorted(_all_names()):
        area, _, city = name.rpartition("/")
        if area and not area.startswith(("Etc", "SystemV", "posix", "right")):
            found.setdefault(_key(city), name)
    for language in _LANGUAGES:
        for name, told in Locale(language).time_zones.items():
            if "city" in told and name in _all_names():
                found.setdefault(_key(told["city"]), name)
    return found


def _by_offset(name: str) -> tzinfo | None:
    """Return the fixed zone of "GMT+05:30", "UTC+1" or "+0100": east is positive, as people say it."""
    found = _OFFSET.fullmatch(name)
    if found is None:
        return None
    told = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if told >= timedelta(hours=15):
        return None
    return timezone(-told if found[1] == "-" else told)


def _by_cities(name: str) -> tzinfo | None:
    """Return the zone of Exchange's "(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"."""
    found = _LISTED.fullmatch(name.replace("\\,", ","))
    if found is None:
        return None
    told = UTC if name.startswith("(") and not found[1] else _by_offset(found[1] or "")
    for city in re.split(r"[,;/]", found[2]):
        for known in (_cities().get(_key(city)), _names().get(_key(city))):
            if known is not None and told in {None, _winter(ZoneInfo(known))}:
                return ZoneInfo(known)
    words = re.sub(r"\(.*?\)", "", found[2])
    zone = _known(words) if words != name else None
    return zone if zone is not None and told in {None, _winter(zone)} else None


def _winter(zone: tzinfo) -> tzinfo:
    """Return a zone's standard offset, which such names tell, as a fixed zone."""
    told = [datetime(2026, month, 15, tzinfo=zone).utcoffset() for month in (1, 7)]
    return timezone(min(one for one in told if one is not None))


def _mistyped(name: str) -> tzinfo | None:
    """Return the one zone whose name is nearly this one; None where several are."""
    key = _key(name)
    if len(key) < 12:
        return None
    near = get_close_matches(key, _names(), n=4, cutoff=_LIKE)
    meant = {_names()[one] for one in near}
    return ZoneInfo(meant.pop()) if len(meant) == 1 else None
