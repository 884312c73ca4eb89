"""Table: the regional resource centres (RC), with the closed vocabularies of their facts."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum
from api.kit.finding.triggers import watch


class AreaScope(StrEnum):
    """What kind of area an RC serves."""

    COUNTY = "county"
    PART_OF_COUNTY = "part_of_county"
    MUNICIPALITY = "municipality"


class GrantGroup(StrEnum):
    """The round of grants in which an RC began."""

    PILOT_2018 = "pilot_2018"
    GROUP2_2021 = "group2_2021"
    GROUP3_2023 = "group3_2023"


class Status(StrEnum):
    """How far an RC has come."""

    PLANNING = "planning"
    NEEDS_INVENTORY = "needs_inventory"
    START_UP = "start_up"
    PARTLY = "partly"
    OPERATIVE = "operative"


class PhaseBand(StrEnum):
    """The two bands that matching uses: the report gives no order inside the first."""

    PRE_OPERATIONAL = "pre_operational"
    OPERATIONAL = "operational"


PHASE_BANDS = {
    Status.PLANNING: PhaseBand.PRE_OPERATIONAL,
    Status.NEEDS_INVENTORY: PhaseBand.PRE_OPERATIONAL,
    Status.START_UP: PhaseBand.PRE_OPERATIONAL,
    Status.PARTLY: PhaseBand.OPERATIONAL,
    Status.OPERATIVE: PhaseBand.OPERATIONAL,
}


class CurrentModel(StrEnum):
    """How an RC is organised today."""

    BARNAHUS = "barnahus"
    CMV_SUBACTIVITY = "cmv_subactivity"
    DIGITAL_VNR_JOINT = "digital_vnr_joint"
    PER_AGENCY_VNR = "per_agency_vnr"
    STANDALONE_TEAMS = "standalone_teams"


class PlannedModel(StrEnum):
    """How an RC plans to be organised: any of today's models, or not decided."""

    BARNAHUS = "barnahus"
    CMV_SUBACTIVITY = "cmv_subactivity"
    DIGITAL_VNR_JOINT = "digital_vnr_joint"
    PER_AGENCY_VNR = "per_agency_vnr"
    STANDALONE_TEAMS = "standalone_teams"
    UNDECIDED = "undecided"


class PlanCertainty(StrEnum):
    """How sure a planned model is."""

    STATED = "stated"
    PROBABLE = "probable"
    POSSIBLE_BARNAHUS = "possible_barnahus"
    CONFLICTING = "conflicting"


class Support(StrEnum):
    """Whether an RC supports a target group; an RC that has not begun has not said no."""

    NOT_IN_OPERATION = "not_in_operation"
    NONE = "none"
    PLANNED = "planned"
    YES = "yes"


class Service(StrEnum):
    """What an RC does or plans to do."""

    SUPPORT_PHONE_PROFESSIONALS = "support_phone_professionals"
    SUPPORT_PHONE_EXPOSED = "support_phone_exposed"
    SUPPORT_PHONE_PER_AGENCY = "support_phone_per_agency"
    CONSULTATIONS = "consultations"
    LECTURES = "lectures"
    TRAINING = "training"
    TRAINING_VIA_VNR = "training_via_vnr"
    TRAINING_PLAN = "training_plan"
    ROUTINE_DEVELOPMENT = "routine_development"
    LOW_THRESHOLD_SUPPORT = "low_threshold_support"
    SAMRAD_CHILDREN = "samrad_children"
    SAMRAD_ADULTS = "samrad_adults"
    SIP = "sip"
    NEEDS_MAPPING = "needs_mapping"
    TARGET_GROUP_ANALYSIS = "target_group_analysis"
    DIALOG_MEETINGS = "dialog_meetings"


class Showable(StrEnum):
    """What an RC has made or learnt that others can borrow; the keys are those of themes."""

    LEGAL_CONSENT = "legal_consent"
    ADULT_TARGET = "adult_target"
    ORG_BARNAHUS = "org_barnahus"
    ORG_CMV_VNR = "org_cmv_vnr"
    ORG_MOBILE = "org_mobile"
    NEEDS_INVENTORY = "needs_inventory"
    AGREEMENTS = "agreements"
    FINANCE_LONGTERM = "finance_longterm"
    CONSULT_METHOD = "consult_method"
    DIRECT_SUPPORT = "direct_support"
    COMMUNICATION = "communication"
    STATISTICS = "statistics"


class FundingStatus(StrEnum):
    """Whether long-term funding is there."""

    SECURED = "secured"
    PLANNED = "planned"
    LACKING = "lacking"


