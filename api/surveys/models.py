"""Tables: the theme bank, needs surveys with their links and answers, and evaluations as bare counts."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum
from api.kit.finding.triggers import watch


class SurveyState(StrEnum):
    """A survey is prepared, open for answers until its deadline, or closed by a planner."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class RecipientKind(StrEnum):
    """Whose link it is: an RC and its county administrative board share one answer."""

    RC = "rc"
    COUNTY_BOARD = "ls"


class Band(StrEnum):
    """The two bands of the register's phases, and whoever comes from no RC."""

    PRE_OPERATIONAL = "pre_operational"
    OPERATIONAL = "operational"
    OTHER = "other"
    # What RC in operation are when they are asked of their needs: those at a Barnahus are the only model
    # that is large enough to be shown; together they are the band of operation.
    BARNAHUS = "barnahus"
    OTHER_MODEL = "other_model"


class EvaluationKind(StrEnum):
    """What is asked about: a meeting that was, or what RC need, meet and wish just now."""

    MEETING = "meeting"
    NEEDS = "needs"


class Theme(Versioned, SQLModel, table=True):
    """A topic that RC ask for or can offer; read from the shipped bank once, then edited here."""

    __tablename__ = "theme"

    id: str = Field(primary_key=True)
    name_sv: str
    name_en: str
    detail_en: str = ""
    category: str
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    phases: list[str] = Field(sa_column=Column(JSON, nullable=False))
    formats: list[str] = Field(sa_column=Column(JSON, nullable=False))
    source: str = ""  # lines of the evaluation report, or empty for a theme added here
    # What its session says where a planner has written it (`texts.ThemeTexts`); empty: as shipped.
    texts: dict[str, object] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    is_active: bool = True
    version: int = 1


class NeedsSurvey(Versioned, SQLModel, table=True):
    """What is asked before one meeting; the questions are fixed, the themes and dates are chosen."""

    __tablename__ = "needs_survey"

    id: str = Field(default_factory=new_id, primary_key=True)
    meeting_id: str | None = Field(default=None, index=True)
    title_sv: str
    title_en: str
    deadline: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    state: SurveyState = Field(default=SurveyState.DRAFT, sa_type=text_enum(SurveyState))
    theme_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))
    days: list[str] = Field(sa_column=Column(JSON, nullable=False))  # ISO 8601 dates to choose from
    rc_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))  # who is asked
    # RC -> themes that it asked for and is not at, once the meeting's programme is published.
    unmet: dict[str, list[str]] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    is_example: bool = False
    version: int = 1


class SurveyLink(SQLModel, table=True):
    """A secret link to an RC's answer; the token itself is only ever in the mail."""

    __tablename__ = "survey_link"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    survey_id: str = Field(foreign_key="needs_survey.id", index=True)
    rc_id: str = Field(index=True)
    recipient: RecipientKind = Field(sa_type=text_enum(RecipientKind))
    function_id: str | None = None  # whose mail it came in; it ends with that one's holder
    made_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class SurveyAnswer(Versioned, SQLModel, table=True):
    """An RC's one current answer; counted once, whoever of its people filled it in."""

    __tablename__ = "survey_answer"

    survey_id: str = Field(foreign_key="needs_survey.id", primary_key=True)
    rc_id: str = Field(primary_key=True)
    answer: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    answered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    is_example: bool = False
    version: int = 1


class SurveyDraft(SQLModel, table=True):
    """What an RC has filled in and not sent yet: kept so that another device can go on."""

    __tablename__ = "survey_draft"

    survey_id: str = Field(foreign_key="needs_survey.id", primary_key=True)
    rc_id: str = Field(primary_key=True)
    fields: dict[str, list[str]] = Field(sa_column=Column(JSON, nullable=False))
    saved_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class Evaluation(SQLModel, table=True):
    """The evaluation after one meeting, or a round of needs; its figures are shown when it has closed, not before."""

    __tablename__ = "evaluation"

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: EvaluationKind = Field(default=EvaluationKind.MEETING, sa_type=text_enum(EvaluationKind))
    meeting_id: str | None = Field(default=None, index=True)
    title_sv: str
    title_en: str
    held_on: date
    closes_on: date  # the last day for answers
    theme_ids: list[str] = Field(sa_column=Column(JSON, nullable=False))
    # What became of it, in NCH's words; of rounds of needs.
    outcome: str = ""
    is_example: bool = False


class EvaluationBallot(SQLModel, table=True):
    """The right to answer once: no person, no moment, and no way from here to what was answered."""

    __tablename__ = "evaluation_ballot"

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    evaluation_id: str = Field(foreign_key="evaluation.id", index=True)
    band: Band = Field(sa_type=text_enum(Band))
    is_used: bool = False


class EvaluationCount(SQLModel, table=True):
    """How many in a band gave a question this level: the only form in which answers are kept."""

    __tablename__ = "evaluation_count"

    evaluation_id: str = Field(foreign_key="evaluation.id", primary_key=True)
    band: Band = Field(primary_key=True, sa_type=text_enum(Band))
    question: str = Field(primary_key=True)  # a fixed question, or "next:" + what was chosen
    level: int = Field(primary_key=True)
    number: int = 0


watch(NeedsSurvey, "survey", "title_sv", "title_en", "deadline")
watch(Theme, "theme", "name_sv", "name_en", "category", "detail_en")
