"""The last day for answers to a survey or an evaluation, in the calendars that ask for such days."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.clock import to_local
from api.meetings.audience import scopes_of_rcs
from api.surveys.models import Evaluation, NeedsSurvey, SurveyState


def put_deadline(session: Session, survey: NeedsSurvey, at: datetime) -> None:
    """Bring the day to what the survey says: there while one can answer, and gone once it is closed early."""
    day = to_local(survey.deadline).date()
    details = EventDetails(
        neutral_sv="Sista svarsdag",
        neutral_en="Last day to answer",
        title_sv=f"Sista svarsdag: {survey.title_sv}",
        title_en=f"Last day to answer: {survey.title_en}",
        page=f"/enkater/{survey.id}",
        first_day=day,
        last_day=day,
        is_deadline=True,
        is_example=survey.is_example,
    )
    is_over = survey.state is SurveyState.CLOSED and at < survey.deadline
    scopes: frozenset[Scope] = frozenset()
    if not is_over:
        scopes = scopes_of_rcs(session, survey.rc_ids)
    put_event(session, Subject("needs_survey", survey.id), details, scopes, at)


def put_last_ballot_day(
    session: Session, evaluation: Evaluation, rc_ids: Collection[str], at: datetime
) -> None:
    """Put an evaluation's last day into the calendars of the RC that got ballots; it tells of no one ballot."""
    details = EventDetails(
        neutral_sv="Sista svarsdag",
        neutral_en="Last day to answer",
        title_sv=f"Sista svarsdag: {evaluation.title_sv}",
        title_en=f"Last day to answer: {evaluation.title_en}",
        page="/utvarderingar",
        first_day=evaluation.closes_on,
        last_day=evaluation.closes_on,
        is_deadline=True,
        is_example=evaluation.is_example,
    )
    subject = Subject("evaluation", evaluation.id)
    put_event(session, subject, details, scopes_of_rcs(session, rc_ids), at)
