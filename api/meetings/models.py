"""Tables: meetings of every kind, and the RC that a meeting names itself."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum
from api.kit.finding.triggers import watch


class MeetingKind(StrEnum):
    """What kind of meeting it is."""

    NATIONAL = "national"
    NETWORK = "network"
    SAMVERKANSFORUM = "samverkansforum"
    MANAGERS = "managers"
    STUDY_VISIT = "study_visit"
    OTHER = "other"


class MeetingForm(StrEnum):
    """How people take part."""

    IN_PERSON = "in_person"
    DIGITAL = "digital"
    HYBRID = "hybrid"


class MeetingState(StrEnum):
    """Where a meeting stands: seen by planners only, by those concerned, or called off."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Meeting(Versioned, SQLModel, table=True):
    """A meeting: its focus is never empty, since earlier ones failed for want of one."""

    __tablename__ = "meeting"

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: MeetingKind = Field(sa_type=text_enum(MeetingKind), index=True)
    network_id: str | None = Field(default=None, foreign_key="network.id", index=True)
    group_id: str | None = Field(default=None, foreign_key="meeting_group.id", index=True)
    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    form: MeetingForm = Field(sa_type=text_enum(MeetingForm))
    town: str = ""  # empty when digital; never a street address
    video_url: str = ""  # https; the room of the video meeting, for those invited
    starts_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    state: MeetingState = Field(sa_type=text_enum(MeetingState), index=True)
    cancelled_by: str = ""  # a person's id
    cancel_reason: str = ""  # what they said of why; never logged, erased a month after
    answer_by: date | None = None
    agreed_at: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime)
    )  # when those who meet decided its time
    was_held: bool | None = None  # what those who met have said of it, when it is over
    is_protected: bool = False
    is_example: bool = False
    series_id: str | None = Field(default=None, foreign_key="meeting_series.id", index=True)
    original_start: datetime | None = Field(
        default=None, sa_column=Column(UtcDateTime)
    )  # when the series' rule has it, wherever it has been moved since
    version: int = 1


class MeetingSeries(Versioned, SQLModel, table=True):
    """Recurring meetings of a network or a group: what they share, and the rule; each is a meeting."""

    __tablename__ = "meeting_series"

    id: str = Field(default_factory=new_id, primary_key=True)
    network_id: str | None = Field(default=None, foreign_key="network.id", index=True)
    group_id: str | None = Field(default=None, foreign_key="meeting_group.id", index=True)
    name_sv: str
    name_en: str
    focus_sv: str
    focus_en: str
    form: MeetingForm = Field(sa_type=text_enum(MeetingForm))
    town: str = ""  # empty when digital
    video_url: str = ""
    starts_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))  # the first one's
    ends_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    rule: str  # RRULE, with UNTIL (RFC 5545 3.3.10)
    state: MeetingState = Field(sa_type=text_enum(MeetingState))
    cancelled_by: str = ""  # a person's id; of its later dates too
    cancel_reason: str = ""  # what they said of why; never logged, erased a month after
    is_protected: bool = False
    is_example: bool = False
    version: int = 1


class MeetingGroup(Versioned, SQLModel, table=True):
    """Posts that meet without being a network: chosen for one meeting, or saved to meet again.

    A saved one has a page, and the year lays out `per_year` meetings for it.
    """

    __tablename__ = "meeting_group"

    id: str = Field(default_factory=new_id, primary_key=True)
    name: str
    purpose: str = ""
    per_year: int = 0
    is_saved: bool = False
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    is_example: bool = False
    version: int = 1

    @property
    def name_sv(self) -> str:
        """Whoever made it named it, in one language."""
        return self.name

    @property
    def name_en(self) -> str:
        """The same name."""
        return self.name


class GroupPost(SQLModel, table=True):
    """A post that is in a group: whoever holds it."""

    __tablename__ = "meeting_group_post"

    group_id: str = Field(foreign_key="meeting_group.id", primary_key=True)
    function_id: str = Field(foreign_key="function.id", primary_key=True, index=True)


class CoHost(SQLModel, table=True):
    """A post of another agency that holds a meeting together with NCH: whoever has the post, no more than that meeting."""

    __tablename__ = "meeting_co_host"

    meeting_id: str = Field(foreign_key="meeting.id", primary_key=True)
    function_id: str = Field(foreign_key="function.id", primary_key=True, index=True)
    added_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class InvitedRc(SQLModel, table=True):
    """An RC that a meeting concerns by itself, outside any network: the two of a study visit."""

    __tablename__ = "meeting_rc"

    meeting_id: str = Field(foreign_key="meeting.id", primary_key=True)
    rc_id: str = Field(primary_key=True)
    is_host: bool = False


watch(
    Meeting,
    "meeting",
    *("name_sv", "name_en", "focus_sv", "focus_en", "town", "starts_at", "ends_at"),
)
