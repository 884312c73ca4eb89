"""The register's rules: importing, adding and correcting RC, and what matching is given of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_read_register
from api.audit.models import AuditEntry
from api.audit.queries import entries_about
from api.kit.errors import FieldFault, FormError, MissingError, StaleError
from api.registry import queries
from api.registry.cells import CellError, Value, write
from api.registry.facts import BY_NAME, FACTS, MATCHED, seat_of
from api.registry.importer import ImportKind, ImportReport, import_file, missing_partner, put
from api.registry.models import PhaseBand, Rc
from api.registry.reference import DATA
from matcher.geo import Point, great_circle_km
from matcher.travel import Band, Travel, band_of

SHIPPED = (
    ("rc_registry.csv", ImportKind.FACTS),
    ("rc_areas.csv", ImportKind.FACTS),
    ("rc_registry_sources.csv", ImportKind.SOURCES),
)

_NEAREST = 5


@dataclass(frozen=True, slots=True)
class Member:
    """An RC as matching sees it; None is unknown and counts as half different, never as alike.

    values: what is compared, by attribute. certainty: how sure a value is, 0-1, where that is told.
    place: latitude and longitude of its seat.
    """

    id: str
    phase_band: PhaseBand | None
    values: Mapping[str, object]
    certainty: Mapping[str, float | None]
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another RC and how far its seat lies: great-circle km, hours door to door, and their band."""

    rc: Rc
    km: float
    hours: float
    band: Band


def import_shipped(session: Session, actor: str) -> tuple[ImportReport, ...]:
    """Bring the shipped register in, by the same importer as any other file."""
    return tuple(
        import_file(session, (DATA / name).read_bytes(), kind, actor, dry_run=False)
        for name, kind in SHIPPED
    )


def members(session: Session) -> list[Member]:
    """Return every RC as a row for matching, by key."""
    return [member_of(rc) for rc in queries.rcs(session)]


def member_of(rc: Rc) -> Member:
    """Return one RC as matching sees it."""
    return Member(
        id=rc.id,
        phase_band=rc.phase_band,
        values={name: how.value(rc) for name, how in MATCHED.items() if how.kind != "place"},
        certainty={name: how.certainty(rc) for name, how in MATCHED.items() if how.certainty},
        place=seat_of(rc),
    )


def distances_km(rcs: list[Rc]) -> dict[frozenset[str], float]:
    """Return the great-circle km between the seats of each pair; pairs with an unknown seat are left out."""
    seats = {rc.id: seat for rc in rcs if (seat := seat_of(rc)) is not None}
    return {
        frozenset((first, second)): great_circle_km(seats[first], seats[second])
        for first, second in combinations(seats, 2)
    }


def neighbours(rc: Rc, others: list[Rc], travel: Travel, most: int = _NEAREST) -> list[Neighbour]:
    """Return the other RC that are quickest to reach, the quickest first."""
    seat = seat_of(rc)
    if seat is None:
        return []
    found = []
    for other in others:
        place = seat_of(other)
        if other.id != rc.id and place is not None:
            hours = travel.hours(Point(*seat), Point(*place))
            km = great_circle_km(seat, place)
            found.append(Neighbour(other, km, hours, band_of(hours)))
    return sorted(found, key=lambda neighbour: (neighbour.hours, neighbour.km))[:most]


def rcs_for(session: Session, viewer: Viewer | None) -> list[Rc]:
    """Return the register, when the viewer may read it."""
    insist(may_read_register(viewer))
    return queries.rcs(session)


def rc_for(session: Session, viewer: Viewer | None, rc_id: str) -> Rc:
    """Return one RC, when there is one and the viewer may read it."""
    insist(may_read_register(viewer))
    found = queries.rc(session, rc_id)
    if found is None:
        raise MissingError
    return found


def history(session: Session, rc_id: str) -> list[AuditEntry]:
    """Return what happened to an RC's facts, newest first."""
    return sorted(entries_about(session, "rc", rc_id), key=lambda entry: -entry.number)


def add(session: Session, cells: Mapping[str, str], actor: str) -> Rc:
    """Add an RC from a form's cells.

    Raises:
        FormError: when a cell cannot be used, or the key is taken.
    """
    values = _read_form(cells, None)
    if queries.rc(session, str(values["id"])) is not None:
        raise FormError(FieldFault("id", "Det finns redan ett RC med den nyckeln."))
    return put(session, None, values, actor, "added")


def correct(session: Session, rc_id: str, version: int, cells: Mapping[str, str], actor: str) -> Rc:
    """Set an RC's facts from a form's cells.

    Raises:
        FormError: when a cell cannot be used.
        StaleError: when somebody else saved the RC after the form was opened.
    """
    found = queries.rc(session, rc_id)
    if found is None:
        raise MissingError
    values = _read_form(cells, found)
    changed = {name: v for name, v in values.items() if write(getattr(found, name)) != write(v)}
    if found.version != version:
        raise StaleError(
            {name: write(value) for name, value in changed.items()},
            {name: write(getattr(found, name)) for name in changed},
        )
    return put(session, found, changed, actor, "corrected") if changed else found


def _read_form(cells: Mapping[str, str], found: Rc | None) -> dict[str, Value]:
    values: dict[str, Value] = {}
    faults = []
    for name, cell in cells.items():
        column = BY_NAME.get(name)
        if column is None or (found is not None and name == "id"):
            continue
        try:
            values[name] = column.parse(cell)
        except CellError:
            faults.append(FieldFault(name, column.kind.fault))
    if found is None:
        faults += [
            FieldFault(fact.name, fact.kind.fault)
            for fact in FACTS
            if fact.is_needed and fact.name not in cells
        ]
    half = missing_partner(values, found)
    if half is not None and not faults:
        faults.append(FieldFault(half, "Ange både latitud och longitud, eller ingen av dem."))
    if faults:
        raise FormError(*faults)
    return values
