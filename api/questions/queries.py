"""All SQL over questions."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, update
from sqlmodel import Session, col, or_, select

from api.accounts.policy import Viewer
from api.kit.db import for_change
from api.networks import queries as networks
from api.questions.models import Answer, Audience, Frequent, Lesson, Question, QuestionLink


def question(session: Session, question_id: str) -> Question | None:
    """Return a question."""
    return session.get(Question, question_id)


def questions(session: Session, ids: Collection[str]) -> list[Question]:
    """Return the questions with these ids."""
    return list(session.exec(select(Question).where(col(Question.id).in_(ids))))


def asked_by(session: Session, function_id: str, since: datetime) -> int:
    """Return how many questions a post has put since a moment."""
    statement = select(func.count()).select_from(Question)
    mine = statement.where(Question.function_id == function_id, Question.asked_at > since)
    return session.exec(mine).one()


def question_to_change(session: Session, question_id: str) -> Question | None:
    """Return a question, locked and read anew until the transaction ends."""
    statement = select(Question).where(Question.id == question_id)
    anew = statement.execution_options(populate_existing=True)
    return session.exec(for_change(session, anew)).first()


def own_circles(session: Session, viewer: Viewer) -> set[str]:
    """Return the ids of today's circles of the RC that a viewer acts for."""
    return networks.networks_of_rcs(session, viewer.rc_ids)


def seen_by(session: Session, viewer: Viewer, ids: Collection[str] | None = None) -> list[Question]:
    """Return the questions (None: of all) that a viewer may see, newest first; the same rule as `may_see_question`."""
    own = col(Question.rc_id).in_(viewer.rc_ids)
    to_all = col(Question.audience) == Audience.ALL
    to_nch = col(Question.audience) == Audience.NCH
    in_circle = col(Question.network_id).in_(own_circles(session, viewer))
    seen: list[ColumnElement[bool]] = [own, in_circle]
    if viewer.rc_ids or viewer.is_planner:
        seen.append(to_all)
    if viewer.is_planner:
        seen.append(to_nch)
    statement = select(Question).where(or_(*seen))
    if ids is not None:
        statement = statement.where(col(Question.id).in_(ids))
    found = session.exec(statement.order_by(col(Question.asked_at).desc(), col(Question.id).desc()))
    return [
        one
        for one in found
        if one.audience is not Audience.CIRCLE
        or not viewer.rc_ids.isdisjoint({one.rc_id, *one.asked_ids})
    ]


def unanswered_by_nch(session: Session) -> list[Question]:
    """Return the open questions to NCH that nobody has answered, oldest first."""
    known = select(Answer.question_id)
    statement = (
        select(Question)
        .where(Question.audience == Audience.NCH, col(Question.closed_at).is_(None))
        .where(col(Question.id).not_in(known))
    )
    return list(session.exec(statement.order_by(col(Question.asked_at), Question.id)))


def of_meeting(session: Session, meeting_id: str) -> list[Question]:
    """Return the questions to bring up at a meeting, in the order they were asked."""
    statement = select(Question).where(Question.meeting_id == meeting_id)
    return list(session.exec(statement.order_by(col(Question.asked_at), Question.id)))


def answers(session: Session, question_ids: Collection[str]) -> dict[str, list[Answer]]:
    """Return the answers to some questions, in the order they came."""
    if not question_ids:
        return {}
    statement = select(Answer).where(col(Answer.question_id).in_(question_ids))
    found: dict[str, list[Answer]] = {one: [] for one in question_ids}
    for row in session.exec(statement.order_by(col(Answer.answered_at), Answer.id)):
        found[row.question_id].append(row)
    return found


def answer(session: Session, answer_id: str) -> Answer | None:
    """Return an answer."""
    return session.get(Answer, answer_id)


def link(session: Session, token_hash: str) -> QuestionLink | None:
    """Return what a mailed link is for."""
    return session.get(QuestionLink, token_hash)


def end_links_of(session: Session, function_id: str) -> None:
    """Let the links that went to a post open nothing."""
    session.execute(delete(QuestionLink).where(col(QuestionLink.function_id) == function_id))


def frequent(session: Session, frequent_id: str) -> Frequent | None:
    """Return an offered or published question and answer, locked until the transaction ends."""
    statement = select(Frequent).where(Frequent.id == frequent_id)
    anew = statement.execution_options(populate_existing=True)
    return session.exec(for_change(session, anew)).first()


def offered(session: Session) -> list[Frequent]:
    """Return what has been offered and waits for a planner, oldest first."""
    statement = select(Frequent).where(col(Frequent.published_at).is_(None))
    return list(session.exec(statement.order_by(col(Frequent.offered_at), Frequent.id)))


def published(session: Session, ids: Collection[str] | None = None) -> list[Frequent]:
    """Return the frequent questions (None: all; else of these ids), newest first."""
    statement = select(Frequent).where(col(Frequent.published_at).is_not(None))
    if ids is not None:
        statement = statement.where(col(Frequent.id).in_(ids))
    return list(
        session.exec(statement.order_by(col(Frequent.published_at).desc(), col(Frequent.id).desc()))
    )


def offers_of(session: Session, answer_ids: Collection[str]) -> dict[str, Frequent]:
    """Return what has come of answers, by answer."""
    statement = select(Frequent).where(col(Frequent.answer_id).in_(answer_ids))
    return {row.answer_id: row for row in session.exec(statement) if row.answer_id}


def lesson(session: Session, lesson_id: str) -> Lesson | None:
    """Return a line of what was learnt."""
    return session.get(Lesson, lesson_id)


def lessons(session: Session, year: int, rc_id: str | None = None) -> list[Lesson]:
    """Return the lines of a year (of one RC, NCH's where it is empty), in the order they came."""
    statement = select(Lesson).where(Lesson.year == year)
    if rc_id is not None:
        statement = statement.where(Lesson.rc_id == rc_id)
    return list(session.exec(statement.order_by(col(Lesson.published_at), Lesson.id)))


def asked_between(session: Session, begin: datetime, end: datetime) -> list[Question]:
    """Return the questions that were put to all RC or to NCH from a moment until another."""
    statement = (
        select(Question)
        .where(col(Question.asked_at) >= begin, col(Question.asked_at) < end)
        .where(col(Question.audience) != Audience.CIRCLE)
    )
    return list(session.exec(statement))


def asked_before(session: Session, moment: datetime) -> list[str]:
    """Return the ids of the questions that were asked before a moment."""
    return list(session.exec(select(Question.id).where(col(Question.asked_at) < moment)))


def delete_whole(session: Session, question_ids: Collection[str]) -> None:
    """Delete questions with their answers and links; what was published without names stays."""
    known = select(Answer.id).where(col(Answer.question_id).in_(question_ids))
    of_these = col(Frequent.answer_id).in_(known)
    session.execute(delete(Frequent).where(of_these, col(Frequent.published_at).is_(None)))
    session.execute(update(Frequent).where(of_these).values(answer_id=None))
    session.execute(delete(QuestionLink).where(col(QuestionLink.question_id).in_(question_ids)))
    session.execute(delete(Answer).where(col(Answer.question_id).in_(question_ids)))
    session.execute(delete(Question).where(col(Question.id).in_(question_ids)))
