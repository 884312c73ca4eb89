"""Which Swedish days are no days for a meeting: public holidays and eves, squeeze days, school breaks."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import holidays

from api.kit.errors import FieldFault
from api.kit.i18n import InBoth, Language, compared, later
from api.kit.table_file import Change, Line, TableFileError, read_lines

SCHOOL_BREAKS = "school_breaks.csv"
SCHOOL_BREAK_COLUMNS = ("first", "last", "name")
_SWEDISH_COLUMNS = (
    ("första dagen", "sista dagen", "namn"),
    ("första dagen", "sista dagen"),
    ("första", "sista", "namn"),
    ("från", "till", "namn"),
)
# The summer break is ten weeks; a span much longer than that is a slip of the pen.
LONGEST_BREAK_DAYS = 120


@dataclass(frozen=True, slots=True)
class SchoolBreak:
    """A school break, first and last day included, as somebody has entered it."""

    first: date
    last: date
    name: str


def holiday_name(day: date, language: Language = "sv") -> str | None:
    """Return the name of a Swedish public holiday or an eve that nobody works, or None."""
    return _holidays(day.year, language).get(day)


def holiday_said(day: date) -> InBoth | None:
    """Return the same in both languages, for a sentence whose reader is not known yet."""
    swedish, english = (holiday_name(day, language) for language in ("sv", "en"))
    return InBoth(swedish, english) if swedish and english else None


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


def parse_school_breaks(content: str | bytes) -> tuple[SchoolBreak, ...]:
    """Read school breaks from a table with first day, last day and name; headings may stand first.

    Raises:
        FieldFault: naming the row and the cell that cannot be used.
    """
    octets = content.encode() if isinstance(content, str) else content
    if not octets.strip():
        return ()
    try:
        lines = read_lines(octets)
    except TableFileError as error:
        fault = error.faults[0]
        told = {"found": fault.found, "expected": fault.expected}
        if not fault.line:
            raise FieldFault(
                SCHOOL_BREAKS,
                "Filen går inte att läsa: %(found)s. Den ska vara %(expected)s.",
                **told,
            ) from error
        raise FieldFault(
            SCHOOL_BREAKS,
            "Rad %(row)s %(cell)s: ”%(found)s”. Där ska stå %(expected)s.",
            row=fault.line,
            cell=fault.column,
            **told,
        ) from error
    found = [_break_from(line) for line in lines if not _is_header(lines[0], line)]
    return tuple(sorted(found, key=lambda one: (one.first, one.last, one.name)))


def changes_of(
    before: tuple[SchoolBreak, ...], after: tuple[SchoolBreak, ...]
) -> tuple[tuple[str, tuple[Change, ...]], ...]:
    """Return each break that a new list adds, moves or takes away: its name, and its cells before and after.

    A break is known by its name and the year that it begins in.
    """
    old = [one for one in before if one not in after]
    found = []
    for new in (one for one in after if one not in before):
        same = next((one for one in old if _key(one) == _key(new)), None)
        if same is not None:
            old.remove(same)
        found.append((new.name, tuple(_cell_changes(same, new))))
    found += [(gone.name, tuple(_cell_changes(gone, None))) for gone in old]
    return tuple(found)


def _key(one: SchoolBreak) -> tuple[int, str]:
    return one.first.year, compared(one.name)


def _cell_changes(before: SchoolBreak | None, after: SchoolBreak | None) -> Iterator[Change]:
    for column in SCHOOL_BREAK_COLUMNS:
        old, new = (str(getattr(one, column)) if one else "" for one in (before, after))
        if old != new:
            yield Change(column, old, new)


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


def _is_header(first: Line, line: Line) -> bool:
    if line is not first:
        return False
    named = tuple(filter(None, map(compared, line.cells)))
    return named in {SCHOOL_BREAK_COLUMNS, SCHOOL_BREAK_COLUMNS[:2], *_SWEDISH_COLUMNS}


def _break_from(line: Line) -> SchoolBreak:
    row = line.number
    if any(line.cells[3:]):
        text = later(
            "Rad %(row)s har fler än tre celler. Skriv första dagen, sista dagen och namnet."
        )
        raise FieldFault(SCHOOL_BREAKS, text, row=row)
    days = [_day(row, column, cell) for column, cell in zip(("A", "B"), line.cells, strict=False)]
    if len(days) < 2:
        text = later("Rad %(row)s saknar sista dagen. Skriv första dagen, sista dagen och namnet.")
        raise FieldFault(SCHOOL_BREAKS, text, row=row)
    first, last = days
    if last < first:
        text = later("Rad %(row)s: sista dagen, %(last)s, ligger före den första, %(first)s.")
        raise FieldFault(SCHOOL_BREAKS, text, row=row, first=first, last=last)
    if (last - first).days > LONGEST_BREAK_DAYS:
        text = later("Rad %(row)s: lovet är längre än %(most)s dagar.")
        raise FieldFault(SCHOOL_BREAKS, text, row=row, most=LONGEST_BREAK_DAYS)
    return SchoolBreak(first, last, " ".join(line.cells[2].split()) if len(line.cells) > 2 else "")


def _day(row: int, column: str, cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        text = later(
            "Rad %(row)s: ”%(found)s” i cell %(cell)s är inget datum. Skriv det som 2027-02-15."
        )
        where = f"{column}{row}"
        raise FieldFault(SCHOOL_BREAKS, text, row=row, found=cell[:40], cell=where) from error


def _is_off(day: date) -> bool:
    return day.isoweekday() > 5 or holiday_name(day) is not None


@cache
def _holidays(year: int, language: Language) -> dict[date, str]:
    found = holidays.country_holidays(
        "SE",
        years=[year],
        categories=("public", "de_facto"),
        language="sv" if language == "sv" else "en_US",
    )
    return dict(found.items())
