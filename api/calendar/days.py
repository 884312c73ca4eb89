"""Which Swedish days are no days for a meeting: public holidays and eves, squeeze days, school breaks."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import holidays

from api.kit.errors import FieldFault

SCHOOL_BREAKS = "school_breaks.csv"
SCHOOL_BREAK_COLUMNS = ("first", "last", "name")
# The summer break is ten weeks; a span much longer than that is a slip of the pen.
LONGEST_BREAK_DAYS = 120


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
    lines = csv.reader(io.StringIO(text))
    try:
        found += [_break_from(row) for row in lines if row and not _is_header(lines.line_num, row)]
    except (csv.Error, ValueError) as error:
        raise FieldFault(
            SCHOOL_BREAKS,
            "Rad %(row)s i listan över skollov går inte att läsa.",
            row=lines.line_num,
        ) from error
    return tuple(sorted(found, key=lambda one: (one.first, one.last, one.name)))


def written_school_breaks(breaks: tuple[SchoolBreak, ...]) -> str:
    """Return school breaks as the CSV text that `parse_school_breaks` reads."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SCHOOL_BREAK_COLUMNS)
    writer.writerows((one.first.isoformat(), one.last.isoformat(), one.name) for one in breaks)
    return text.getvalue()


def write_school_breaks(folder: Path, breaks: tuple[SchoolBreak, ...]) -> None:
    """Keep school breaks in the folder; a reader sees the old list or the new one, never half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
        file.write(written_school_breaks(breaks))
    Path(file.name).replace(folder / SCHOOL_BREAKS)


def _is_header(line: int, row: list[str]) -> bool:
    return line == 1 and tuple(name.strip() for name in row) == SCHOOL_BREAK_COLUMNS


def _break_from(row: list[str]) -> SchoolBreak:
    first, last = (date.fromisoformat(text.strip()) for text in row[:2])
    if last < first or (last - first).days > LONGEST_BREAK_DAYS:
        raise ValueError(row)
    return SchoolBreak(first, last, row[2].strip() if len(row) > 2 else "")


def _is_off(day: date) -> bool:
    return day.isoweekday() > 5 or holiday_name(day) is not None


@cache
def _holidays(year: int) -> dict[date, str]:
    found = holidays.country_holidays(
        "SE", years=[year], categories=("public", "de_facto"), language="sv"
    )
    return dict(found.items())
