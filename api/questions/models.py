"""Tables: questions, their answers, the mailed links that open them, frequent questions, and what was learnt."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.kit.db import UtcDateTime, Versioned, new_id, text_enum
from api.kit.finding.triggers import watch

LONGEST_QUESTION = 600
LONGEST_ANSWER = 2000
LONGEST_LESSON = 200


class Audience(StrEnum):
    """Whom a question is put to; nobody else but who asked sees it (see `may_see_question`)."""

    CIRCLE = "circle"
    ALL = "all"
    NCH = "nch"


class Question(Versioned, SQLModel, table=True):
    """What an RC or NCH wants to know; it never holds a case, and goes when its time is out."""

    __tablename__ = "question"

    id: str = Field(default_factory=new_id, primary_key=True)
    function_id: str = Field(foreign_key="function.id", index=True)  # who asks: the post, no person
    rc_id: str = ""  # the asking RC; empty when NCH asks
    audience: Audience = Field(sa_type=text_enum(Audience))
    network_id: str | None = Field(default=None, foreign_key="network.id", index=True)
    # The circle's RC when it was asked: whoever comes to the circle later was not chosen by the asker.
    asked_ids: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    text: str
    asked_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    meeting_id: str | None = Field(
        default=None, foreign_key="meeting.id", index=True
    )  # to bring up
    version: int = 1


class Answer(SQLModel, table=True):
    """One answer by one post; thanked by who asked."""

    __tablename__ = "question_answer"

    id: str = Field(default_factory=new_id, primary_key=True)
    question_id: str = Field(foreign_key="question.id", index=True)
    function_id: str = Field(foreign_key="function.id", index=True)
    rc_id: str = ""  # the answering RC; empty for NCH
    text: str
    answered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    thanked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class QuestionLink(SQLModel, table=True):
    """A mailed link by which one post answers one question; only its token's hash is kept."""

    __tablename__ = "question_link"
    __table_args__ = (UniqueConstraint("question_id", "function_id"),)

    token_hash: str = Field(primary_key=True)  # SHA-256, hexadecimal
    question_id: str = Field(foreign_key="question.id", index=True)
    function_id: str = Field(foreign_key="function.id", index=True)


class Frequent(Versioned, SQLModel, table=True):
    """A question and answer without names: offered by who answered, read by all when a planner publishes it.

    It outlives the answer that it came from.
    """

    __tablename__ = "frequent_question"

    id: str = Field(default_factory=new_id, primary_key=True)
    answer_id: str | None = Field(default=None, foreign_key="question_answer.id", unique=True)
    question: str
    answer: str
    offered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    published_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    version: int = 1


class Lesson(SQLModel, table=True):
    """One line of what an RC, or NCH, learnt in a year: published by writing it, until it is taken away."""

    __tablename__ = "lesson"

    id: str = Field(default_factory=new_id, primary_key=True)
    rc_id: str = Field(default="", index=True)  # whose it is; empty for NCH
    year: int = Field(index=True)
    text: str
    published_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


watch(Question, "question", "text", "asked_at")
watch(Answer, "question", "text", which="SELECT {row}.question_id AS id")
watch(Frequent, "frequent", "question", "answer", "published_at")
