"""Swedish source texts, English catalogues, and dates and numbers as people in each language write them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from babel.dates import format_date, get_month_names
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from api.kit.clock import to_local

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")


def read_by(told: str) -> Language:
    """Return the language of somebody, or of something, that a row tells: Swedish where it is none of ours."""
    return "en" if told == "en" else "sv"


LOCALE = Path(__file__).parents[1] / "locale"

LOCALES = {"sv": "sv_SE", "en": "en_GB"}


@cache
def catalogue(language: Language) -> dict[str, tuple[str, ...]]:
    """Return the translations of every Swedish source text; each feature has its own .po file."""
    texts: dict[str, tuple[str, ...]] = {}
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as handle:
            for message in read_po(handle, locale=LOCALES[language]):
                source = message.id if isinstance(message.id, str) else message.id[0]
                forms = message.string or ""
                texts[source] = (forms,) if isinstance(forms, str) else tuple(map(str, forms))
    return {source: forms for source, forms in texts.items() if source and all(forms)}


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, language: Language) -> str:
    """Return a day in words; a page says the same few many times."""
    return format_date(day, pattern, locale=LOCALES[language])


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language: texts, dates, times and numbers."""

    language: Language

    def text(self, source: str, **values: object) -> str:
        """Return the text for a Swedish source text, with its %(name)s places filled."""
        text = source
        if self.language != "sv":
            text = catalogue(self.language).get(source, (source,))[0]
        told = {
            name: self.said(v) if isinstance(v, Said | InBoth) else v for name, v in values.items()
        }
        return text % told if told else text

    def said(self, text: "Said | InBoth | str") -> str:
        """Return a text that was made before its language was known; a plain one as it is."""
        if isinstance(text, InBoth):
            return self.either(text.swedish, text.english)
        return text if isinstance(text, str) else self.text(text.source, **dict(text.values))

    def plural(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the singular or plural text; %(num)s is the number."""
        forms: tuple[str, ...] = (one, many)
        if self.language != "sv":
            forms = catalogue(self.language).get(one, forms)
        return forms[0 if number == 1 else -1] % {"num": number, **values}

    def either(self, swedish: str, english: str) -> str:
        """Return the one of two stored texts that is in this language."""
        return swedish if self.language == "sv" else english

    def plain_date(self, day: date) -> str:
        """Return a day of which only the date matters, e.g. "31 december 2016"."""
        return _written(day, "d MMMM y", self.language)

    def date(self, day: date) -> str:
        """Return e.g. "torsdag 12 mars 2026 (vecka 11)" with the ISO 8601 week."""
        written = _written(day, "EEEE d MMMM y", self.language)
        return f"{written} ({self.text('vecka')} {day.isocalendar().week})"

    def span(self, start: datetime, end: datetime) -> str:
        """Return e.g. "torsdag 12 mars 2026 kl. 09.00–16.00 (vecka 11)" for aware moments."""
        first, last = to_local(start), to_local(end)
        if first.date() != last.date():
            return f"{self.moment(start)} – {self.moment(end)}"
        day = _written(first.date(), "EEEE d MMMM y", self.language)
        week = f"({self.text('vecka')} {first.isocalendar().week})"
        return f"{day} {self.text('kl.')} {self.clock(start)}–{self.clock(end)} {week}"

    def moment(self, moment: datetime) -> str:
        """Return e.g. "torsdag 12 mars 2026 kl. 09.00" for an aware moment."""
        local = to_local(moment)
        day = _written(local.date(), "EEEE d MMMM y", self.language)
        return f"{day} {self.text('kl.')} {self.clock(moment)}"

    def brief(self, start: datetime, end: datetime) -> str:
        """Return for a list e.g. "tis 5 jan 13.00–14.00", or "23–24 feb" of more days than one."""
        first, last = to_local(start), to_local(end)
        if first.date() != last.date():
            return self.days(start, end)
        day = _written(first.date(), "EEE d MMM", self.language).replace(".", "")
        return f"{day} {self.clock(start)}–{self.clock(end)}"

    def days(self, start: datetime, end: datetime) -> str:
        """Return the days alone: "5 jan", "23–24 feb" or "30 mar–1 apr"."""
        first, last = to_local(start), to_local(end)
        until = f"{last.day} {self.month(last.month)}"
        if first.date() == last.date():
            return until
        begin = str(first.day)
        return (
            f"{begin}–{until}"
            if first.month == last.month
            else f"{begin} {self.month(first.month)}–{until}"
        )

    def month_and_year(self, moment: datetime) -> str:
        """Return e.g. "februari 2027"."""
        local = to_local(moment)
        return f"{self.month(local.month, whole=True)} {local.year}"

    def in_brief(self, moment: datetime) -> str:
        """Return e.g. "12 jan 13.00": the day and time of a mail's subject."""
        return f"{self.brief_day(moment)} {self.clock(moment)}"

    def brief_day(self, moment: datetime) -> str:
        """Return the local day of a moment, e.g. "12 jan"."""
        local = to_local(moment)
        return f"{local.day} {self.month(local.month)}"

    def stamp(self, moment: datetime) -> str:
        """Return day, year and time as a table's cell has room for, e.g. "29 nov 2026, 19.35"."""
        return f"{self.brief_day(moment)} {to_local(moment).year}, {self.clock(moment)}"

    def clock(self, moment: datetime) -> str:
        """Return local time on the 24-hour clock: 09.00 in Swedish, 09:00 in English."""
        return to_local(moment).strftime("%H.%M" if self.language == "sv" else "%H:%M")

    def weekday(self, moment: datetime) -> str:
        """Return the local weekday of a moment, e.g. "torsdag"."""
        return _written(to_local(moment).date(), "EEEE", self.language)

    def month(self, number: int, *, whole: bool = False) -> str:
        """Return a month's short or whole name, 1 for January."""
        width: Literal["wide", "abbreviated"] = "wide" if whole else "abbreviated"
        names = get_month_names(width, context="stand-alone", locale=LOCALES[self.language])
        return str(names[number]).rstrip(".")

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with the language's decimal mark and thousand mark."""
        return _number(value, digits, self.language)

    def listing(self, items: Iterable[str]) -> str:
        """Return "a, b och c"."""
        words = list(items)
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.text('och')} {words[-1]}"

    def either_of(self, items: Iterable[str]) -> str:
        """Return "a, b eller c"."""
        words = list(items)
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.text('eller')} {words[-1]}"


