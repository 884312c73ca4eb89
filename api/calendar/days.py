"""Which Swedish days are no days for a meeting: public holidays and eves, squeeze days, school breaks."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import holidays

from api.errors import FieldFault

SCHOOL_BREAKS = "school_breaks.csv"
SCHOOL_BREAK_COLUMNS = ("first", "last", "name")


@dataclass(frozen=True, slots=True)
class SchoolBreak:
    """A school break, first and last day included, as somebody has entered it."""

    first: date
    last: date
    name: str


def holiday_name(day: date) -> str | None:
    """Return the Swedish name of a public holiday or an eve that nobody works, or None."""
    return _holidays(day.year).get(day)


def is_squeeze_day(day: date) -> bool:
    """Tell whether a working day stands alone between two days off (klämdag)."""
    if _is_off(day):
        return False
    return _is_off(day - timedelta(days=1)) and _is_off(day + timedelta(days=1))


def school_break_on(day: date, breaks: tuple[SchoolBreak, ...]) -> str | None:
    """Return the name of the school break that a day lies in, or None."""
    return next((one.name for one in breaks if one.first <= day <= one.last), None)


def read_school_breaks(folder: Path) -> tuple[SchoolBreak, ...]:
    """Return the breaks in the folder's `school_breaks.csv`; none while nobody has entered any.

    Raises:
        FieldFault: naming the row that cannot be read.
    """
    file = folder / SCHOOL_BREAKS
    if not file.exists():
        return ()
    return parse_school_breaks(file.read_text(encoding="utf-8-sig"))


def parse_school_breaks(text: str) -> tuple[SchoolBreak, ...]:
    """Read school breaks from CSV with the columns first, last, name (dates as YYYY-MM-DD).

    Raises:
        FieldFault: naming the row that cannot be read.
    """
    found = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        try:
            first, last = (date.fromisoformat(row[name].strip()) for name in ("first", "last"))
        except (KeyError, ValueError, AttributeError) as error:
            raise FieldFault(
                SCHOOL_BREAKS, "Rad %(row)s i listan över skollov går inte att läsa.", row=number
            ) from error
        found.append(SchoolBreak(first, last, (row.get("name") or "").strip()))
    return tuple(found)


def _is_off(day: date) -> bool:
    return day.isoweekday() > 5 or holiday_name(day) is not None


@cache
def _holidays(year: int) -> dict[date, str]:
    found = holidays.country_holidays(
        "SE", years=[year], categories=("public", "de_facto"), language="sv"
    )
    return dict(found.items())
