"""The last day for answers to a survey or an evaluation, in the calendars that ask for such days."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from api.calendar.service import EventDetails, Scope, Subject, protect_event, put_event
from api.kit.clock import now, to_local
from api.meetings import queries as meetings
from api.meetings.audience import scopes_of_rcs
from api.meetings.calendars import MeetingChanged
from api.surveys import queries
from api.surveys.models import Evaluation, EvaluationKind, NeedsSurvey, SurveyState


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
        is_protected=_is_protected(session, survey.meeting_id),
        is_deadline=True,
        is_example=survey.is_example,
    )
    is_over = survey.state is SurveyState.DRAFT or (
        survey.state is SurveyState.CLOSED and at < survey.deadline
    )
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
        page="/behov" if evaluation.kind is EvaluationKind.NEEDS else "/utvarderingar",
        first_day=evaluation.closes_on,
        last_day=evaluation.closes_on,
        is_protected=_is_protected(session, evaluation.meeting_id),
        is_deadline=True,
        is_example=evaluation.is_example,
    )
    subject = Subject("evaluation", evaluation.id)
    put_event(session, subject, details, scopes_of_rcs(session, rc_ids), at)


def on_meeting_changed(session: Session, news: MeetingChanged) -> None:
    """Follow the meeting that is asked about."""
    protect_deadlines(session, news.meeting_id)


def protect_deadlines(session: Session, meeting_id: str) -> None:
    """What is asked about a protected meeting is protected too: its title names the meeting."""
    is_protected = _is_protected(session, meeting_id)
    for subject in queries.asked_about(session, meeting_id):
        protect_event(session, Subject(*subject), now(), is_protected=is_protected)


def _is_protected(session: Session, meeting_id: str | None) -> bool:
    meeting = meetings.meeting(session, meeting_id) if meeting_id else None
    return meeting is not None and meeting.is_protected
