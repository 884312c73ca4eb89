"""CoSPLib's workbooks: the nine sheets of an instance are read, the solution's sheet is written."""

from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from bench.cosplib.instance import Instance, Matrix, Schedule, Submission, Weights

Row = tuple[Any, ...]

_DAY = 24 * 60


def read_instance(path: Path) -> Instance:
    """Read an instance; blank rows and blank penalties are nothing and 0."""
    book = openpyxl.load_workbook(path, data_only=True)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    tracks = _named(sheets["tracks"])
    sessions = _named(sheets["sessions"])
    rooms = [str(row[0]) for row in _named(sheets["rooms"])]
    track_names = [str(row[0]) for row in tracks]
    session_names = [str(row[0]) for row in sessions]
    clock = _Clock(sheets["parameters"], sessions)
    weights = Weights(*(int(_cell(row, 4) or 0) for row in sheets["parameters"][1:17]))
    rows = _named(sheets["submissions"])
    header = [str(cell) for cell in sheets["submissions"][0]]
    return Instance(
        tracks=tuple(track_names),
        sessions=tuple(session_names),
        rooms=tuple(rooms),
        capacity=tuple(int(row[1]) for row in sessions),
        submissions=tuple(
            _submission(row, header, track_names, session_names, rooms, clock) for row in rows
        ),
        chairs=tuple(_people(_cell(row, 1)) for row in tracks),
        weights=weights,
        tracks_sessions=_matrix(sheets["tracks_sessions|penalty"], track_names, session_names),
        tracks_rooms=_matrix(sheets["tracks_rooms|penalty"], track_names, rooms),
        sessions_rooms=_matrix(sheets["sessions_rooms|penalty"], session_names, rooms),
        similar=_similar(sheets["similar tracks"], track_names),
    )


