"""The facts of an RC, one line each: its sort, what it is called, where it is shown and how it matches.

The table's columns, files, forms, pages, the JSON document, the rows that matching gets and the
words of what two RC have in common are all read from FACTS. A column of the table that has no line
here fails a test.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import log10
from operator import attrgetter
from typing import Literal

from api.kit.i18n import later
from api.registry import models
from api.registry import vocabulary as words
from api.registry.cells import (
    CellError,
    Kind,
    Value,
    choice,
    choices,
    count,
    county,
    day,
    key,
    municipality_codes,
    number,
    open_choice,
    text,
    year,
    yes_or_no,
)
from api.registry.models import PlanCertainty, PlannedModel, Rc
from api.travel import shipped

POPULATION_HEADING = re.compile(r"population_(\d{4})_(\d\d)_(\d\d)")

# How much a planned model counts as a likeness, times the model's weight.
CERTAINTY = {
    PlanCertainty.STATED: 1.0,
    PlanCertainty.PROBABLE: 0.7,
    PlanCertainty.CONFLICTING: 0.5,
}


def _as_it_stands(rc: Rc) -> object:
    raise NotImplementedError(rc)  # MATCHED puts the fact's own column here


@dataclass(frozen=True, slots=True)
class Match:
    """How matching compares a fact, under a name of its own where it is not compared as it stands.

    said: what the attribute is called. alike: what having it in common is called.
    value: from an RC to what is compared, None where unknown; without it the fact itself.
    certainty: how sure the value is, 0-1, None where it is unknown.
    """

    kind: Literal["number", "category", "place", "set"]
    said: str
    alike: str
    name: str = ""
    value: Callable[[Rc], object] = _as_it_stands
    certainty: Callable[[Rc], float | None] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: a column of the table.

    label: its name for people. group: the heading it stands under; none: it is not on the page.
    form: the heading it stands under in the form, where only the form shows it.
    heading: the column's heading in files, where it differs from the name.
    """

    name: str
    kind: Kind
    label: str
    group: str = ""
    form: str = ""
    heading: str = ""
    about: str = ""  # in the description of the API
    is_needed: bool = False
    match: Match | None = None

    @property
    def title(self) -> str:
        """The column's heading in files."""
        return self.heading or self.name

    def parse(self, cell: str) -> Value:
        """Read a cell; an empty one is unknown.

        Raises:
            CellError: when the cell holds something else than this column takes.
        """
        filled = cell.strip()
        if filled:
            return self.kind.read(filled)
        if self.is_needed:
            raise CellError(later("ett värde, för kolumnen får inte vara tom"))
        return [] if self.kind.is_list else None


def _support(name: str) -> Callable[[Rc], object]:
    """Compare what an RC supports; one that has not begun has said neither yes nor no."""

    def value(rc: Rc) -> object:
        found = getattr(rc, name)
        return None if found == models.Support.NOT_IN_OPERATION else found

    return value


def model_of(rc: Rc) -> tuple[str | None, float | None]:
    """Return the model to match on and how sure it is: today's, else the planned one.

    What is undecided is no model, whatever it may become. Where the sources conflict about the model, today's is no surer than the conflict allows.
    """
    planned = rc.org_model_planned_certainty
    if rc.org_model_current is not None:
        conflicts = planned == PlanCertainty.CONFLICTING
        return str(rc.org_model_current), CERTAINTY[PlanCertainty.CONFLICTING] if conflicts else 1.0
    if rc.org_model_planned in {None, PlannedModel.UNDECIDED} or planned not in CERTAINTY:
        return None, None
    assert rc.org_model_planned is not None  # noqa: S101 - the line above returned
    return str(rc.org_model_planned), CERTAINTY[planned]


def seat_of(rc: Rc) -> tuple[float, float] | None:
    """Return the (latitude, longitude) of an RC's seat: as entered, or else that of the town it names."""
    return place_of(rc.seat_city, rc.seat_lat, rc.seat_lon)


def place_of(city: str | None, lat: float | None, lon: float | None) -> tuple[float, float] | None:
    """Return `seat_of` by the three columns that it is read from."""
    if lat is not None and lon is not None:
        return lat, lon
    if not city:
        return None
    try:
        return shipped.town(city).point
    except shipped.UnknownTownError:
        return None


def unplaced(rcs: Iterable[Rc]) -> tuple[tuple[str, str], ...]:
    """Return id and name of each RC whose town is not known: nobody can say how long it travels."""
    return tuple((rc.id, rc.name) for rc in rcs if seat_of(rc) is None)


