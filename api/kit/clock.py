"""The one place that knows what time it is, where Sweden is, and how a form's day and clock time are read."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from api.kit.errors import FieldFault

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


YEARS: Final = range(2000, 2101)  # what a form may name: further off no meeting is held


def day_from(text: str) -> date:
    """Return the day that a field holds, such as 2027-03-01.

    Raises:
        ValueError: when it holds none, or one in no year of `YEARS`.
    """
    found = date.fromisoformat(text.strip())
    if found.year not in YEARS:
        raise ValueError(text)
    return found


def clock_from(text: str) -> time:
    """Return the clock time that a field holds, to the minute: 09:30 as browsers send it, 9.30 as people write it.

    Raises:
        ValueError: when it holds none.
    """
    written = text.strip().replace(".", ":")
    found = time.fromisoformat(written if written[1:2] != ":" else f"0{written}")
    return found.replace(second=0, microsecond=0, tzinfo=None)


def day_in(fields: Mapping[str, str], name: str = "day") -> date:
    """Return the day of a form's field.

    Raises:
        FieldFault: naming the field when it holds none.
    """
    try:
        return day_from(fields.get(name, ""))
    except ValueError as error:
        raise FieldFault(name, "Välj en dag.") from error


def clock_in(fields: Mapping[str, str], name: str) -> time:
    """Return the clock time of a form's field.

    Raises:
        FieldFault: naming the field when it holds none.
    """
    try:
        return clock_from(fields.get(name, ""))
    except ValueError as error:
        raise FieldFault(name, "Välj ett klockslag.") from error


def today() -> date:
    """Return today's date in Sweden."""
    return to_local(now()).date()
