"""The one place that knows what time it is and where Sweden is."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# What was written farther ahead than this was written while a clock went wrong: it holds nobody up.
CLOCKS_DIFFER = timedelta(hours=1)

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return this moment, aware, in UTC, to the second: calendars know no smaller unit."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - this is the clock


def to_local(moment: datetime) -> datetime:
    """Return an aware moment as Swedish local time."""
    return moment.astimezone(STOCKHOLM)


def from_local(local: datetime) -> datetime:
    """Return a naive Swedish local time as an aware moment in UTC.

    In the hour that comes twice in October the first is meant (fold=0); a time in the hour
    that does not exist in March is read with the offset before the change (PEP 495).
    """
    return local.replace(tzinfo=STOCKHOLM).astimezone(UTC)


def today() -> date:
    """Return today's date in Sweden."""
    return to_local(now()).date()
