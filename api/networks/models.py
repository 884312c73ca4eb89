"""Tables: networks, their members over time, and the frozen rounds that made them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id, text_enum
from api.kit.finding.triggers import watch
from api.registry.models import Rc


class Layer(StrEnum):
    """What a kind of network is for; an RC has one network of each kind rather than one compromise."""

    LIKENESS = "likeness"
    NEARNESS = "nearness"
    EXPERIENCE = "experience"
    FORUM = "forum"


class NetworkForm(StrEnum):
    """How a network meets."""

    IN_PERSON = "in_person"
    DIGITAL = "digital"


class Round(SQLModel, table=True):
    """A published, frozen version of all networks, with its difference from the one before."""

    __tablename__ = "round"

    id: str = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True)  # 1, 2, 3 ...
    proposal_id: str = Field(unique=True)
    published_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    published_by: str
    frozen: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    difference: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))


class Network(SQLModel, table=True):
    """A small group of RC that meets; it keeps its id while at least two members stay together."""

    __tablename__ = "network"

    id: str = Field(default_factory=new_id, primary_key=True)
    layer: Layer = Field(sa_type=text_enum(Layer))
    name_sv: str
    name_en: str
    form: NetworkForm = Field(sa_type=text_enum(NetworkForm))
    farthest_km: float | None = None  # great-circle, between the two seats farthest apart
    evidence: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    round_id: str = Field(foreign_key="round.id", index=True)  # the latest that confirmed it
    ended_on: date | None = None
    is_example: bool = False
    # Who among its members or planners named it; None: the name is made of what is true of them all.
    named_by: str | None = None
    # What it was called before that, to go back to.
    former_sv: str = ""
    former_en: str = ""


class NetworkMember(SQLModel, table=True):
    """An RC's time in a network; `until` is exclusive."""

    __tablename__ = "network_member"

    id: str = Field(default_factory=new_id, primary_key=True)
    network_id: str = Field(foreign_key="network.id", index=True)
    rc_id: str = Field(index=True)
    since: date
    until: date | None = None
    # When the RC said that it does not want to be in it; it stays until the next round.
    declined_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


watch(Network, "network", "name_sv", "name_en", "ended_on")
watch(NetworkMember, "network", "rc_id", "until", which="SELECT {row}.network_id AS id")
_OF_RC = "SELECT one.network_id AS id FROM network_member AS one WHERE one.rc_id = {row}.id"
watch(Rc, "network", "name", which=_OF_RC)
