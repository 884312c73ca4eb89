"""The register's rules: importing, adding and correcting RC, and what matching is given of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import log10

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_read_register
from api.audit.models import AuditEntry
from api.audit.queries import entries_about
from api.kit.errors import FieldFault, FormError, MissingError, StaleError
from api.kit.i18n import later
from api.registry import queries
from api.registry.columns import BY_NAME, CellError, Value, write
from api.registry.importer import ImportKind, ImportReport, import_file, missing_partner, put
from api.registry.models import CurrentModel, PlanCertainty, PlannedModel, Rc
from api.registry.reference import DATA
from matcher.geo import Band, band_of_km, great_circle_km

SHIPPED = (
    ("rc_registry.csv", ImportKind.FACTS),
    ("rc_areas.csv", ImportKind.FACTS),
    ("rc_registry_sources.csv", ImportKind.SOURCES),
)

# How much a planned model counts as a likeness, times the model's weight.
CERTAINTY = {
    PlanCertainty.STATED: 1.0,
    PlanCertainty.PROBABLE: 0.7,
    PlanCertainty.CONFLICTING: 0.5,
    PlanCertainty.POSSIBLE_BARNAHUS: 0.4,
}
_NEAREST = 5


@dataclass(frozen=True, slots=True)
class Member:
    """An RC as matching sees it; None is unknown and counts as half different, never as alike."""

    id: str
    phase_band: str | None
    model: str | None
    model_certainty: float | None  # 0-1; None where no model is known or planned
    log10_land_km2: float | None
    population: int | None
    support_professionals: str | None
    support_exposed_any: str | None
    support_exposed_minors: str | None
    support_exposed_adults: str | None
    digital_only: bool | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another RC and how far its seat lies: great-circle km and the estimated band."""

    rc: Rc
    km: float
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
    model, certainty = model_of(rc)
    return Member(
        id=rc.id,
        phase_band=rc.phase_band,
        model=model,
        model_certainty=certainty,
        log10_land_km2=round(log10(rc.land_area_km2), 6) if rc.land_area_km2 else None,
        population=rc.population,
        support_professionals=rc.support_professionals,
        support_exposed_any=rc.support_exposed_any,
        support_exposed_minors=rc.support_exposed_minors,
        support_exposed_adults=rc.support_exposed_adults,
        digital_only=rc.digital_only,
        lat=rc.seat_lat,
        lon=rc.seat_lon,
    )


def model_of(rc: Rc) -> tuple[str | None, float | None]:
    """Return the model to match on and how sure it is: today's, else the planned one.

    Where the sources conflict about the model, today's is no surer than the conflict allows.
    """
    planned = rc.org_model_planned_certainty
    if rc.org_model_current is not None:
        conflicts = planned == PlanCertainty.CONFLICTING
        return rc.org_model_current.value, CERTAINTY[
            PlanCertainty.CONFLICTING
        ] if conflicts else 1.0
    if planned == PlanCertainty.POSSIBLE_BARNAHUS:
        return CurrentModel.BARNAHUS.value, CERTAINTY[planned]
    if rc.org_model_planned in {None, PlannedModel.UNDECIDED} or planned is None:
        return None, None
    assert rc.org_model_planned is not None  # noqa: S101 - the line above returned
    return rc.org_model_planned.value, CERTAINTY[planned]


def distances_km(rcs: list[Rc]) -> dict[frozenset[str], float]:
    """Return the great-circle km between the seats of each pair; pairs with an unknown seat are left out."""
    seats = {rc.id: seat for rc in rcs if (seat := seat_of(rc)) is not None}
    return {
        frozenset((first, second)): great_circle_km(seats[first], seats[second])
        for first, second in combinations(seats, 2)
    }


def seat_of(rc: Rc) -> tuple[float, float] | None:
    """Return the (latitude, longitude) of an RC's seat, when it is known."""
    if rc.seat_lat is None or rc.seat_lon is None:
        return None
    return rc.seat_lat, rc.seat_lon


def neighbours(rc: Rc, others: list[Rc], most: int = _NEAREST) -> list[Neighbour]:
    """Return the nearest other RC, nearest first."""
    seat = seat_of(rc)
    if seat is None:
        return []
    found = []
    for other in others:
        place = seat_of(other)
        if other.id != rc.id and place is not None:
            km = great_circle_km(seat, place)
            found.append(Neighbour(other, km, band_of_km(km)))
    return sorted(found, key=lambda neighbour: neighbour.km)[:most]


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
            faults.append(FieldFault(name, FORM_FAULTS.get(name, ANY_FAULT)))
    if found is None:
        faults += [
            FieldFault(name, ANY_FAULT)
            for name in ("id", "name", "county_code")
            if name not in cells
        ]
    half = missing_partner(values, found)
    if half is not None and not faults:
        faults.append(FieldFault(half, "Ange både latitud och longitud, eller ingen av dem."))
    if faults:
        raise FormError(*faults)
    return values


ANY_FAULT = later("Värdet går inte att använda. Välj eller skriv om.")
_COORDINATE = later(
    "Skriv ett tal i grader, till exempel 57,7072. Sverige ligger mellan 54 och 70 grader nord och mellan 9 och 26 grader öst."
)
_COUNT = later("Skriv ett helt tal, bara siffror.")
FORM_FAULTS = {
    "id": later("Skriv 2–40 tecken: små bokstäver a–z, siffror, - eller _. Börja med en bokstav."),
    "name": later("Skriv RC:ts namn."),
    "county_code": later("Välj län."),
    "seat_lat": _COORDINATE,
    "seat_lon": _COORDINATE,
    "land_area_km2": later("Skriv landarealen i kvadratkilometer, till exempel 8424,27."),
    "population": _COUNT,
    "population_on": later("Skriv datumet som 2016-12-31."),
    "n_municipalities": _COUNT,
    "municipalities_count": _COUNT,
    "municipality_codes": later("Skriv kommunkoder med fyra siffror, med mellanslag mellan."),
}
