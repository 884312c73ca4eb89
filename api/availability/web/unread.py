"""What of an uploaded calendar was not read, in words: how much, what it is, and what it leaves open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from api.calendar.reading.unread import Unread, Why
from api.kit.i18n import Speaker, later

MOST_LINES = 10
_LONGEST = 60

WORDS = {
    Why.NO_START: later("saknar starttid"),
    Why.NO_TIME: later("är ingen tid"),
    Why.TWICE: later("står två gånger, och inte lika"),
    Why.NO_LENGTH: later("är ingen längd"),
    Why.UNKNOWN_ZONE: later("är en okänd tidszon"),
    Why.NO_ZONE: later("saknar den tidszon som starten har"),
    Why.RULE: later("upprepas på ett sätt som vi inte kan följa"),
    Why.ENDS_EARLY: later("är långt före starten"),
    Why.ENDS_BEFORE: later("slutar upprepas innan den börjar"),
    Why.TOO_OFTEN: later("upprepas oftare än vi följer"),
    Why.NO_MATCH: later("är inte serien på den tiden, bara den dagen"),
    Why.CUT: later("är avklippt"),
    Why.FILE_CUT: later("kom inte med: filen slutar mitt i"),
    Why.NOT_BUSY: later("är en uppgift eller anteckning och tar ingen tid"),
    Why.AVAILABILITY: later("är arbetstider, som vi inte läser"),
    Why.MESSAGE: later("är ett svar eller förslag och ingen bokning"),
}


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """A property, its value and why it was not followed; `number` parts say the same."""

    property: str
    value: str
    why: str
    number: int


@dataclass(frozen=True, slots=True)
class UnreadList:
    """What of a calendar was not read; `events` of it could take time, `left_open` asked times stay open."""

    events: int
    left_open: int
    lines: tuple[UnreadLine, ...]
    more: int


def unread_list(unread: Iterable[Unread], left_open: int, say: Speaker) -> UnreadList:
    """Return what was not read, in the file's order, the same things together."""
    unread = tuple(unread)
    counted = Counter((one.property, _short(one.value), one.why) for one in unread)
    lines = tuple(
        UnreadLine(name, value, say.text(WORDS[why]), number)
        for (name, value, why), number in counted.items()
    )
    events = {one.uid or str(at) for at, one in enumerate(unread) if one.touched is not None}
    return UnreadList(len(events), left_open, lines[:MOST_LINES], len(lines[MOST_LINES:]))


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
