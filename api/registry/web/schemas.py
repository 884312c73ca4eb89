"""The register as JSON."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from api.registry.facts import FACTS, Fact
from api.registry.models import PhaseBand, Rc

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


class _RcHead(BaseModel):
    """One regional resource centre; null is unknown, never no."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_EXAMPLE]})

    phase_band: PhaseBand | None = None
    sources: dict[str, str] = Field(description="Where each field comes from, by field.")
    version: int


def _field(fact: Fact) -> tuple[Any, Any]:
    """Return a fact as a field: needed ones and lists are always there, the rest may be null."""
    about = fact.about or None
    if fact.is_needed or fact.kind.is_list:
        return fact.kind.json, Field(description=about)
    return fact.kind.json | None, Field(None, description=about)


if TYPE_CHECKING:
    RcDocument = _RcHead
else:  # the fields are read from FACTS
    RcDocument = create_model(
        "RcDocument",
        __base__=_RcHead,
        __doc__=_RcHead.__doc__,
        **{fact.name: _field(fact) for fact in FACTS},
    )


class RcList(BaseModel):
    """The register."""

    items: list[RcDocument]


class RegisterFile(BaseModel):
    """The register as a file that stands alone: its schema, from where and when, and where each fact comes from."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    schema_address: str = Field(alias="$schema", description="Where this file's JSON Schema is.")
    exported_from: str = Field(description="The service's address.")
    exported_at: datetime
    items: list[RcDocument]


def register_schema(address: str) -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 2020-12) of the register's file, under its address."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address}
    return head | RegisterFile.model_json_schema(mode="serialization")


class NeighbourDocument(BaseModel):
    """How far away another RC's seat is."""

    id: str
    name: str
    great_circle_km: float
    travel_hours: float = Field(
        examples=[1.5], description="One way, door to door: an estimate, to the half hour."
    )
    travel_band: str = Field(description="An estimate: show the band, not the minute.")


class NeighbourList(BaseModel):
    """The nearest RC, nearest first."""

    items: list[NeighbourDocument]


def document(rc: Rc) -> RcDocument:
    """Return a row as JSON."""
    return RcDocument.model_validate(rc)
