"""All SQL over themes, needs surveys and evaluations."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, delete, func, select, update

from api.kit.db import for_change
from api.surveys.models import (
    Band,
    Evaluation,
    EvaluationBallot,
    EvaluationCount,
    EvaluationKind,
    NeedsSurvey,
    SurveyAnswer,
    SurveyDraft,
    SurveyLink,
    Theme,
)


def themes(session: Session, *, only_active: bool = False) -> list[Theme]:
    """Return the theme bank, by category and key."""
    statement = select(Theme).order_by(Theme.category, Theme.id)
    if only_active:
        statement = statement.where(col(Theme.is_active).is_(True))
    return list(session.exec(statement))


def theme(session: Session, theme_id: str) -> Theme | None:
    """Return one theme."""
    return session.get(Theme, theme_id)


def themes_by_id(session: Session, theme_ids: Iterable[str]) -> dict[str, Theme]:
    """Return the themes with these keys."""
    statement = select(Theme).where(col(Theme.id).in_(list(theme_ids)))
    return {theme.id: theme for theme in session.exec(statement)}


def surveys(session: Session) -> list[NeedsSurvey]:
    """Return every needs survey, the latest deadline first."""
    return list(session.exec(select(NeedsSurvey).order_by(col(NeedsSurvey.deadline).desc())))


def survey(session: Session, survey_id: str, *, to_change: bool = False) -> NeedsSurvey | None:
    """Return one needs survey; locked until the transaction ends when it is to be changed."""
    statement = select(NeedsSurvey).where(NeedsSurvey.id == survey_id)
    if to_change:
        statement = for_change(session, statement).execution_options(populate_existing=True)
    return session.exec(statement).first()


def latest_with_unmet(session: Session, before: datetime) -> NeedsSurvey | None:
    """Return the latest survey that ended before a moment and whose meeting has a programme."""
    earlier = select(NeedsSurvey).where(col(NeedsSurvey.deadline) < before)
    latest_first = earlier.order_by(col(NeedsSurvey.deadline).desc(), col(NeedsSurvey.id))
    return next((one for one in session.exec(latest_first) if one.unmet is not None), None)


def survey_of_meeting(session: Session, meeting_id: str) -> NeedsSurvey | None:
    """Return the latest needs survey for a meeting."""
    statement = (
        select(NeedsSurvey)
        .where(NeedsSurvey.meeting_id == meeting_id)
        .order_by(col(NeedsSurvey.deadline).desc())
    )
    return session.exec(statement).first()


def asked_about(session: Session, meeting_id: str) -> list[tuple[str, str]]:
    """Return what is asked before and after a meeting, as subjects of the calendar."""
    needs = select(NeedsSurvey.id).where(NeedsSurvey.meeting_id == meeting_id)
    after = select(Evaluation.id).where(Evaluation.meeting_id == meeting_id)
    found = [("needs_survey", one) for one in session.exec(needs)]
    found += [("evaluation", one) for one in session.exec(after)]
    return sorted(found)


def link(session: Session, token_hash: str) -> SurveyLink | None:
    """Return the link with this hash."""
    return session.get(SurveyLink, token_hash)


def links(session: Session, survey_id: str, rc_id: str | None = None) -> list[SurveyLink]:
    """Return a survey's links (of one RC), newest first."""
    statement = select(SurveyLink).where(SurveyLink.survey_id == survey_id)
    if rc_id is not None:
        statement = statement.where(SurveyLink.rc_id == rc_id)
    return list(session.exec(statement.order_by(col(SurveyLink.made_at).desc())))


def links_of_function(
    session: Session, survey_id: str, function_id: str, rc_ids: Collection[str]
) -> list[SurveyLink]:
    """Return the living links that came to a function, and those of its RC whose owner was not kept."""
    is_unknown = and_(col(SurveyLink.function_id).is_(None), col(SurveyLink.rc_id).in_(rc_ids))
    statement = (
        select(SurveyLink)
        .where(SurveyLink.survey_id == survey_id)
        .where(col(SurveyLink.revoked_at).is_(None))
        .where(or_(col(SurveyLink.function_id) == function_id, is_unknown))
    )
    return list(session.exec(statement))


def answer(session: Session, survey_id: str, rc_id: str) -> SurveyAnswer | None:
    """Return an RC's current answer."""
    return session.get(SurveyAnswer, (survey_id, rc_id))


