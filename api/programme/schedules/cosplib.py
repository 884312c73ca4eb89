"""CoSPLib's workbooks (Kheiri et al.): tracks of submissions, rooms, and sessions of so many time slots each.

A session becomes its time slots, a submission a session of ours that is not placed yet: planning places
it. What is the library's alone (weights, penalties, order, time zones, chairs, attendees) is not read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from api.kit.clock import from_local
from api.kit.i18n import Said, later
from api.kit.table_file import CellFault, Line, TableFileError, reference
from api.programme.content import ProgrammePlan, RoomPlan, SessionPlan, SlotPlan, TrackPlan
from api.programme.models import Focus
from api.programme.outlines import SHORTEST
from api.programme.schedules.faults import MOST_TOLD, NOTHING, shown
from api.programme.schedules.schedule import UNSAID_SEATS, YEARS

SHEETS: Final = ("submissions", "tracks", "sessions", "rooms")
MOST_SLOTS_A_SESSION = 20
Sheets = Mapping[str, list[Line]]


def is_workbook(sheets: Collection[str]) -> bool:
    """Return whether sheets are those of the library, as far as their names tell."""
    return len(set(SHEETS) & set(sheets)) > 1


def read(sheets: Sheets) -> ProgrammePlan:
    """Return a workbook as the content of a programme.

    Raises:
        TableFileError: naming each cell that cannot be used.
    """
    missing = [one for one in SHEETS if one not in sheets]
    if missing:
        raise TableFileError(
            *(CellFault(0, one, NOTHING, Said(later("ett blad med det namnet"))) for one in missing)
        )
    found = _Workbook([])
    tracks, rooms = found.names(sheets["tracks"], "tracks"), found.names(sheets["rooms"], "rooms")
    slots = found.slots(sheets["sessions"])
    shortest = min((one.minutes for one in slots), default=0)
    sessions = found.submissions(sheets["submissions"], tracks, len(slots), shortest)
    if found.faults:
        raise TableFileError(*found.faults[:MOST_TOLD])
    return ProgrammePlan(
        tracks=tuple(TrackPlan(key, name, name, Focus.SUBJECT) for name, key in tracks.items()),
        slots=tuple(slots),
        rooms=tuple(RoomPlan(key, name, UNSAID_SEATS) for name, key in rooms.items()),
        sessions=tuple(sessions),
    )


@dataclass(slots=True)
class _Workbook:
    """Reads sheets, and keeps what is wrong."""

    faults: list[CellFault]

    def names(self, lines: list[Line], sheet: str) -> dict[str, str]:
        """Return the names of a sheet's first column, each with a key."""
        known: dict[str, str] = {}
        for line in _below(lines):
            name = _cell(line, 0)
            if name in known:
                self._wrong(sheet, line, 0, Said(later("varje namn en gång")))
            known[name] = f"{sheet.removesuffix('s')}{len(known) + 1}"
        if not known:
            self.faults.append(CellFault(0, sheet, NOTHING, Said(later("minst ett namn"))))
        return known

    def slots(self, lines: list[Line]) -> list[SlotPlan]:
        """Return the time slots of all sessions, by time."""
        found: list[tuple[datetime, datetime, int, Line]] = []
        for line in _below(lines):
            number = self._whole("sessions", line, 1, MOST_SLOTS_A_SESSION)
            day, start, end = (self._moment(line, place) for place in (2, 3, 4))
            if number is None or day is None or start is None or end is None:
                continue
            begins, ends = _at(day, start), _at(day, end)
            if ends - begins < timedelta(minutes=SHORTEST * number):
                expected = Said(
                    later("minst %(number)s minuter efter början"), number=SHORTEST * number
                )
                self._wrong("sessions", line, 4, expected)
            else:
                found.append((begins, ends, number, line))
        found.sort(key=lambda one: one[0])
        for (_, before, _, _), (begins, _, _, line) in pairwise(found):
            if begins < before:
                self._wrong(
                    "sessions", line, 3, Said(later("en tid när ingen annan session pågår"))
                )
        if not found and not self.faults:
            self.faults.append(CellFault(0, "sessions", NOTHING, Said(later("minst en tid"))))
        times = [
            (
                begins + _part(begins, ends, n, number),
                begins + _part(begins, ends, n + 1, number),
                line,
            )
            for begins, ends, number, line in found
            for n in range(number)
        ]
        return [
            SlotPlan(f"slot{n}", from_local(begins), from_local(ends), name_sv=name, name_en=name)
            for n, (begins, ends, line) in enumerate(times, 1)
            for name in [_cell(line, 0)]
        ]

    def submissions(
        self, lines: list[Line], tracks: Mapping[str, str], slots: int, shortest: int
    ) -> list[SessionPlan]:
        """Return the submissions as sessions; one of several slots is as long as that many of the shortest."""
        found: list[SessionPlan] = []
        seen: set[str] = set()
        for line in _below(lines):
            name, track = _cell(line, 0), _cell(line, 1)
            if name in seen:
                self._wrong("submissions", line, 0, Said(later("varje namn en gång")))
            if track not in tracks:
                self._wrong("submissions", line, 1, Said(later("ett av namnen på bladet tracks")))
            number = self._whole("submissions", line, 2, max(1, slots))
            seen.add(name)
            if number is not None:
                minutes = None if number == 1 else number * shortest
                made = _session(len(found) + 1, name, _cell(line, 5), tracks.get(track), minutes)
                found.append(made)
        return found

    def _whole(self, sheet: str, line: Line, place: int, most: int) -> int | None:
        text = _cell(line, place)
        if text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= most:
            return int(text)
        self._wrong(sheet, line, place, Said(later("ett heltal, 1–%(most)s"), most=most))
        return None

    def _moment(self, line: Line, place: int) -> date | time | None:
        text = _cell(line, place)
        try:
            return _day(text[:10]) if place == 2 else _clock(text)
        except ValueError:
            expected = (
                later("en dag som 2027-02-16") if place == 2 else later("ett klockslag som 09:30")
            )
            self._wrong("sessions", line, place, Said(expected))
            return None

    def _wrong(self, sheet: str, line: Line, place: int, expected: Said) -> None:
        where = f"{sheet}!{reference(line.number, place)}"
        self.faults.append(CellFault(line.number, where, shown(_cell(line, place)), expected))