@lru_cache(maxsize=10_000)  # Babel reads the pattern anew each time, and a page says hundreds
def _number(value: float, digits: int, language: Language) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=LOCALES[language])


@dataclass(frozen=True, slots=True, init=False)
class Said:
    """A text to be said at the edge, in whoever's language: a Swedish source text and its values."""

    source: str
    values: tuple[tuple[str, object], ...]

    def __init__(self, source: str, **values: object) -> None:
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "values", tuple(values.items()))

    def __str__(self) -> str:
        """Return the text in Swedish."""
        return Speaker("sv").said(self)

    @property
    def english(self) -> str:
        """The text in English, as the command line says it."""
        return Speaker("en").said(self)


@dataclass(frozen=True, slots=True)
class InBoth:
    """A name that is stored in both languages, to be said at the edge like a `Said`."""

    swedish: str
    english: str

    def __str__(self) -> str:
        """Return the name in Swedish."""
        return self.swedish


def compared(name: str) -> str:
    """Return a name as names are compared: composed letters, single blanks, no case (UAX 15, NFC)."""
    return unicodedata.normalize("NFC", " ".join(name.split()).casefold())


def swedish_order(text: str) -> tuple[int, ...]:
    """Return a sort key with å, ä and ö last, as a Swedish reader expects; é sorts as e."""
    last = {"å": 0x10000, "ä": 0x10001, "ö": 0x10002}
    plain = text.casefold().replace("é", "e").replace("ü", "y")
    return tuple(last.get(letter, ord(letter)) for letter in plain)


def later(source: str) -> str:
    """Mark a Swedish source text that is said elsewhere; the translation test finds it here."""
    return source


def _months() -> list[str]:
    """Return the months' whole and short names in both languages, the longest first."""
    names = (
        name
        for locale in LOCALES.values()
        for width in ("wide", "abbreviated")
        for name in get_month_names(width, context="format", locale=locale).values()
    )
    return sorted({re.escape(name.rstrip(".")) for name in names}, key=len, reverse=True)


NO_BREAK = "\u00a0"
_BEFORE = ("kl.", "at", "den", "vecka", "veckan", "week", "rad", "rader")
_UNITS = (
    *("km²", "km", "kB", "MB", "GB", "h", "min", "RC", "px"),
    *("minuter", "minutes", "timmar", "hours", "dagar", "days"),
)
_AFTER_WORD = "|".join(rf"(?<=\b{re.escape(word)} )" for word in _BEFORE)
_AFTER_MONTH = "|".join(rf"(?<=\b{month} )" for month in _months())
# What a line never breaks between: "kl." or "at" and the time, a day, its month and its year, a number and its unit; nor does
# a line begin with a dash.
# Each begins with the blank, which is what makes looking through a page quick.
TIE = (
    rf" (?:(?=[0-9])(?:{_AFTER_WORD}|(?=[0-9]{{4}}\b)(?:{_AFTER_MONTH}))"
    rf"|(?<=[0-9] )(?=%|(?:{'|'.join((*_months(), *_UNITS))})\b)|(?=–\s))"
)
_TIED = re.compile(TIE)
# In HTML: where a text stands, which is before a tag; those of a field are its own and are left alone.
_TEXT = r"(?=[^<>]*<(?!/(?:textarea|script|style)))"
_TIED_IN_HTML = re.compile(rf"{TIE}{_TEXT}")
# 44–86, 13.00–14.00, 23–24 feb: an invisible sign keeps the line together (Unicode 23.2, word joiner).
JOINER = "\u2060"
_RANGE_IN_HTML = re.compile(rf"–(?<=[0-9]–)(?=[0-9]){_TEXT}")


def tied(text: str) -> str:
    """Return a text in which no line breaks inside a time, a date, or a number with its unit."""
    return _TIED.sub(NO_BREAK, text)


def with_whole_ranges(page: str) -> str:
    """Return a page's HTML in whose texts no line breaks inside "44–86"; not for mails: old programs draw the sign."""
    return _RANGE_IN_HTML.sub(f"–{JOINER}", page)


def tied_page(page: str) -> str:
    """Return a page's HTML with every text tied (`tied`); attributes and fields are left as they are."""
    return _TIED_IN_HTML.sub(NO_BREAK, page)
