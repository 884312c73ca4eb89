"""A programme as tables for a spreadsheet, out and in: a row a session; a workbook also holds times, rooms and tracks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from api.kit.exports import EXAMPLE, Table
from api.kit.i18n import Said, Speaker, compared, later
from api.kit.table_file import CellFault, Line, TableFileError
from api.programme.outlines import LONGEST, SHORTEST
from api.programme.schedules.faults import MOST_TOLD, NOTHING, shown
from api.programme.schedules.schedule import Hall, Schedule, Span, Talk, moment_of
from api.programme.schedules.schedule import Line as Track
from api.programme.words import FORMAT_EXPECTED, FORMATS, format_named

SESSIONS, TIMES = later("Pass"), later("Tider")
ROOMS, TRACKS = later("Lokaler"), later("Spår")
# A heading is said in the reader's language and known again in both.
COLUMNS: Final[Mapping[str, str]] = {
    "title": later("Pass"),
    "starts_at": later("Börjar"),
    "ends_at": later("Slutar"),
    "room": later("Lokal"),
    "track": later("Spår"),
    "type": later("Form"),
    "leader": later("Leds av"),
    "abstract": later("Syfte"),
    "task_sv": later("Det gör vi"),
    "method_sv": later("Metod"),
    "preparation_sv": later("Förberedelse"),
    "gives_guest_sv": later("Ger gästen"),
    "link": later("Länk"),
    "title_en": later("Pass på engelska"),
    "purpose_en": later("Syfte på engelska"),
    "task_en": later("Det gör vi på engelska"),
    "method_en": later("Metod på engelska"),
    "preparation_en": later("Förberedelse på engelska"),
    "gives_guest_en": later("Ger gästen på engelska"),
    "theme_id": later("Ämnets nyckel"),
    "key": later("Nyckel"),
}
_OF_TIMES: Final[Mapping[str, str]] = {
    "starts_at": later("Börjar"),
    "ends_at": later("Slutar"),
    "is_break": later("Paus"),
    "name": later("Namn"),
    "name_en": later("På engelska"),
    "key": later("Nyckel"),
}
_OF_ROOMS: Final[Mapping[str, str]] = {
    "name": later("Namn"),
    "seats": later("Platser"),
    "is_digital": later("Digital"),
}
_OF_TRACKS: Final[Mapping[str, str]] = {
    "name": later("Namn"),
    "name_en": later("På engelska"),
    "focus": later("Fokus"),
}
_YES: Final = frozenset({"ja", "yes", "x", "1", "true"})
_MUST: Final = ("title", "starts_at", "ends_at")
_PLAIN: Final = frozenset({"title", "starts_at", "ends_at", "room", "track", "type", "leader"}) | {
    "abstract",
    "link",
}


def write(title: str, schedule: Schedule, say: Speaker) -> list[Table]:
    """Return the tables of a schedule: sessions first, whole by themselves, then times, rooms and tracks."""
    yes, no = say.text("ja"), say.text("nej")
    parts = (
        (title, COLUMNS, tuple(_row(one, say) for one in schedule.talks)),
        (
            say.text(TIMES),
            _OF_TIMES,
            tuple(
                (s.starts_at, s.ends_at, yes if s.is_break else no, s.name, s.name_en, s.key)
                for s in schedule.spans
            ),
        ),
        (
            say.text(ROOMS),
            _OF_ROOMS,
            tuple((h.name, h.seats, yes if h.is_digital else no) for h in schedule.halls),
        ),
        (
            say.text(TRACKS),
            _OF_TRACKS,
            tuple((t.name, t.name_en, t.focus) for t in schedule.tracks),
        ),
    )
    return [
        Table(name, tuple(map(say.text, columns.values())), rows, schedule.is_example)
        for name, columns, rows in parts
    ]


def _row(one: Talk, say: Speaker) -> tuple[str | datetime, ...]:
    values: dict[str, str | datetime] = {
        name: one.own.get(name, "") for name in COLUMNS if name not in _PLAIN
    }
    kind = say.text(FORMATS[one.type]) if one.type in FORMATS else one.type
    values |= {
        "title": one.title,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "room": one.room,
        "track": one.track,
        "type": kind,
        "leader": one.leader,
        "abstract": one.abstract,
        "link": one.link,
    }
    return tuple(values[name] for name in COLUMNS)


def read(sheets: Mapping[str, list[Line]]) -> Schedule:
    """Return the schedule in a workbook's sheets, or in the one table of a CSV file.

    Raises:
        TableFileError: naming each row and column that cannot be used.
    """
    named = {_sheet(name): lines for name, lines in reversed(list(sheets.items()))}
    first = next(iter(sheets.values()), [])
    found = _Read([])
    _insist_on_columns(first)
    rows = list(_rows(first, COLUMNS))
    talks = [talk for row in rows if (talk := found.talk(row)) is not None]
    spans = [
        span
        for row in _rows(named.get("times", []), _OF_TIMES)
        if (span := found.span(row)) is not None
    ]
    halls = [
        Hall(row.get("name"), found.seats(row), compared(row.get("is_digital")) in _YES)
        for row in _rows(named.get("rooms", []), _OF_ROOMS)
    ]
    tracks = [
        Track(row.get("name"), row.get("name_en"), row.get("focus"))
        for row in _rows(named.get("tracks", []), _OF_TRACKS)
    ]
    if not talks and not found.faults:
        found.faults.append(CellFault(0, "", NOTHING, Said(later("minst ett pass"))))
    if found.faults:
        raise TableFileError(*found.faults[:MOST_TOLD])
    talks.sort(key=lambda one: (one.starts_at, one.room, one.title))
    return Schedule(
        id="",
        title="",
        starts_at=min(one.starts_at for one in talks),
        ends_at=max(one.ends_at for one in talks),
        halls=tuple(halls),
        tracks=tuple(tracks),
        talks=tuple(talks),
        spans=tuple(spans),
        is_example=bool(first) and compared(EXAMPLE) in map(compared, first[0].cells),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, its cells by column; `heading` is what the file calls a column."""

    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(slots=True)
