"""The register's rules: importing, adding and correcting RC."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from api.accounts.contacts import Register
from api.accounts.policy import Viewer, insist, may_read_register
from api.audit.models import AuditEntry
from api.audit.queries import entries_about
from api.kit.clock import today
from api.kit.db import lock
from api.kit.errors import FieldFault, FormError, MissingError, StaleError
from api.kit.i18n import compared
from api.registry import queries
from api.registry.cells import CellError, Value, write
from api.registry.facts import BY_NAME, FACTS, place_of, seat_of
from api.registry.importer import (
    ImportKind,
    ImportReport,
    import_file,
    missing_partner,
    placed,
    put,
)
from api.registry.models import AreaScope, Rc
from api.registry.provenance import said
from api.registry.reference import DATA, counties, county_names, municipalities, told
from api.travel.shipped import UnknownTownError, town
from matcher.geo import Point, great_circle_km
from matcher.travel import Band, Travel, band_of

SHIPPED = (
    ("rc_registry.csv", ImportKind.FACTS),
    ("rc_areas.csv", ImportKind.FACTS),
    ("rc_registry_sources.csv", ImportKind.SOURCES),
)

_NEAREST = 5
SCB = "ext:SCB"
COUNTED_ON = date(2016, 12, 31)  # the population of counties.csv


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another RC and how far its seat lies: great-circle km, hours door to door, and their band."""

    rc: Rc
    km: float
    hours: float
    band: Band


def register_for_contacts(session: Session) -> Register:
    """Return what a file of contacts may name: the counties, and the RC that there are."""
    return Register(dict(county_names("sv")), frozenset(rc.id for rc in queries.rcs(session)))


def import_shipped(session: Session, actor: str) -> tuple[ImportReport, ...]:
    """Bring the shipped register in, by the same importer as any other file."""
    return tuple(
        import_file(session, (DATA / name).read_bytes(), kind, actor, dry_run=False, source="")
        for name, kind in SHIPPED
    )


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


def seats(session: Session) -> dict[str, tuple[str, tuple[float, float]]]:
    """Return the town (may be empty) and place of every RC's seat that is known, by RC."""
    return {
        rc_id: (city or "", place)
        for rc_id, city, lat, lon in queries.seats(session)
        if (place := place_of(city, lat, lon)) is not None
    }


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


def add(session: Session, cells: Mapping[str, str], actor: str, source: str = "") -> Rc:
    """Add an RC from a form's cells; without a key it gets one of its name.

    source: where whoever adds it says that the facts come from.

    Raises:
        FormError: when a cell cannot be used, or the key is taken.
    """
    values = _read_form(cells, None)
    rcs = queries.rcs(session)
    if any(rc.id == values["id"] for rc in rcs):
        raise FormError(FieldFault("id", "Det finns redan ett RC med det kortnamnet."))
    if any(compared(rc.name) == compared(str(values["name"])) for rc in rcs):
        raise FormError(FieldFault("name", "Det finns redan ett RC med det namnet."))
    added = put(session, None, values, actor, "added", said(today(), source))
    known = {name: value for name, value in _of_the_county(added).items() if not values.get(name)}
    return put(session, added, known, actor, "added", SCB) if known else added


def _of_the_county(rc: Rc) -> dict[str, Value]:
    """Return what is known of an area that is a whole county."""
    if rc.area_scope != AreaScope.COUNTY:
        return {}
    county = counties()[rc.county_code]
    return {
        "land_area_km2": county.land_area_km2,
        "population": county.population,
        "population_on": COUNTED_ON,
        "municipalities_count": county.municipalities,
        "municipality_codes": [code for code in municipalities() if code[:2] == rc.county_code],
    }


def _key_of(name: str) -> str:
    """Return a key made of a name: its letters without accents, and hyphens."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40]


def correct(
    session: Session,
    rc_id: str,
    version: int,
    cells: Mapping[str, str],
    actor: str,
    source: str = "",
) -> Rc:
    """Set an RC's facts from a form's cells; those that change cite `source`, and the report no more.

    Raises:
        FormError: when a cell cannot be used.
        StaleError: when somebody else saved the RC after the form was opened.
    """
    found = queries.rc(session, rc_id)
    if found is None:
        raise MissingError
    lock(found)
    values = _read_form(cells, found)
    changed = {name: v for name, v in values.items() if write(getattr(found, name)) != write(v)}
    if found.version != version:
        raise StaleError(
            {name: write(value) for name, value in changed.items()},
            {name: write(getattr(found, name)) for name in changed},
        )
    if not changed:
        return found
    return put(session, found, changed, actor, "corrected", said(today(), source))


def _read_form(cells: Mapping[str, str], found: Rc | None) -> dict[str, Value]:
    values: dict[str, Value] = {}
    faults = []
    if found is None and not cells.get("id", "").strip():
        cells = {**cells, "id": _key_of(cells.get("name", ""))}
    for name, cell in cells.items():
        column = BY_NAME.get(name)
        if column is None or (found is not None and name == "id"):
            continue
        if found is not None and _is_as_shown(cell, getattr(found, name)):
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
    if not faults:
        values |= placed(values, found)
        faults += _seat_faults(values, found)
    if faults:
        raise FormError(*faults)
    return values


def _seat_faults(values: Mapping[str, Value], found: Rc | None) -> Iterator[FieldFault]:
    half = missing_partner(values, found)
    if half is not None:
        yield FieldFault(half, "Ange både latitud och longitud, eller ingen av dem.")
    elif values.get("seat_city") and values.get("seat_lat", found and found.seat_lat) is None:
        yield _unknown_town(str(values["seat_city"]))


def _is_as_shown(cell: str, value: object) -> bool:
    """Whether a cell is a shipped text as the form shows it, so that nobody has changed it."""
    return isinstance(value, str) and cell.strip() in {told(value, "sv"), told(value, "en")}


def _unknown_town(name: str) -> FieldFault:
    try:
        town(name)
    except UnknownTownError as error:
        if error.near:
            return FieldFault(
                "seat_city",
                "Orten finns inte i listan. Menar du %(near)s?",
                near=" / ".join(error.near),
            )
    return FieldFault("seat_city", "Orten finns inte i listan. Ange latitud och longitud också.")
