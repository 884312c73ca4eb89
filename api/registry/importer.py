"""Reading a table into the register: a report per line first, and nothing written while any line is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlmodel import Session

from api.audit.service import record
from api.kit.clock import today
from api.kit.db import announce
from api.kit.i18n import Said, compared, later
from api.kit.table_file import CellFault, Change, Outcome, Row, Table, TableFileError, read_table
from api.registry import queries
from api.registry.cells import CellError, Value, write
from api.registry.facts import BY_TITLE, FACTS, POPULATION_HEADING, Fact
from api.registry.models import Rc
from api.registry.provenance import from_file, renewed
from api.registry.reference import counties
from api.travel.shipped import UnknownTownError, town

_ONE_OF = later("något av %(known)s")
KEY = "rc_id"
COUNTY_NAME = (
    "county_name"  # may stand in a file as a check of county_code; the register derives it
)


_NO_FACTS = {"id", "name", "sources"}  # who it is, and not what it is like


class ImportKind(StrEnum):
    """What a file's cells are: facts, or where the facts come from (in the same shape)."""

    FACTS = "facts"
    SOURCES = "sources"


@dataclass(frozen=True, slots=True)
class LineReport:
    """What one line says about one RC."""

    line: int
    rc_id: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    faults: tuple[CellFault, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The whole file, line by line; `is_written` only when it was applied."""

    lines: tuple[LineReport, ...] = ()
    faults: tuple[CellFault, ...] = ()  # of the file as such: its headings, its form
    is_written: bool = False

    @property
    def all_faults(self) -> tuple[CellFault, ...]:
        """Every fault of the file and its lines, in the order of lines."""
        return self.faults + tuple(fault for line in self.lines for fault in line.faults)

    def count(self, outcome: Outcome) -> int:
        """Return how many lines have an outcome."""
        return sum(line.outcome == outcome for line in self.lines)


@dataclass(frozen=True, slots=True)
class RcSaved:
    """News: an RC was added or some of its facts changed."""

    rc_id: str
    is_new: bool


@dataclass(slots=True)
class _Plan:
    """A line that was read: the values to set, or its faults."""

    row: Row
    rc_id: str
    values: dict[str, Value] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)


def import_file(
    session: Session,
    content: bytes,
    kind: ImportKind,
    actor: str,
    *,
    dry_run: bool,
    source: str | None = None,
) -> ImportReport:
    """Check a file against the register and, unless it is a dry run or any line is wrong, write it.

    Each fact that it changes comes from `source` from then on: as told, else from a file of today.
    """
    try:
        table = read_table(content, KEY, (COUNTY_NAME, *BY_TITLE))
    except TableFileError as error:
        return ImportReport(faults=error.faults)
    faults = tuple(_heading_faults(table))
    if faults:
        return ImportReport(faults=faults)
    known = {rc.id: rc for rc in queries.rcs(session)}
    names = {compared(rc.name): rc.id for rc in known.values()}
    plans = [_plan(row, kind, known, names) for row in table.rows]
    _mark_repeats(plans)
    lines = tuple(_line_report(plan, known.get(plan.rc_id)) for plan in plans)
    report = ImportReport(lines)
    if dry_run or report.all_faults:
        return report
    for plan, line in zip(plans, lines, strict=True):
        if line.outcome != Outcome.UNCHANGED:
            from_here = from_file(today()) if source is None else source
            put(session, known.get(plan.rc_id), plan.values, actor, "imported", from_here)
    return ImportReport(lines, is_written=True)


def put(
    session: Session,
    found: Rc | None,
    values: Mapping[str, Value],
    actor: str,
    action: str,
    source: str,
) -> Rc:
    """Set values of an RC, or make it; the log keeps what changed, before and after.

    A fact that changes comes from `source` from then on, and from nowhere when that is empty.
    """
    values = dict(values)
    changes = {
        name: value
        for name, value in values.items()
        if name not in _NO_FACTS
        and _plain(value) != (_plain(getattr(found, name)) if found else None)
    }
    if "population" in changes and "population_on" not in values:
        values["population_on"] = None  # a new figure was not counted on the old one's day
    before = {} if found is None else {name: _plain(getattr(found, name)) for name in values}
    if found is None:
        found = Rc.model_validate(values)
    else:
        for name, value in values.items():
            setattr(found, name, value)
        found.version += 1
    if changes and "sources" not in values:
        found.sources = renewed(found.sources, changes, source)  # free text: the log has no copy
    session.add(found)
    session.flush()
    after = {name: _plain(value) for name, value in values.items()}
    changed = [name for name in after if name not in before or before[name] != after[name]]
    record(
        session,
        actor,
        action,
        ("rc", found.id),
        {name: before[name] for name in changed} if before else None,
        {name: after[name] for name in changed},
    )
    announce(session, RcSaved(found.id, is_new=not before))
    return found


def placed(values: Mapping[str, Value], found: Rc | None) -> dict[str, Value]:
    """Return where a seat lies that is named or moved without saying where, by the list of towns."""
    city = values.get("seat_city")
    old = (found.seat_city, found.seat_lat, found.seat_lon) if found else (None, None, None)
    given = (values.get("seat_lat", old[1]), values.get("seat_lon", old[2]))
    if not isinstance(city, str) or (given != (None, None) and given != old[1:]):
        return {}
    if city == old[0] and given != (None, None):
        return {}
    try:
        known = town(city)
    except UnknownTownError:
        return {"seat_lat": None, "seat_lon": None}  # wherever it is, not where the old one was
    here: dict[str, Value] = {"seat_lat": known.point[0], "seat_lon": known.point[1]}
    same_basis = (
        found is not None and values.get("seat_basis", found.seat_basis) == found.seat_basis
    )
    return here | ({"seat_basis": None} if same_basis and city != old[0] else {})


def missing_partner(values: Mapping[str, Value], found: Rc | None) -> str | None:
    """Return the column that lacks its other half: a latitude without longitude, or the reverse."""
    lat = values.get("seat_lat", found.seat_lat if found else None)
    lon = values.get("seat_lon", found.seat_lon if found else None)
    if (lat is None) == (lon is None):
        return None
    return "seat_lat" if lat is None else "seat_lon"


def _heading_faults(table: Table) -> Iterable[CellFault]:
    for heading in table.headings:
        if heading != COUNTY_NAME and _column(heading) is None:
            yield CellFault(1, heading, heading, Said(_ONE_OF, known=", ".join(BY_TITLE)))
    if not table.rows:
        found, expected = (
            Said(later("inga rader")),
            Said(later("minst en rad under kolumnernas namn")),
        )
        yield CellFault(1, "", found, expected)


def _column(heading: str) -> Fact | None:
    if POPULATION_HEADING.fullmatch(heading):
        return BY_TITLE["population"]
    return BY_TITLE.get(heading)


def _plan(row: Row, kind: ImportKind, known: Mapping[str, Rc], names: Mapping[str, str]) -> _Plan:
    """Read one line. `names` holds which RC has a name, as names are compared."""
    row.cells[KEY] = row.cells[KEY].strip().casefold()
    plan = _Plan(row, row.cells[KEY])
    if kind == ImportKind.SOURCES:
        _read_sources(plan, known)
        return plan
    for heading, cell in row.cells.items():
        if heading == COUNTY_NAME:
            _check_county_name(plan, cell)
        else:
            _read_cell(plan, heading, cell)
    if plan.rc_id not in known:
        for needed in (fact.title for fact in FACTS if fact.is_needed):
            if needed not in row.cells:
                plan.faults.append(
                    _fault(plan, needed, "", Said(later("ett värde, eftersom RC är nytt")))
                )
    other = names.get(compared(str(plan.values.get("name", ""))), plan.rc_id)
    if other != plan.rc_id:
        text = later("ett eget namn, för RC med nyckeln %(rc)s heter redan så")
        plan.faults.append(_fault(plan, "rc_name", row.cells["rc_name"], Said(text, rc=other)))
    plan.values |= placed(plan.values, known.get(plan.rc_id))
    half = missing_partner(plan.values, known.get(plan.rc_id))
    if half is not None and not plan.faults:
        plan.faults.append(
            _fault(plan, half, "", Said(later("både seat_lat och seat_lon, eller ingen av dem")))
        )
    return plan


def _read_cell(plan: _Plan, heading: str, cell: str) -> None:
    column = _column(heading)
    assert column is not None  # noqa: S101 - the headings were checked
    try:
        plan.values[column.name] = column.parse(cell)
        dated = POPULATION_HEADING.fullmatch(heading)
        if dated:
            plan.values["population_on"] = date(*map(int, dated.groups()))
    except CellError as error:
        plan.faults.append(_fault(plan, heading, cell, error.expected))
    except ValueError:
        plan.faults.append(
            _fault(
                plan,
                heading,
                cell,
                Said(later("population_ och ett datum som finns, i kolumnens namn")),
            )
        )


def _check_county_name(plan: _Plan, cell: str) -> None:
    county = counties().get(plan.row.cells.get("county_code", "").strip().zfill(2))
    if cell.strip() and county is not None and compared(cell) != compared(county.name_sv):
        expected = Said(later("%(county)s, eller ingenting"), county=county.name_sv)
        plan.faults.append(_fault(plan, COUNTY_NAME, cell, expected))


def _read_sources(plan: _Plan, known: Mapping[str, Rc]) -> None:
    found = known.get(plan.rc_id)
    if found is None:
        plan.faults.append(
            _fault(plan, KEY, plan.rc_id, Said(later("ett RC som finns i registret")))
        )
        return
    sources = dict(found.sources)
    for heading, cell in plan.row.cells.items():
        column = _column(heading)
        if column is None or column.name in {"id", "name"}:
            continue
        sources.pop(column.name, None)
        if cell.strip():
            sources[column.name] = cell.strip().rstrip(",")
    plan.values = {"sources": sources}


def _mark_repeats(plans: list[_Plan]) -> None:
    first: dict[str, int] = {}
    for plan in plans:
        line = first.setdefault(plan.rc_id, plan.row.line)
        if line != plan.row.line:
            expected = Said(
                later("varje RC en gång, men det här står redan på rad %(line)s"), line=line
            )
            plan.faults.append(_fault(plan, KEY, plan.rc_id, expected))


def _fault(plan: _Plan, column: str, found: str, expected: Said) -> CellFault:
    return CellFault(plan.row.line, column, found[:80], expected)


def _line_report(plan: _Plan, found: Rc | None) -> LineReport:
    if plan.faults:
        return LineReport(plan.row.line, plan.rc_id, Outcome.WRONG, faults=tuple(plan.faults))
    changes = tuple(_changes(plan.values, found))
    outcome = Outcome.NEW if found is None else Outcome.UNCHANGED
    if found is not None and changes:
        outcome = Outcome.CHANGED
    return LineReport(plan.row.line, plan.rc_id, outcome, changes)


def _changes(values: Mapping[str, object], found: Rc | None) -> Iterable[Change]:
    for name, value in values.items():
        before = getattr(found, name) if found else None
        if isinstance(value, dict):  # sources: a cell each
            old: Mapping[str, str] = before if isinstance(before, dict) else {}
            yield from (
                Change(column, old.get(column, ""), value.get(column, ""))
                for column in sorted({*old, *value})
                if old.get(column, "") != value.get(column, "")
            )
            continue
        if _plain(before) != _plain(value) and (found is not None or value not in (None, [])):
            yield Change(name, write(before), write(value))


def _plain(value: object) -> object:
    """Return a value as JSON keeps it."""
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
