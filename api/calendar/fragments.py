"""What an event tells at each level and in each language, as VEVENT octets."""

from dataclasses import dataclass
from typing import get_args

from api.calendar.ical import Status, Vevent, day_after, vevent
from api.calendar.models import Event, Level
from api.i18n import LANGUAGES, Language, Speaker

EXAMPLE = "Exempel: "  # the same word in both languages: what is invented must be known by it


@dataclass(frozen=True, slots=True)
class Words:
    """An event's texts at one level."""

    summary: str
    location: str = ""
    description: str = ""
    is_linked: bool = False


def words(event: Event, level: Level, language: Language, base_url: str) -> Words:
    """Return what a level may tell; a protected event is busy at every level, without exception."""
    if event.is_protected or level is Level.BUSY:
        return Words(_title(event, _busy(language), language))
    say = Speaker(language)
    where = "" if event.is_deadline else event.town or say.text("Digitalt")
    more = say.text("Läs mer (du behöver logga in): %(url)s", url=page_url(event, base_url))
    if level is Level.NEUTRAL:
        neutral = event.neutral_sv if language == "sv" else event.neutral_en
        return Words(_title(event, neutral, language), where, more, is_linked=True)
    title, agenda = event.title_sv, event.agenda_sv
    if language == "en":
        title, agenda = event.title_en, event.agenda_en
    place = ", ".join(filter(None, (event.room, where)))
    text = "\n\n".join(filter(None, (agenda, more)))
    return Words(_title(event, title, language), place, text, is_linked=True)


def page_url(event: Event, base_url: str) -> str:
    """Return the full address of the page to read more on."""
    return f"{base_url}{event.page}"


def as_vevent(event: Event, level: Level, language: Language, base_url: str) -> Vevent:
    """Return an event as calendars know it, at a level and in a language."""
    told = words(event, level, language, base_url)
    start = event.starts_at if event.first_day is None else event.first_day
    end = event.ends_at if event.last_day is None else day_after(event.last_day)
    assert start is not None  # noqa: S101 - EventDetails lets no event in without its times
    assert end is not None  # noqa: S101 - the same
    link = page_url(event, base_url) if told.is_linked else ""
    return Vevent(
        uid=event.uid,
        sequence=event.sequence,
        stamp=event.revised_at,
        created=event.created_at,
        status=status_of(event),
        start=start,
        end=end,
        summary=told.summary,
        location=told.location,
        description=told.description,
        url=link,
        conference=link if link and not event.town and not event.is_deadline else "",
        is_free=event.status == "CANCELLED" or event.is_deadline,
    )


def status_of(event: Event) -> Status:
    """Return the stored status as RFC 5545 3.8.1.11 names it."""
    known: tuple[Status, ...] = get_args(Status)
    return next(status for status in known if status == event.status)


def fragments(event: Event, base_url: str) -> dict[tuple[Level, str], bytes]:
    """Return an event's octets for every level and language."""
    return {
        (level, language): vevent(as_vevent(event, level, language, base_url))
        for level in Level
        for language in LANGUAGES
    }


def _busy(language: Language) -> str:
    return Speaker(language).text("Upptagen")


def _title(event: Event, title: str, language: Language) -> str:
    """Google and Outlook show STATUS poorly in subscribed calendars: the title says it too."""
    if event.is_example and EXAMPLE.rstrip(": ").casefold() not in title.casefold():
        title = f"{EXAMPLE}{title}"
    if event.status == "CANCELLED":
        title = f"{Speaker(language).text('Inställt')}: {title}"
    return title
