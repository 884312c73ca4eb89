"""What an event tells at each level and in each language, as VEVENT octets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import get_args

from api.calendar.ical import Status, Vevent, day_after, vevent
from api.calendar.models import Event, Level
from api.calendar.recurrence import same_length, starts_of
from api.kit.clock import to_local
from api.kit.i18n import LANGUAGES, Language, Speaker, later

# What an occurrence shares with its series, as long as nobody has changed it.
_SHARED = (
    "neutral_sv",
    "neutral_en",
    "title_sv",
    "title_en",
    "town",
    "room",
    "video_url",
    "agenda_sv",
    "agenda_en",
    "status",
    "is_protected",
)

_MARKS = {"CANCELLED": later("Inställt"), "TENTATIVE": later("Förslag")}

EXAMPLE = "Exempel: "  # the same word in both languages: what is invented must be known by it


def _townless(is_open: bool) -> str:  # noqa: FBT001 - an event's own fact
    return later("På plats, orten är inte bestämd") if is_open else later("Digitalt")


def page_url(event: Event, base_url: str) -> str:
    """Return the full address of the page to read more on."""
    return f"{base_url}{event.page}"


def as_vevent(event: Event, level: Level, language: Language, base_url: str) -> Vevent:
    """Return an event as calendars know it, at a level and in a language.

    A protected event is busy at every level, without exception.
    """
    start = event.starts_at if event.first_day is None else event.first_day
    end = event.ends_at if event.last_day is None else day_after(event.last_day)
    assert start is not None  # noqa: S101 - EventDetails lets no event in without its times
    assert end is not None  # noqa: S101 - the same
    say = Speaker(language)
    busy = Vevent(
        uid=event.uid,
        sequence=event.sequence,
        stamp=event.revised_at,
        created=event.created_at,
        status=status_of(event),
        start=start,
        end=end,
        summary=_title(event, say.text("Upptagen"), say),
        # A proposal blocks nothing until it is decided.
        is_free=event.status != "CONFIRMED" or event.is_deadline,
    )
    if event.is_protected or level is Level.BUSY:
        return busy
    where = "" if event.is_deadline else event.town or say.text(_townless(event.is_town_open))
    link = page_url(event, base_url)
    more = say.text("Läs mer (du behöver logga in): %(url)s", url=link)
    named = replace(busy, location=where, description=more, url=link, conference=event.video_url)
    if level is Level.NEUTRAL:
        neutral = event.neutral_sv if language == "sv" else event.neutral_en
        return replace(named, summary=_title(event, neutral, say))
    title, agenda = event.title_sv, event.agenda_sv
    if language == "en":
        title, agenda = event.title_en, event.agenda_en
    return replace(
        named,
        summary=_title(event, title, say),
        location=", ".join(filter(None, (event.room, where))),
        description="\n\n".join(filter(None, (agenda, more))),
    )


def status_of(event: Event) -> Status:
    """Return the stored status as RFC 5545 3.8.1.11 names it."""
    known: tuple[Status, ...] = get_args(Status)
    return next(status for status in known if status == event.status)


def vevents(
    event: Event, occurrences: Sequence[Event], level: Level, language: Language, base_url: str
) -> list[Vevent]:
    """Return what calendars get: an event itself; of a series also the occurrences that differ.

    A moment of the rule that has no occurrence is left out (EXDATE, RFC 5545 3.8.5.1). A series that
    has none left is nothing: programs break on a rule without instances.
    """
    own = as_vevent(event, level, language, base_url)
    if not event.rule:
        return [own]
    shown = held(event, occurrences)
    without = tuple(moment for moment in _moments(event) if moment not in shown)
    series = replace(own, rule=event.rule, without=without)
    if event.status == "CANCELLED":
        return [series if shown else own]
    alone = [
        as_vevent(one, level, language, base_url)
        for one in occurrences
        if one.is_apart and not one.is_left_out
    ]
    if not shown:
        return alone
    changed = [one for one in shown.values() if is_changed(one, event)]
    told = (as_occurrence(one, event, level, language, base_url) for one in changed)
    return [series, *told, *alone]


def held(series: Event, occurrences: Sequence[Event]) -> dict[datetime, Event]:
    """Return the occurrences that calendars show in a series: those at a moment of the rule.

    Not those left out, and not those that have become an event of their own. Where a date was called off
    and there is one again, that one is shown.
    """
    called_off_first = sorted(occurrences, key=lambda one: one.status != "CANCELLED")
    known = {
        one.original_start: one for one in called_off_first if not (one.is_left_out or one.is_apart)
    }
    return {moment: known[moment] for moment in _moments(series) if moment in known}


def _moments(series: Event) -> list[datetime]:
    assert series.starts_at is not None  # noqa: S101 - a series has moments
    return starts_of(series.rule, series.starts_at)


def as_occurrence(
    event: Event, series: Event, level: Level, language: Language, base_url: str
) -> Vevent:
    """Return an occurrence as calendars know it: by its series' UID and its RECURRENCE-ID.

    One that was moved past its neighbour is an event of its own: Outlook takes no such exception.
    """
    if event.is_apart:
        return as_vevent(event, level, language, base_url)
    return within_series(event, series, level, language, base_url)


def within_series(
    event: Event, series: Event, level: Level, language: Language, base_url: str
) -> Vevent:
    """Return an occurrence by its series' UID and its RECURRENCE-ID, also one that leaves the series."""
    return replace(
        as_vevent(event, level, language, base_url),
        uid=series.uid,
        sequence=max(event.sequence, series.sequence),
        original_start=event.original_start,
    )


def is_changed(event: Event, series: Event) -> bool:
    """Return whether an occurrence is anything but what its series' rule says."""
    assert series.starts_at is not None  # noqa: S101 - a series has moments
    assert series.ends_at is not None  # noqa: S101 - the same
    assert event.original_start is not None  # noqa: S101 - an occurrence has one
    ends = same_length(event.original_start, series.starts_at, series.ends_at)
    is_elsewhen = (event.starts_at, event.ends_at) != (event.original_start, ends)
    return is_elsewhen or any(getattr(event, name) != getattr(series, name) for name in _SHARED)


def crosses(event: Event, occurrences: Sequence[Event]) -> bool:
    """Return whether an occurrence has been moved to, or past, the day of another one of its series.

    Exchange allows no such exception (ErrorOccurrenceCrossingBoundary) and drops the series in feeds.
    """
    if event.original_start is None or event.starts_at is None:
        return False
    day = to_local(event.starts_at).date()
    for other in occurrences:
        is_beside = other.id == event.id or other.is_apart or other.is_left_out
        if is_beside or other.original_start is None or other.starts_at is None:
            continue
        is_before = other.original_start < event.original_start
        other_day = to_local(other.starts_at).date()
        if other_day >= day if is_before else other_day <= day:
            return True
    return False


def fragments(
    event: Event, base_url: str, occurrences: Sequence[Event] = ()
) -> dict[tuple[Level, str], bytes]:
    """Return an event's octets for every level and language; an occurrence's are in its series'."""
    if event.series_id is not None:
        return {}
    return {
        (level, language): b"".join(
            map(vevent, vevents(event, occurrences, level, language, base_url))
        )
        for level in Level
        for language in LANGUAGES
    }


def _title(event: Event, title: str, say: Speaker) -> str:
    """Google and Outlook show STATUS poorly in subscribed calendars: the title says it too."""
    if event.is_example and EXAMPLE.rstrip(": ").casefold() not in title.casefold():
        title = f"{EXAMPLE}{title}"
    mark = _MARKS.get(event.status)
    return f"{say.text(mark)}: {title}" if mark else title
