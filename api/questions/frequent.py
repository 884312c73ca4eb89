"""What many wonder, without names: offered by whoever answered, published by a planner."""

from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_plan
from api.kit.errors import ConflictError, MissingError
from api.questions import queries, rights, writing
from api.questions.models import LONGEST_ANSWER, LONGEST_QUESTION, Frequent


def offer(
    session: Session, viewer: Viewer, answer_id: str, question: str, text: str, at: datetime
) -> Frequent:
    """Offer one's own answer as a frequent question, in words without names; a planner publishes it.

    Raises:
        MissingError: when the viewer did not write the answer.
        ConflictError: when it is offered already.
        FieldFault: when a text cannot be used.
    """
    found = queries.answer(session, answer_id)
    if found is None or not rights.is_answerer(viewer, found):
        raise MissingError
    if queries.offers_of(session, [found.id]):
        raise ConflictError("Svaret är redan erbjudet.")
    made = Frequent(
        answer_id=found.id,
        question=writing.words_of(question, "question", LONGEST_QUESTION),
        answer=writing.words_of(text, "answer", LONGEST_ANSWER),
        offered_at=at,
    )
    session.add(made)
    session.flush()
    writing.note(session, "rc", made, "offered")  # who offered it is the circle's own to know
    return made


def judge(
    session: Session, viewer: Viewer, frequent_id: str, words: tuple[str, str] | None, at: datetime
) -> None:
    """Publish what was offered, with a planner's own `words` for question and answer; None takes it away.

    Raises:
        MissingError: when the viewer is no planner, or nothing is there.
        FieldFault: when a text cannot be used.
    """
    insist(may_plan(viewer))
    found = queries.frequent(session, frequent_id)
    if found is None:
        raise MissingError
    action = "removed"
    if words is None:
        session.delete(found)
    else:
        found.question = writing.words_of(words[0], "question", LONGEST_QUESTION)
        found.answer = writing.words_of(words[1], "answer", LONGEST_ANSWER)
        found.published_at = found.published_at or at
        found.version += 1
        session.add(found)
        action = "published"
    session.flush()
    writing.note(session, viewer.person_id, found, action)