def _below(lines: list[Line]) -> list[Line]:
    """Return the lines under the headings that have a name."""
    return [line for line in lines[1:] if _cell(line, 0)]


def _cell(line: Line, place: int) -> str:
    return line.cells[place] if place < len(line.cells) else ""


def _day(text: str) -> date:
    found = date.fromisoformat(text)
    if found.year not in YEARS:
        raise ValueError(text)
    return found


def _clock(text: str) -> time:
    """Return a clock time that a cell holds as one, as a moment, or as a part of a day.

    Raises:
        ValueError: when it is none.
    """
    last = text.rsplit(" ", maxsplit=1)[-1]
    if ":" in last:
        hours, minutes = last.split(":")[:2]
        return time(int(hours), int(minutes))
    part = float(last)
    if not 0 <= part < 1:
        raise ValueError(text)
    whole = round(part * 24 * 60)
    return time(whole // 60 % 24, whole % 60)


def _at(day: date | time, clock: date | time) -> datetime:
    if not isinstance(day, date) or not isinstance(clock, time):
        raise TypeError("a day and a clock time")
    return datetime.combine(day, clock)


def _part(begins: datetime, ends: datetime, number: int, of: int) -> timedelta:
    """Return where one of the equal parts of a time begins, in whole minutes."""
    return timedelta(minutes=(ends - begins) // timedelta(minutes=1) * number // of)


def _session(
    number: int, title: str, leader: str, track: str | None, minutes: int | None
) -> SessionPlan:
    return SessionPlan(
        key=f"talk{number}",
        theme_id="",
        title_sv=title,
        title_en=title,
        purpose_sv="",
        purpose_en="",
        task_sv="",
        task_en="",
        leader=leader,
        preparation_sv="",
        preparation_en="",
        format="talk",
        track=track,
        minutes=minutes,
        is_must_run=True,
    )
