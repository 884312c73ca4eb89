"""A survey's last day for answers, in the calendars that ask for such days."""

from datetime import datetime

from sqlmodel import Session

from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.clock import to_local
from api.meetings.audience import scopes_of_rcs
from api.surveys.models import NeedsSurvey, SurveyState


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
