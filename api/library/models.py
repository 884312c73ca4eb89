"""Tables: what is kept for others to use, links and files, and every version of a file."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, new_id, text_enum
from api.kit.finding.triggers import watch
from api.meetings.models import Meeting
from api.networks.models import Network
from api.registry.models import Rc
from api.surveys.models import Theme


class Sort(StrEnum):
    """What a material is for."""

    AGENDA = "agenda"
    PRESENTATION = "presentation"
    AGREEMENT = "agreement"
    CHECKLIST = "checklist"
    CONSENT = "consent"
    OTHER = "other"


class ReadBy(StrEnum):
    """Who may see a material: its circle, whoever sees its meeting, or everybody who reads the register."""

    CIRCLE = "circle"
    MEETING = "meeting"
    ALL = "all"


class Material(SQLModel, table=True):
    """A link, or a document with one current file; it lies at a meeting, a circle or a theme, at one of them.

    What lies behind a link keeps its own rights and its own erasing.
    """

    __tablename__ = "material"
    __table_args__ = (
        UniqueConstraint("meeting_id", "address"),
        UniqueConstraint("network_id", "address"),
        UniqueConstraint("theme_id", "address"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str | None = Field(default=None, foreign_key="meeting.id", index=True)
    network_id: str | None = Field(default=None, foreign_key="network.id", index=True)
    theme_id: str | None = Field(default=None, foreign_key="theme.id", index=True)
    title: str
    address: str  # https of a link; a document's own page in the service
    sort: Sort = Field(default=Sort.OTHER, sa_type=text_enum(Sort))
    read_by: ReadBy = Field(default=ReadBy.MEETING, sa_type=text_enum(ReadBy))
    rc_id: str = ""  # whose it is; empty: NCH's, or not said
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    renewed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """When its current file came."""

    @property
    def is_file(self) -> bool:
        """Whether it is a document of ours, and no link."""
        return self.renewed_at is not None


class MaterialFile(SQLModel, table=True):
    """One version of a document; the newest is the current one, older ones stay as they were."""

    __tablename__ = "material_file"
    __table_args__ = (UniqueConstraint("material_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    material_id: str = Field(foreign_key="material.id", index=True)
    number: int  # 1 is the first
    extension: str
    size: int  # octets
    digest: str  # SHA-256, hexadecimal
    octets: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


watch(
    Material,
    "material",
    *("title", "sort", "rc_id", "renewed_at", "meeting_id", "network_id", "theme_id"),
)
_OF = "SELECT one.id AS id FROM material AS one WHERE one.{column} = {{row}}.id"
watch(Rc, "material", "name", which=_OF.format(column="rc_id"))
for _place, _column in ((Meeting, "meeting_id"), (Network, "network_id"), (Theme, "theme_id")):
    watch(_place, "material", "name_sv", "name_en", which=_OF.format(column=_column))
