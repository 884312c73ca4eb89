"""When an event is, in words; a series says how it repeats."""

from datetime import date, datetime

from babel.dates import format_date, get_day_names

from api.calendar.models import Event
from api.calendar.recurrence import Every, every_of, starts_of, week_of_month
from api.kit.clock import to_local
from api.kit.i18n import LOCALES, Speaker, later

_WEEKLY = {
    Every.WEEK: later("varje %(weekday)s"),
    Every.SECOND_WEEK: later("varannan %(weekday)s"),
    Every.FOURTH_WEEK: later("var fjärde %(weekday)s"),
}
_MONTHLY = {
    Every.MONTH: later("%(number)s %(weekday)sen varje månad"),
    Every.SECOND_MONTH: later("%(number)s %(weekday)sen varannan månad"),
    Every.QUARTER: later("%(number)s %(weekday)sen var tredje månad"),
}
_NUMBERS = {
    1: later("första"),
    2: later("andra"),
    3: later("tredje"),
    4: later("fjärde"),
    -1: later("sista"),
}


def when(event: Event, say: Speaker) -> str:
    """Return an event's time; of a series how it repeats, its hours, and its first and last day."""
    if event.starts_at is None or event.ends_at is None:
        days = [day for day in (event.first_day, event.last_day) if day is not None]
        return " – ".join(say.date(day) for day in dict.fromkeys(days))
    if event.rule:
        return repeats(event.rule, event.starts_at, event.ends_at, say)
    return say.span(event.starts_at, event.ends_at)


def repeats(rule: str, start: datetime, end: datetime, say: Speaker) -> str:
    """Return e.g. "första tisdagen varje månad kl. 13.00–14.00, från 12 januari till 8 juni 2027"."""
    days = [to_local(moment).date() for moment in starts_of(rule, start)]
    first, last = days[0], days[-1]
    return say.text(
        "%(rule)s kl. %(start)s–%(end)s, från %(first)s till %(last)s",
        rule=pattern(every_of(rule), first, say),
        start=say.clock(start),
        end=say.clock(end),
        first=_short(first, say),
        last=_short(last, say),
    )


def pattern(every: Every, first: date, say: Speaker) -> str:
    """Return e.g. "första tisdagen varje månad" for what begins on a day."""
    weekday = get_day_names(locale=LOCALES[say.language])[first.weekday()]
    if every in _WEEKLY:
        return say.text(_WEEKLY[every], weekday=weekday)
    number = say.text(_NUMBERS[week_of_month(first)])
    return say.text(_MONTHLY[every], number=number, weekday=weekday)


def _short(day: date, say: Speaker) -> str:
    return format_date(day, "d MMMM y", locale=LOCALES[say.language])