def draft(session: Session, survey_id: str, rc_id: str) -> SurveyDraft | None:
    """Return what an RC has filled in and not sent."""
    return session.get(SurveyDraft, (survey_id, rc_id))


def answers(session: Session, survey_id: str) -> list[SurveyAnswer]:
    """Return a survey's answers, by RC."""
    statement = (
        select(SurveyAnswer).where(SurveyAnswer.survey_id == survey_id).order_by(SurveyAnswer.rc_id)
    )
    return list(session.exec(statement))


def answer_counts(session: Session) -> dict[str, int]:
    """Return how many RC have answered each survey that any has answered."""
    statement = select(SurveyAnswer.survey_id, func.count()).group_by(SurveyAnswer.survey_id)
    return dict(session.exec(statement).all())


def answering(session: Session, survey_ids: Collection[str]) -> dict[str, set[str]]:
    """Return the RC that have answered each of these surveys."""
    statement = select(SurveyAnswer.survey_id, SurveyAnswer.rc_id)
    found: dict[str, set[str]] = {key: set() for key in survey_ids}
    for survey_id, rc_id in session.exec(
        statement.where(col(SurveyAnswer.survey_id).in_(survey_ids))
    ):
        found[survey_id].add(rc_id)
    return found


def answers_since(session: Session, since: datetime) -> list[tuple[str, Mapping[str, object]]]:
    """Return (RC, answer) of surveys with a deadline after `since`, the newest answer last."""
    statement = (
        select(SurveyAnswer.rc_id, SurveyAnswer.answer)
        .join(NeedsSurvey)
        .where(col(NeedsSurvey.deadline) > since)
        .order_by(col(SurveyAnswer.answered_at), SurveyAnswer.survey_id)
    )
    return list(session.exec(statement))


def evaluations(
    session: Session, kind: EvaluationKind = EvaluationKind.MEETING
) -> list[Evaluation]:
    """Return every evaluation of a kind, the earliest first."""
    statement = select(Evaluation).where(Evaluation.kind == kind)
    return list(session.exec(statement.order_by(col(Evaluation.held_on), Evaluation.id)))


def evaluation(session: Session, evaluation_id: str) -> Evaluation | None:
    """Return one evaluation."""
    return session.get(Evaluation, evaluation_id)


def ballot(session: Session, token_hash: str) -> EvaluationBallot | None:
    """Return the ballot with this hash."""
    return session.get(EvaluationBallot, token_hash)


def use_ballot(session: Session, token_hash: str) -> Band | None:
    """Mark a ballot as used and return its band, or None when it was used already, by one statement."""
    statement = (
        update(EvaluationBallot)
        .where(col(EvaluationBallot.token_hash) == token_hash)
        .where(col(EvaluationBallot.is_used).is_(False))
        .values(is_used=True)
        .returning(col(EvaluationBallot.band))
    )
    return session.execute(statement).scalar_one_or_none()


def remove_evaluation(session: Session, found: Evaluation) -> None:
    """Remove an evaluation that nobody has answered, with its ballots and empty counts."""
    for table in (EvaluationBallot, EvaluationCount):
        session.exec(delete(table).where(col(table.evaluation_id) == found.id))
    session.delete(found)
    session.flush()


def ballots_used(session: Session, evaluation_id: str) -> tuple[int, int]:
    """Return how many ballots were used and how many were given out."""
    statement = (
        select(EvaluationBallot.is_used, func.count())
        .where(EvaluationBallot.evaluation_id == evaluation_id)
        .group_by(col(EvaluationBallot.is_used))
    )
    found = dict(session.exec(statement).all())
    return found.get(True, 0), sum(found.values())


def counts(session: Session, evaluation_id: str) -> list[EvaluationCount]:
    """Return an evaluation's counts."""
    statement = select(EvaluationCount).where(EvaluationCount.evaluation_id == evaluation_id)
    return list(session.exec(statement))


def add_one(session: Session, evaluation_id: str, band: Band, question: str, level: int) -> None:
    """Add one answer to a count."""
    statement = (
        update(EvaluationCount)
        .where(col(EvaluationCount.evaluation_id) == evaluation_id)
        .where(col(EvaluationCount.band) == band)
        .where(col(EvaluationCount.question) == question)
        .where(col(EvaluationCount.level) == level)
        .values(number=EvaluationCount.number + 1)
    )
    session.execute(statement)
