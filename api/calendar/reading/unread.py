"""What of a file was not followed, and which times it could touch: never silent, never a "yes"."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from api.calendar.reading.lines import Line

ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_ODD_DAY = timedelta(hours=15)  # how far a clock time can be from ours in an unknown zone


class Why(StrEnum):
    """Why something was not followed; its value says it in English."""

    NO_START = "there is no start"
    NO_TIME = "this is no time"
    TWICE = "it is told twice, and not the same"
    NO_LENGTH = "this is no length"
    UNKNOWN_ZONE = "nobody knows this time zone"
    NO_ZONE = "the end has no time zone, the start has one"
    RULE = "it repeats in a way that is not followed"
    ENDS_EARLY = "the end is long before the start"
    ENDS_BEFORE = "the repetition ends before it begins"
    TOO_OFTEN = "it repeats more often than is followed"
    NO_MATCH = "no occurrence is at this time, but one is on this day"
    CUT = "it is cut off"
    FILE_CUT = "the file ends early"
    NOT_BUSY = "tasks and notes take no time"
    AVAILABILITY = "hours of availability are not followed"
    MESSAGE = "an answer or a proposal is no meeting"


@dataclass(frozen=True, slots=True)
class Unread:
    """A property, or a whole part, that was not followed.

    `touched` are the times it could have taken, start included, end not; None when it takes no time.
    """

    uid: str
    property: str
    value: str
    why: Why
    touched: tuple[datetime, datetime] | None = None

    def could_touch(self, start: datetime, end: datetime) -> bool:
        """Whether it could take time between two moments."""
        return self.touched is not None and self.touched[0] < end and start < self.touched[1]


def unread(
    uid: str, line: Line, why: Why, touched: tuple[datetime, datetime] | None = ALWAYS
) -> Unread:
    """Return what was not followed of a line."""
    return Unread(uid, line.name, line.value.strip()[:200], why, touched)


def around(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return where a time is that is told in an unknown zone; `start` and `end` as if in UTC."""
    return _plus(start, -_ODD_DAY), _plus(end, _ODD_DAY)


def _plus(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        return ALWAYS[span > timedelta()]
