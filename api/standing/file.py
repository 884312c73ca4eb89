"""A planner's calendar file as standing meetings: which can be read in, and why the others cannot."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from api.calendar.reading import (
    BROKEN,
    OLDEST_SERIES,
    Components,
    UnreadableError,
    components,
    length_of,
    moment,
    occurrences,
    replaced,
    unknown_zone,
)
from api.calendar.rrule import FREQUENCIES, RuleError
from api.kit.errors import FieldFault
from api.kit.i18n import later
from api.standing.text import LONGEST_NAME, first_paragraph, has_address, plain

MOST_BYTES = 1_000_000
MOST_EVENTS = 500
MOST_OCCURRENCES = 100
MOST_MEETINGS = 2_000
AHEAD = timedelta(days=731)  # the coming 24 months
LONGEST = timedelta(days=7)

CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not read in: a Swedish source text, and what fills its places."""

    text: str
    values: dict[str, object] = field(default_factory=dict)


class RefusedError(Exception):
    """An event that is not read in."""

    def __init__(self, text: str, **values: object) -> None:
        self.reason = Reason(text, values)
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Told:
    """One meeting as the file tells it; of a cancelled one only which it is."""

    recurrence_id: str
    starts_at: datetime
    ends_at: datetime
    name: str
    focus: str  # may be empty: then the form's
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class FileEvent:
    """An event of the file with its repeats; nothing of it is read in when there is a reason."""

    uid: str  # the UID's hash
    name: str
    told: tuple[Told, ...] = ()  # those ahead, earliest first
    passed: frozenset[str] = frozenset()  # those that have begun, by occurrence
    is_whole: bool = False  # the series itself is in the file, not only exceptions from it
    reason: Reason | None = None


def read_events(content: bytes, at: datetime) -> tuple[FileEvent, ...]:
    """Return the events of a file in its order.

    Raises:
        FieldFault: when the file is too large, is no calendar, or holds none or too many events.
    """
    if len(content) > MOST_BYTES:
        raise FieldFault(
            "file", "Filen är större än 1 MB. Spara ut bara kalendern med de stående mötena."
        )
    try:
        content.decode("utf-8-sig")
        read = components(content, MOST_EVENTS)
    except UnicodeDecodeError as error:
        raise FieldFault(
            "file", "Filen är inte i UTF-8. Spara ut kalendern som .ics på nytt."
        ) from error
    except UnreadableError as error:
        raise FieldFault(
            "file",
            "Filen gick inte att läsa som en hel kalender med högst %(most)s händelser. Spara ut den som .ics på nytt.",
            most=MOST_EVENTS,
        ) from error
    if not read.events:
        raise FieldFault("file", "Det finns inga händelser i filen.")
    found = tuple(_event(parts, read, at) for parts in _by_uid(read.events))
    if sum(len(event.told) for event in found) > MOST_MEETINGS:
        raise FieldFault(
            "file",
            "Filen blir fler än %(most)s träffar. Spara ut bara kalendern med de stående mötena.",
            most=MOST_MEETINGS,
        )
    return found


def _by_uid(events: Iterable[Any]) -> Iterable[list[Any]]:
    """Yield the components of each event: a series with the occurrences that are told apart."""
    found: dict[str, list[Any]] = {}
    for number, event in enumerate(events):
        uid = _text(event, "UID").strip()
        found.setdefault(uid or f"\0{number}", []).append(event)
    return found.values()


def _event(parts: list[Any], read: Components, at: datetime) -> FileEvent:
    uid = _text(parts[0], "UID").strip()
    hashed = hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()
    name = plain(_text(parts[0], "SUMMARY"))[:LONGEST_NAME]
    if not uid:
        text = later("Saknar UID, och kan då inte kännas igen när filen läses in igen.")
        return FileEvent(hashed, name, reason=Reason(text))
    try:
        masters = [part for part in parts if "RECURRENCE-ID" not in part]
        told: dict[str, Told] = {}
        if masters:
            told |= _all_of(_newest(masters), read.method, at)
        for part in sorted(parts, key=_revision):
            if "RECURRENCE-ID" in part:
                one = _exception(part, read.method, at)
                told[one.recurrence_id] = one
        found = sorted(told.values(), key=lambda one: (one.starts_at, one.recurrence_id))
        ahead = tuple(one for one in found if one.starts_at > at)
        passed = frozenset(one.recurrence_id for one in found if one.starts_at <= at)
        return FileEvent(hashed, name, ahead, passed, bool(masters))
    except RefusedError as error:
        return FileEvent(hashed, name, reason=error.reason)
    except BROKEN:
        return FileEvent(hashed, name, reason=Reason(later("Går inte att läsa.")))


def _all_of(event: Any, method: str, at: datetime) -> dict[str, Told]:  # noqa: ANN401 - icalendar's component
    """Return an event's meetings by occurrence: those ahead, and of a single one also if it has passed."""
    _insist_on_times(event)
    length = _length(event, method)
    is_repeated = "RRULE" in event or "RDATE" in event
    since, last = (at if is_repeated else datetime.min.replace(tzinfo=UTC)), at + AHEAD
    if not is_repeated and moment(event["DTSTART"].dt) > last:
        raise RefusedError(later("Ligger mer än 24 månader fram."))
    name, focus = _texts(event, method)
    begins = _begins(event, since, last)
    return {
        key: Told(key, begin, begin + length, name, focus, _is_cancelled(event, method))
        for begin in begins
        for key in [_key(begin) if is_repeated else ""]
    }