class _Read:
    """Reads rows, and keeps what is wrong."""

    faults: list[CellFault]

    def talk(self, row: _Row) -> Talk | None:
        title = row.get("title")
        if not title or len(title) > 300:
            self._wrong(row, "title", Said(later("en titel, högst 300 tecken")))
        times = self._times(row)
        kind = format_named(row.get("type"))
        if row.get("type") and kind is None:
            self._wrong(row, "type", Said(FORMAT_EXPECTED))
        if times is None:
            return None
        begins, ends = times
        minutes = round((ends - begins).total_seconds() / 60)
        if not SHORTEST <= minutes <= LONGEST:
            expected = later("%(shortest)s–%(longest)s minuter efter början")
            self._wrong(row, "ends_at", Said(expected, shortest=SHORTEST, longest=LONGEST))
        return Talk(
            guid=row.get("key"),
            title=title,
            starts_at=begins,
            minutes=minutes,
            room=row.get("room"),
            track=row.get("track"),
            type=kind or "",
            abstract=row.get("abstract"),
            leader=row.get("leader"),
            link=row.get("link"),
            own={name: text for name in COLUMNS if name not in _PLAIN and (text := row.get(name))},
        )

    def span(self, row: _Row) -> Span | None:
        times = self._times(row)
        if times is None:
            return None
        is_break = compared(row.get("is_break")) in _YES
        key = row.get("key") or f"slot{row.number}"
        return Span(key, *times, is_break, row.get("name"), row.get("name_en"))

    def seats(self, row: _Row) -> int:
        text = row.get("seats")
        if text and not (text.isascii() and text.isdigit() and len(text) < 6):
            self._wrong(row, "seats", Said(later("ett heltal")))
            return 0
        return int(text or 0)

    def _times(self, row: _Row) -> tuple[datetime, datetime] | None:
        found = [self._moment(row, name) for name in ("starts_at", "ends_at")]
        begins, ends = found
        return (begins, ends) if begins is not None and ends is not None else None

    def _moment(self, row: _Row, name: str) -> datetime | None:
        try:
            return moment_of(row.get(name))
        except ValueError:
            self._wrong(row, name, Said(later("en tid som 2027-02-16 09:00")))
            return None

    def _wrong(self, row: _Row, name: str, expected: Said) -> None:
        heading = row.headings.get(name, name)
        self.faults.append(CellFault(row.number, heading, shown(row.get(name)), expected))


def _insist_on_columns(lines: list[Line]) -> None:
    """Refuse a table that does not say what, from when and till when."""
    known = {_names(COLUMNS).get(compared(cell)) for cell in lines[0].cells} if lines else set()
    missing = [Speaker("sv").text(COLUMNS[name]) for name in _MUST if name not in known]
    if missing:
        found = " | ".join(filter(None, lines[0].cells)) if lines else ""
        expected = Said(later("kolumnerna %(names)s på första raden"), names=", ".join(missing))
        raise TableFileError(CellFault(1, "", shown(found), expected))


def _rows(lines: list[Line], columns: Mapping[str, str]) -> Iterator[_Row]:
    if not lines:
        return
    known = _names(columns)
    names = [known.get(compared(cell)) for cell in lines[0].cells]
    headings = {
        name: cell for name, cell in zip(names, lines[0].cells, strict=False) if name is not None
    }
    for line in lines[1:]:
        cells = {name: cell for name, cell in zip(names, line.cells, strict=False) if name}
        if any(cells.values()):
            yield _Row(line.number, cells, headings)


def _names(columns: Mapping[str, str]) -> Mapping[str, str]:
    return _said(tuple(columns.items()))


@cache
def _said(columns: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    both = (Speaker("sv"), Speaker("en"))
    return {compared(say.text(text)): name for say in both for name, text in columns}


def _sheet(title: str) -> str:
    """Return which table a sheet is, by its name in either language; one of an example says so first."""
    bare = compared(title).removeprefix(f"{compared(EXAMPLE)} ")
    kinds = {"times": TIMES, "rooms": ROOMS, "tracks": TRACKS}
    both = (Speaker("sv"), Speaker("en"))
    return next(
        (kind for kind, text in kinds.items() if bare in {compared(s.text(text)) for s in both}),
        "sessions",
    )
