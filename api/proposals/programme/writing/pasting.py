"""Sessions from a spreadsheet: rows pasted from one, or a file; read with what is understood and what is not."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.kit.i18n import compared, later
from api.kit.table_file import read_lines
from api.programme.content import SessionPlan
from api.programme.models import Focus
from api.programme.outlines import LONGEST, SHORTEST
from api.programme.words import FORMAT_EXPECTED, format_named
from api.proposals.programme.drafting import OWN

MOST_ROWS = 100
# The order in which columns are read that have no headings of their own.
FIELDS: Final = (
    "title",
    "purpose",
    "task",
    "method",
    "preparation",
    "leader",
    "minutes",
    "format",
    "track",
)
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("titel", "rubrik", "pass", "namn", "title", "session", "name"),
    "purpose": ("syfte", "det här ger passet", "purpose", "abstract"),
    "task": ("uppgift", "det gör vi", "task"),
    "method": ("metod", "så arbetar vi", "arbetssätt", "method"),
    "preparation": ("förberedelse", "förbered", "förberedelser", "preparation", "prepare"),
    "leader": ("leds av", "ledare", "talare", "leader", "led by", "speaker"),
    "minutes": ("minuter", "längd", "tid", "min", "minutes", "length"),
    "format": ("format", "form", "typ", "type"),
    "track": ("spår", "track"),
    "must_run": ("ska hållas", "måste", "must run"),
    "audience": ("för vem", "deltar", "audience"),
    "link": ("länk", "link"),
    "equipment": ("utrustning", "equipment"),
}
_KNOWN: Final = {compared(word): name for name, words in HEADINGS.items() for word in words}
_YES: Final = frozenset({"ja", "x", "yes", "1", "sant", "true"})
_ALL: Final = frozenset({"alla", "all", "everybody"})
_NUMBER = re.compile(r"(\d{1,4})\s*(?:min|minuter|minutes|m)?\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PastedFault:
    """A cell that is not understood: its row in what was pasted, the column's field, and what is expected."""

    row: int
    field: str
    found: str
    expected: str  # a source text


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was read: the sessions in their order, and what was not understood."""

    sessions: tuple[SessionPlan, ...]
    faults: tuple[PastedFault, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the cells may name: tracks (name -> key) and leaders (name -> function), as `compared` writes."""

    tracks: Mapping[str, str]
    leaders: Mapping[str, str]


def rows_of(content: bytes) -> list[tuple[str, ...]]:
    """Return the cells of each row of a spreadsheet, pasted or a file.

    Raises:
        TableFileError: when it is no table.
    """
    return [line.cells for line in read_lines(content, most_rows=MOST_ROWS)]


def read_pasted(lines: Sequence[tuple[str, ...]], known: Known) -> Pasted:
    """Read rows of a spreadsheet as sessions.

    With headings on the first row the columns stand in any order; else they are `FIELDS`. A leader
    that no contact is called is kept as written.
    """
    names, rows = _columns(lines)
    sessions: list[SessionPlan] = []
    faults: list[PastedFault] = []
    for number, cells in enumerate(rows, start=1 + len(lines) - len(rows)):
        values = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
        made, wrong = _session(values, number, known)
        faults += wrong
        if made is not None:
            sessions.append(made)
    return Pasted(tuple(sessions), tuple(faults))


def _columns(
    lines: Sequence[tuple[str, ...]],
) -> tuple[Sequence[str | None], Sequence[tuple[str, ...]]]:
    if not lines:
        return FIELDS, lines
    named = [_KNOWN.get(compared(cell)) for cell in lines[0]]
    if "title" in named and (len(lines[0]) == 1 or sum(one is not None for one in named) > 1):
        return named, lines[1:]
    return FIELDS, lines


def _session(
    values: Mapping[str, str], row: int, known: Known
) -> tuple[SessionPlan | None, list[PastedFault]]:
    title = values.get("title", "")
    if not title:
        return None, [PastedFault(row, "title", "", later("en titel"))]
    faults: list[PastedFault] = []
    minutes = _minutes(values.get("minutes", ""), row, faults)
    kind = _named(values, "format", format_named, FORMAT_EXPECTED, row, faults)
    expected = later("ett av träffens spår")
    track = _named(values, "track", _by(known.tracks), expected, row, faults)
    leader = values.get("leader", "")
    function = known.leaders.get(compared(leader))
    made = blank(title)
    return replace(
        made,
        purpose_sv=values.get("purpose", ""),
        task_sv=values.get("task", ""),
        method_sv=values.get("method", ""),
        preparation_sv=values.get("preparation", ""),
        leader=leader,
        leaders=(function,) if function else (),
        minutes=minutes,
        format=kind or made.format,
        track=track,
        is_must_run=compared(values.get("must_run", "ja")) in _YES,
        audience="all" if compared(values.get("audience", "")) in _ALL else "wish",
        link=values.get("link", ""),
        equipment=tuple(filter(None, map(str.strip, values.get("equipment", "").split(",")))),
    ), faults


def _named(
    values: Mapping[str, str],
    field: str,
    named: Callable[[str], str | None],
    expected: str,
    row: int,
    faults: list[PastedFault],
) -> str | None:
    cell = values.get(field, "")
    found = named(cell) if cell else None
    if cell and found is None:
        faults.append(PastedFault(row, field, cell, expected))
    return found


def _by(known: Mapping[str, str]) -> Callable[[str], str | None]:
    return lambda cell: known.get(compared(cell))


def _minutes(cell: str, row: int, faults: list[PastedFault]) -> int | None:
    if not cell:
        return None
    found = _NUMBER.fullmatch(cell.strip())
    if found and SHORTEST <= int(found[1]) <= LONGEST:
        return int(found[1])
    faults.append(PastedFault(row, "minutes", cell, later("antal minuter, 5–480")))
    return None


def blank(title: str = "") -> SessionPlan:
    """Return a session of the planner's own, with nothing said yet; it is held, as long as it is there."""
    return SessionPlan(
        key=OWN,
        theme_id="",
        title_sv=title,
        title_en="",
        purpose_sv="",
        purpose_en="",
        task_sv="",
        task_en="",
        leader="",
        preparation_sv="",
        preparation_en="",
        format="talk",
        is_must_run=True,
    )


def known_names(
    tracks: Sequence[tuple[str, str, Focus]], leaders: Sequence[tuple[str, str]]
) -> Known:
    """Return what cells may name, from (key, name, focus) of tracks and (function, name) of leaders."""
    return Known(
        {compared(name): key for key, name, _ in tracks},
        {compared(name): function for function, name in leaders},
    )
