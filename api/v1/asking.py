"""Reads of the API about questions between RC, and what has become frequent ones."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from api.accounts.policy import insist, may_read_register
from api.accounts.session import SignedInViewer, Transaction
from api.kit.paging import Paged
from api.questions import queries, rights
from api.questions.models import Answer, Audience, Question

api = APIRouter(tags=["questions"])


class AnswerOut(BaseModel):
    """An answer by one RC, or by NCH (an empty `rc_id`)."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    rc_id: str
    text: str
    answered_at: datetime
    thanked_at: datetime | None


class QuestionOut(BaseModel):
    """A question to a circle, to all RC or to NCH."""

    id: str
    rc_id: str
    audience: Audience
    network_id: str | None
    text: str
    asked_at: datetime
    closed_at: datetime | None
    answers: list[AnswerOut]
    version: int


class FrequentOut(BaseModel):
    """A question and its answer without names, read by all."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    question: str
    answer: str
    published_at: datetime | None


@api.get("/questions", summary="The questions you may see")
def list_questions(
    session: Transaction,
    viewer: SignedInViewer,
    page: Paged,
    is_open: Annotated[bool | None, Query(description="Only open ones, or only closed.")] = None,
) -> list[QuestionOut]:
    """Return your questions, those to your circles and those to all, newest first."""
    insist(may_read_register(viewer))
    found = [
        one
        for one in queries.seen_by(session, viewer)
        if is_open is None or (one.closed_at is None) is is_open
    ]
    part = page.part(found)
    given = queries.answers(session, [one.id for one in part])
    return [_out(one, given[one.id]) for one in part]


@api.get("/questions/{question_id}", summary="A question with its answers")
def get_question(session: Transaction, viewer: SignedInViewer, question_id: str) -> QuestionOut:
    """Return a question; 404 for those whom it is neither from nor to."""
    found = rights.question_for(session, viewer, question_id)
    return _out(found, queries.answers(session, [found.id])[found.id])


@api.get("/frequent-questions", summary="Frequent questions")
def list_frequent(session: Transaction, viewer: SignedInViewer, page: Paged) -> list[FrequentOut]:
    """Return the published questions and answers."""
    insist(may_read_register(viewer))
    return [FrequentOut.model_validate(one) for one in page.part(queries.published(session))]


def _out(found: Question, given: list[Answer]) -> QuestionOut:
    return QuestionOut(
        **found.model_dump(exclude={"function_id", "meeting_id"}),
        answers=[AnswerOut.model_validate(one) for one in given],
    )