class FundingBasis(StrEnum):
    """What the funding status rests on: a sentence, or only a name's place on a slide."""

    STATED = "stated"
    LAYOUT = "layout"


class SizeBand(StrEnum):
    """Land area: small < 6,000 km2, medium < 15,000, large < 40,000, then very large."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    VERY_LARGE = "very_large"


# A value that a list has a word for, or a word of one's own.
_OPEN: Any = String(40)


class Rc(Versioned, SQLModel, table=True):
    """One regional resource centre; None is unknown, never no."""

    __tablename__ = "rc"

    id: str = Field(primary_key=True)  # a lasting ASCII key, e.g. "kronoberg"
    name: str
    own_name: str | None = None  # what the RC calls itself
    county_code: str  # two digits, SCB
    area_scope: AreaScope | None = Field(default=None, sa_type=text_enum(AreaScope))
    # An open list, as the models: the report's groups, and what RC that come later are told as.
    grant_group: str | None = Field(default=None, sa_type=_OPEN)
    establishment_status: Status | None = Field(default=None, sa_type=text_enum(Status))
    started_year: int | None = None
    counted_established: bool | None = None
    org_model_current: str | None = Field(default=None, sa_type=_OPEN)
    org_model_planned: str | None = Field(default=None, sa_type=_OPEN)
    org_model_planned_certainty: PlanCertainty | None = Field(
        default=None, sa_type=text_enum(PlanCertainty)
    )
    support_professionals: Support | None = Field(default=None, sa_type=text_enum(Support))
    support_exposed_any: Support | None = Field(default=None, sa_type=text_enum(Support))
    support_exposed_minors: Support | None = Field(default=None, sa_type=text_enum(Support))
    support_exposed_adults: Support | None = Field(default=None, sa_type=text_enum(Support))
    services: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    services_planned: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    can_show: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    funding_status: FundingStatus | None = Field(default=None, sa_type=text_enum(FundingStatus))
    funding_basis: FundingBasis | None = Field(default=None, sa_type=text_enum(FundingBasis))
    funding_detail: str | None = None
    huvudman: str | None = None
    huvudman_planned: str | None = None
    digital_only: bool | None = None
    mobile: bool | None = None  # it comes to those who need it
    physical_site: bool | None = None
    n_municipalities: int | None = None  # as the report says it
    staffing: str | None = None
    staff_count: float | None = None  # full-time posts
    governance_bodies: str | None = None
    collaboration: str | None = None
    contact_region: str | None = None
    contact_police: str | None = None
    contact_prosecutor: str | None = None
    agency_networks: str | None = None  # the agencies' own, on honour matters
    notes: str | None = None
    seat_city: str | None = None
    seat_lat: float | None = None  # degrees, WGS 84
    seat_lon: float | None = None
    seat_basis: str | None = None
    centroid_lat: float | None = None
    centroid_lon: float | None = None
    municipalities_count: int | None = None  # as the municipality codes count
    land_area_km2: float | None = None
    population: int | None = None
    population_on: date | None = None  # the day the population was counted
    municipality_codes: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    area_basis: str | None = None
    max_km_seat_to_municipality_centroid: float | None = None
    area_size_band: SizeBand | None = Field(default=None, sa_type=text_enum(SizeBand))
    norrland: bool | None = None
    sources: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    version: int = 1

    @property
    def phase_band(self) -> PhaseBand | None:
        """The band of the status, or None while the status is unknown."""
        return PHASE_BANDS[self.establishment_status] if self.establishment_status else None


class CheckedBy(StrEnum):
    """Who said that facts are right: the RC itself, or NCH after it."""

    RC = "rc"
    NCH = "nch"


class FactCheck(SQLModel, table=True):
    """That a part of an RC's facts was right at a moment; rows are only ever added, so they are its history."""

    __tablename__ = "fact_check"

    id: str = Field(default_factory=new_id, primary_key=True)
    rc_id: str = Field(foreign_key="rc.id", index=True)
    part: str  # a key of `checking.PARTS`
    by: CheckedBy = Field(sa_type=text_enum(CheckedBy))
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class CheckLink(SQLModel, table=True):
    """The mailed link by which one post checks its RC's facts; only its token's hash is kept."""

    __tablename__ = "fact_check_link"
    __table_args__ = (UniqueConstraint("rc_id"),)

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    rc_id: str = Field(foreign_key="rc.id", index=True)
    function_id: str = Field(foreign_key="function.id", index=True)
    sent_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    is_reminder: bool = False


_UNSAID = {"id", "version", "sources"}
watch(Rc, "rc", *(name for name in Rc.model_fields if name not in _UNSAID))