def write_schedule(path: Path, instance: Instance, schedule: Schedule) -> None:
    """Write the sheet `sol`: tracks per session and room, a blank row, submissions per time slot."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("sol")
    for room, name in enumerate(instance.rooms):
        sheet.write(0, room + 1, name)
    for session, name in enumerate(instance.sessions):
        sheet.write(session + 1, 0, name)
        for room, track in enumerate(schedule.track[session]):
            if track >= 0:
                sheet.write_string(session + 1, room + 1, instance.tracks[track])
    line = len(instance.sessions) + 2
    for session, name in enumerate(instance.sessions):
        for slot in range(instance.capacity[session]):
            sheet.write(line, 0, name)
            for room in range(len(instance.rooms)):
                talk = schedule.talks[session][room][slot]
                if talk >= 0:
                    sheet.write_string(line, room + 1, instance.submissions[talk].reference)
            line += 1
    book.close()


def read_schedule(path: Path, instance: Instance) -> Schedule:
    """Read a solution's first sheet back."""
    book = openpyxl.load_workbook(path, data_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    tracks = {name: number for number, name in enumerate(instance.tracks)}
    talks = {one.reference: number for number, one in enumerate(instance.submissions)}
    columns = range(1, len(instance.rooms) + 1)
    track_rows = rows[1 : len(instance.sessions) + 1]
    line = len(instance.sessions) + 2
    held = []
    for capacity in instance.capacity:
        block = rows[line : line + capacity]
        line += capacity
        held.append(
            tuple(
                tuple(talks.get(str(_cell(row, column) or ""), -1) for row in block)
                for column in columns
            )
        )
    return Schedule(
        tuple(
            tuple(tracks.get(str(_cell(row, column) or ""), -1) for column in columns)
            for row in track_rows
        ),
        tuple(held),
    )


class _Clock:
    """The hours that suit, as minutes of the local day, and what other hours cost."""

    def __init__(self, parameters: list[Row], sessions: list[Row]) -> None:
        column = [_cell(row, 1) for row in parameters]
        self._zone = zone_minutes(column[1])
        self._suits = _minutes(column[3]), _minutes(column[4])
        self._bearable = _minutes(column[6]), _minutes(column[7])
        self._small, self._big = int(column[8] or 0), int(column[10] or 0)
        self._hours = [(_minutes(row[3]), _minutes(row[4])) for row in sessions]

    def penalties(self, zone: object) -> tuple[int, ...]:
        """Return, for each session, what its hours cost somebody in this zone."""
        shift = zone_minutes(zone) - self._zone
        return tuple(
            self._penalty((start + shift) % _DAY, (end + shift) % _DAY)
            for start, end in self._hours
        )

    def _penalty(self, start: int, end: int) -> int:
        if start < self._bearable[0] or end > self._bearable[1] or end < self._bearable[0]:
            return self._big
        early = self._bearable[0] <= start < self._suits[0]
        late = self._suits[1] < end <= self._bearable[1]
        return self._small if early or late else 0


def zone_minutes(zone: object) -> int:
    """Return the minutes east of Greenwich of a zone such as `GMT+2`, `GMT-3:30` or empty."""
    text = str(zone or "").strip().upper().removeprefix("GMT").removeprefix("UTC")
    if not text:
        return 0
    hours, _, minutes = text.lstrip("+-").partition(":")
    value = round(float(hours) * 60) + int(minutes or 0)
    return -value if text.startswith("-") else value


def _minutes(value: object) -> int:
    if isinstance(value, datetime | time):
        return value.hour * 60 + value.minute
    if isinstance(value, int | float):
        return round(float(value) % 1 * _DAY)
    hours, minutes = str(value).split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _named(rows: list[Row]) -> list[Row]:
    """Return the rows under the header that have a name."""
    return [row for row in rows[1:] if _cell(row, 0) is not None and str(row[0]).strip()]


def _cell(row: Row, column: int) -> Any:  # noqa: ANN401 - a cell holds anything
    return row[column] if column < len(row) else None


def _number(value: object) -> int:
    return int(float(str(value))) if value not in {None, ""} else 0


def _people(cell: object) -> frozenset[str]:
    return frozenset(str(cell).split(", ")) - {""} if cell is not None else frozenset()


def _submission(
    row: Row,
    header: list[str],
    tracks: list[str],
    sessions: list[str],
    rooms: list[str],
    clock: _Clock,
) -> Submission:
    # A room may carry a session's name, so the two blocks are looked up each in its own part.
    start = 7
    middle = start + len(sessions)
    in_session = {
        name: _cell(row, start + place) for place, name in enumerate(header[start:middle])
    }
    in_room = {name: _cell(row, middle + place) for place, name in enumerate(header[middle:])}
    return Submission(
        reference=str(row[0]),
        track=tracks.index(str(row[1])),
        slots=_number(row[2]),
        order=_number(row[3]),
        presenters=_people(_cell(row, 5)),
        attendees=_people(_cell(row, 6)),
        session_penalty=tuple(_number(in_session.get(name)) for name in sessions),
        room_penalty=tuple(_number(in_room.get(name)) for name in rooms),
        zone_penalty=clock.penalties(_cell(row, 4)),
    )


def _matrix(rows: list[Row], names: list[str], columns: list[str]) -> Matrix:
    header = [str(cell) for cell in rows[0]]
    place = {name: column for column, name in enumerate(header) if column > 0}
    lines = {str(row[0]): row for row in rows[1:]}
    return tuple(
        tuple(_number(_cell(lines.get(name, ()), place[column])) for column in columns)
        for name in names
    )


def _similar(rows: list[Row], names: list[str]) -> Matrix:
    """Read the upper triangle: the column is taken by its place, whatever its heading says."""
    lines = {str(row[0]): row for row in rows[1:]}
    return tuple(
        tuple(
            _number(_cell(lines.get(name, ()), column + 1)) if column > line else 0
            for column in range(len(names))
        )
        for line, name in enumerate(names)
    )