def _begins(event: Any, since: datetime, last: datetime) -> list[datetime]:  # noqa: ANN401 - icalendar's component
    try:
        begins = list(islice(occurrences(event, since, last), MOST_OCCURRENCES + 1))
    except RuleError as error:
        raise RefusedError(*_of_rule(event, since)) from error
    if len(begins) > MOST_OCCURRENCES:
        raise RefusedError(
            later(
                "Upprepas fler än %(most)s gånger de närmaste 24 månaderna. Sätt ett slutdatum i din kalender."
            ),
            most=MOST_OCCURRENCES,
        )
    return begins


def _of_rule(event: Any, since: datetime) -> tuple[str]:  # noqa: ANN401 - icalendar's component
    """Return in words what is wrong with how an event repeats."""
    if moment(event["DTSTART"].dt) < since - OLDEST_SERIES:
        return (later("Serien började för mer än tio år sedan. Gör en ny serie i din kalender."),)
    rule = event.get("RRULE")
    freq = str(rule["FREQ"][0]).upper() if isinstance(rule, dict) and "FREQ" in rule else ""
    if freq and freq not in FREQUENCIES:
        return (later("Upprepas oftare än en gång om dagen."),)
    return (later("Upprepas på ett sätt som Samkrets inte läser."),)


def _exception(event: Any, method: str, at: datetime) -> Told:  # noqa: ANN401 - icalendar's component
    """Return an occurrence that is told apart from its series: moved, renamed or called off."""
    if str(event["RECURRENCE-ID"].params.get("RANGE", "")).upper() == "THISANDFUTURE":
        raise RefusedError(later("Upprepas på ett sätt som Samkrets inte läser."))
    _insist_on_known(event, "RECURRENCE-ID")
    place = replaced(event)
    assert place is not None  # noqa: S101 - it has a RECURRENCE-ID
    if _is_cancelled(event, method):
        return Told(_key(place), place, place, "", "", is_cancelled=True)
    _insist_on_times(event)
    begin = moment(event["DTSTART"].dt)
    if begin > at + AHEAD:
        raise RefusedError(later("Ligger mer än 24 månader fram."))
    return Told(
        _key(place),
        begin,
        begin + _length(event, method),
        *_texts(event, method),
        is_cancelled=False,
    )


def _insist_on_times(event: Any) -> None:  # noqa: ANN401 - icalendar's component
    if "DTSTART" not in event:
        raise RefusedError(later("Saknar starttid."))
    if not isinstance(event["DTSTART"].dt, datetime):
        raise RefusedError(
            later(
                "Är en heldag. Träffar har klockslag: sätt ett i din kalender och läs in filen igen."
            )
        )
    for name in ("DTSTART", "DTEND"):
        _insist_on_known(event, name)


def _insist_on_known(event: Any, name: str) -> None:  # noqa: ANN401 - icalendar's component
    if name in event and (zone := unknown_zone(event[name])):
        raise RefusedError(
            later("Har tidszonen ”%(zone)s”, som är okänd. Välj en annan i din kalender."),
            zone=plain(zone)[:LONGEST_NAME],
        )


def _length(event: Any, method: str) -> timedelta:  # noqa: ANN401 - icalendar's component
    if _is_cancelled(event, method):
        return timedelta()
    length = length_of(event)
    if length is None:
        raise RefusedError(later("Saknar sluttid."))
    if length <= timedelta():
        raise RefusedError(later("Slutar inte efter att den börjar."))
    if length > LONGEST:
        raise RefusedError(later("Pågår längre än en vecka."))
    return length


def _texts(event: Any, method: str) -> tuple[str, str]:  # noqa: ANN401 - icalendar's component
    """Return an event's name and focus, which are all that is taken of its words."""
    if _is_cancelled(event, method):
        return "", ""
    if _text(event, "CLASS").upper() in {"PRIVATE", "CONFIDENTIAL"}:
        raise RefusedError(later("Är markerad som privat i din kalender."))
    name = plain(_text(event, "SUMMARY"))
    if not name:
        raise RefusedError(later("Saknar namn."))
    if len(name) > LONGEST_NAME:
        raise RefusedError(
            later("Har ett namn som är längre än %(most)s tecken."), most=LONGEST_NAME
        )
    if has_address(name):
        raise RefusedError(
            later(
                "Har en adress eller ett långt nummer i namnet. Ta bort det i din kalender och läs in filen igen."
            )
        )
    return name, first_paragraph(_text(event, "DESCRIPTION"))


def _is_cancelled(event: Any, method: str) -> bool:  # noqa: ANN401 - icalendar's component
    return method == "CANCEL" or _text(event, "STATUS").upper() == CANCELLED


def _newest(events: list[Any]) -> Any:  # noqa: ANN401 - icalendar's component
    return max(events, key=_revision)


def _revision(event: Any) -> int:  # noqa: ANN401 - icalendar's component
    """Return an event's SEQUENCE: of the same event twice the latest counts (RFC 5546 2.1.5)."""
    told = _text(event, "SEQUENCE")
    return int(told) if told.isascii() and told.isdigit() else 0


def _text(event: Any, name: str) -> str:  # noqa: ANN401 - icalendar's component
    found = event.get(name, "")
    return str(found[0] if isinstance(found, list) else found)


def _key(begin: datetime) -> str:
    return f"{begin:%Y%m%dT%H%M%SZ}"