def _log_land(rc: Rc) -> float | None:
    return round(log10(rc.land_area_km2), 6) if rc.land_area_km2 else None


_COORDINATE = later(
    "Skriv ett tal i grader, till exempel 57,7072. Sverige ligger mellan 54 och 70 grader nord och mellan 9 och 26 grader öst."
)
_KEY = later("Skriv 2–40 tecken: små bokstäver a–z, siffror, - eller _. Börja med en bokstav.")
_LAND = later("Skriv landarealen i kvadratkilometer, till exempel 8424,27.")
_CODES = later("Skriv kommunernas namn, med komma mellan.")
_TEXT, _LONG, _SUPPORT = text(), text(is_long=True), choice(models.Support, words.SUPPORT)
_LATITUDE, _LONGITUDE = number(54, 70, _COORDINATE), number(9, 26, _COORDINATE)

PROGRESS = later("Så långt har RC:t kommit")
SUPPORT = later("Stöd och uppdrag")
MONEY = later("Pengar och organisation")
CONTACTS = later("Kontakter hos region, polis och åklagare")
AREA = later("Området")
OTHER = later("Övrigt")
HEADINGS = (PROGRESS, SUPPORT, MONEY, CONTACTS, AREA, OTHER)

# fmt: off
FACTS: tuple[Fact, ...] = (
    Fact("id", key(_KEY), later("Kortnamn i webbadressen"), heading="rc_id", about="A lasting key.", is_needed=True),
    Fact("name", text(later("Skriv RC:ts namn.")), later("Namn"), heading="rc_name", is_needed=True),
    Fact("county_code", county(later("Välj län.")), later("Län"), AREA, about="SCB's county code, two digits.", is_needed=True),
    Fact("own_name", text(), later("Kallar sig"), PROGRESS),
    Fact("establishment_status", choice(models.Status, words.STATUSES), later("Fas"), PROGRESS,
         match=Match("category", later("fas"), later("samma fas"), "phase_band", lambda rc: rc.phase_band)),
    Fact("counted_established", yes_or_no(), later("Räknas som etablerat i utvärderingen"), PROGRESS),
    Fact("org_model_current", open_choice(models.CurrentModel, words.MODELS), later("Organisation i dag"), PROGRESS,
         match=Match("category", later("organisationsmodell"), later("samma organisationsmodell"), "model", lambda rc: model_of(rc)[0], lambda rc: model_of(rc)[1])),
    Fact("org_model_planned", open_choice(models.PlannedModel, words.MODELS), later("Planerad organisation"), PROGRESS),
    Fact("org_model_planned_certainty", choice(models.PlanCertainty, words.CERTAINTIES), later("Hur säker planen är"), PROGRESS),
    Fact("area_scope", choice(models.AreaScope, words.AREA_SCOPES), later("Område"), AREA),
    Fact("seat_city", _TEXT, later("Ort"), AREA),
    Fact("seat_lat", _LATITUDE, later("Ortens latitud"), form=AREA, about="Degrees, WGS 84.",
         match=Match("place", later("avstånd"), later("nära till varandra"), "geography", seat_of)),
    Fact("seat_lon", _LONGITUDE, later("Ortens longitud"), form=AREA),
    Fact("seat_basis", _TEXT, later("Källa för orten"), AREA),
    Fact("centroid_lat", _LATITUDE, later("Områdets mittpunkt, latitud")),
    Fact("centroid_lon", _LONGITUDE, later("Områdets mittpunkt, longitud")),
    Fact("land_area_km2", number(1, 450_000, _LAND), later("Landareal, km²"), AREA,
         match=Match("number", later("områdets storlek"), later("ett ungefär lika stort område"), "log10_land_km2", _log_land)),
    Fact("population", count(20_000_000), later("Invånare"), AREA,
         match=Match("number", later("folkmängd"), later("ungefär lika många invånare"))),
    Fact("population_on", day(later("Skriv datumet som 2016-12-31.")), later("Folkmängden gäller"), AREA),
    Fact("area_size_band", choice(models.SizeBand, words.SIZE_BANDS), later("Storlek på området"), AREA),
    Fact("norrland", yes_or_no(), later("Ligger i Norrland"), AREA),
    Fact("n_municipalities", count(290), later("Kommuner enligt rapporten"), AREA, about="As the report says it."),
    Fact("municipalities_count", count(290), later("Antal kommuner"), AREA),
    Fact("municipality_codes", municipality_codes(_CODES), later("Kommuner"), AREA),
    Fact("area_basis", _TEXT, later("Källa för området"), AREA),
    Fact("max_km_seat_to_municipality_centroid", number(0, 2_000), later("Längst från orten till en kommuns mitt, km"), AREA),
    Fact("support_professionals", _SUPPORT, later("Stöd till yrkesverksamma"), SUPPORT,
         match=Match("category", later("stöd till yrkesverksamma"), later("samma stöd till yrkesverksamma"), value=_support("support_professionals"))),
    Fact("support_exposed_any", _SUPPORT, later("Stöd till personer som är utsatta för våld"), SUPPORT,
         match=Match("category", later("stöd till våldsutsatta"), later("samma slags stöd till våldsutsatta"), value=_support("support_exposed_any"))),
    Fact("support_exposed_minors", _SUPPORT, later("Stöd till våldsutsatta under 18 år"), SUPPORT,
         match=Match("category", later("stöd till barn"), later("samma stöd till barn"), value=_support("support_exposed_minors"))),
    Fact("support_exposed_adults", _SUPPORT, later("Stöd till våldsutsatta över 18 år"), SUPPORT,
         match=Match("category", later("stöd till vuxna"), later("samma stöd till vuxna"), value=_support("support_exposed_adults"))),
    Fact("grant_group", open_choice(models.GrantGroup, words.GRANT_GROUPS), later("Bidragsomgång"), PROGRESS,
         match=Match("category", later("startomgång"), later("samma startomgång"))),
    Fact("started_year", year(2010, 2100), later("Började år"), PROGRESS),
    Fact("services", choices(models.Service, words.SERVICES), later("Gör i dag"), SUPPORT,
         match=Match("set", later("vad RC gör i dag"), later("mycket av samma arbete"), value=lambda rc: rc.services or None)),
    Fact("services_planned", choices(models.Service, words.SERVICES), later("Planerar"), SUPPORT),
    Fact("can_show", choices(models.Showable, words.SHOWABLE), later("Kan visa andra"), SUPPORT),
    Fact("funding_status", choice(models.FundingStatus, words.FUNDING), later("Långsiktig finansiering"), MONEY,
         match=Match("category", later("långsiktig finansiering"), later("samma läge för långsiktig finansiering"))),
    Fact("funding_basis", choice(models.FundingBasis, words.FUNDING_BASES), later("Källa för finansieringen"), MONEY),
    Fact("funding_detail", _LONG, later("Om finansieringen"), MONEY),
    Fact("huvudman", _TEXT, later("Huvudman"), MONEY),
    Fact("huvudman_planned", _TEXT, later("Planerad huvudman"), MONEY),
    Fact("staffing", _TEXT, later("Bemanning"), MONEY),
    Fact("staff_count", number(0, 200, later("Skriv hur många heltidstjänster det blir, till exempel 1,5.")), later("Heltidstjänster"), MONEY, about="Full-time posts.",
         match=Match("number", later("antal tjänster"), later("ungefär lika många tjänster"))),
    Fact("governance_bodies", _LONG, later("Styrning"), MONEY),
    Fact("collaboration", _LONG, later("Samverkan"), MONEY),
    Fact("digital_only", yes_or_no(), later("Helt digitalt"), MONEY,
         match=Match("category", later("digitalt arbetssätt"), later("samma sätt att ses"))),
    Fact("mobile", yes_or_no(), later("Mobilt: åker dit det behövs"), MONEY,
         match=Match("category", later("mobilt arbetssätt"), later("samma sätt att åka ut eller ta emot"))),
    Fact("physical_site", yes_or_no(), later("Egen lokal"), MONEY),
    Fact("contact_region", _LONG, later("Hos regionen"), CONTACTS),
    Fact("contact_police", _LONG, later("Hos polisen"), CONTACTS),
    Fact("contact_prosecutor", _LONG, later("Hos åklagaren"), CONTACTS),
    Fact("agency_networks", _LONG, later("Myndigheternas egna nätverk om heder"), CONTACTS),
    Fact("notes", _LONG, later("Anteckningar"), OTHER),
)
# fmt: on
BY_TITLE = {fact.title: fact for fact in FACTS}
BY_NAME = {fact.name: fact for fact in FACTS}
LABELS = {fact.name: fact.label for fact in FACTS} | {"sources": later("Källor")}
WORDS = {fact.name: fact.kind.words for fact in FACTS if fact.kind.words}
GROUPS = tuple((head, tuple(fact for fact in FACTS if fact.group == head)) for head in HEADINGS)
MATCHED = {
    fact.match.name or fact.name: fact.match
    if fact.match.value is not _as_it_stands
    else replace(fact.match, value=attrgetter(fact.name))
    for fact in FACTS
    if fact.match is not None
}
