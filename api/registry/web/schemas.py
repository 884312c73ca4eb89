"""The register as JSON."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.registry import models
from api.registry.models import Rc

_EXAMPLE: dict[str, JsonValue] = {
    "id": "kronoberg",
    "name": "Kronoberg",
    "county_code": "07",
    "phase_band": "operational",
    "establishment_status": "operative",
    "org_model_current": "barnahus",
    "services": ["support_phone_professionals", "consultations", "training"],
    "services_planned": [],
    "municipality_codes": ["0760", "0761"],
    "sources": {"services": "187-189"},
    "version": 3,
}


class RcDocument(BaseModel):
    """One regional resource centre; null is unknown, never no."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_EXAMPLE]})

    id: str = Field(description="A lasting key.")
    name: str
    county_code: str = Field(description="SCB's county code, two digits.")
    phase_band: models.PhaseBand | None = None
    area_scope: models.AreaScope | None = None
    grant_group: models.GrantGroup | None = None
    establishment_status: models.Status | None = None
    counted_established: bool | None = None
    org_model_current: models.CurrentModel | None = None
    org_model_planned: models.PlannedModel | None = None
    org_model_planned_certainty: models.PlanCertainty | None = None
    support_professionals: models.Support | None = None
    support_exposed_any: models.Support | None = None
    support_exposed_minors: models.Support | None = None
    support_exposed_adults: models.Support | None = None
    services: list[models.Service]
    services_planned: list[models.Service]
    funding_status: models.FundingStatus | None = None
    funding_basis: models.FundingBasis | None = None
    funding_detail: str | None = None
    huvudman: str | None = None
    huvudman_planned: str | None = None
    digital_only: bool | None = None
    physical_site: bool | None = None
    n_municipalities: int | None = Field(None, description="As the report says it.")
    staffing: str | None = None
    governance_bodies: str | None = None
    collaboration: str | None = None
    notes: str | None = None
    seat_city: str | None = None
    seat_lat: float | None = Field(None, description="Degrees, WGS 84.")
    seat_lon: float | None = None
    municipalities_count: int | None = None
    land_area_km2: float | None = None
    population: int | None = None
    population_on: date | None = None
    municipality_codes: list[str]
    area_size_band: models.SizeBand | None = None
    norrland: bool | None = None
    sources: dict[str, str] = Field(description="Where each field comes from, by field.")
    version: int


class RcList(BaseModel):
    """The register."""

    items: list[RcDocument]


class NeighbourDocument(BaseModel):
    """How far away another RC's seat is."""

    id: str
    name: str
    great_circle_km: float
    travel_band: str = Field(description="An estimate: show the band, not the minute.")


class NeighbourList(BaseModel):
    """The nearest RC, nearest first."""

    items: list[NeighbourDocument]


def document(rc: Rc) -> RcDocument:
    """Return a row as JSON."""
    return RcDocument.model_validate(rc)
