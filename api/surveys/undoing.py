"""How a survey that was opened or tied to a meeting, or an evaluation that was sent, is undone before anybody got a mail."""

from datetime import datetime

from sqlmodel import Session

from api.audit.service import record
from api.kit.errors import MissingError
from api.outbox.acts import Data, changed
from api.surveys import queries
from api.surveys.deadlines import put_deadline, put_last_ballot_day
from api.surveys.models import SurveyState

OPENED, SENT, TIED = "survey_opened", "evaluation_sent", "survey_tied"


def undo_opening(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Make an opened survey a draft again; its last day leaves the calendars.

    Raises:
        ConflictError: when somebody has changed it since, or answered.
    """
    survey = queries.survey(session, data["id"])
    if survey is None:
        raise MissingError
    answers = len(queries.answers(session, survey.id))
    as_left = {"state": SurveyState.OPEN.value, "answers": 0, "version": data["version"]}
    changed(as_left, {"state": survey.state, "answers": answers, "version": survey.version})
    survey.state = SurveyState.DRAFT
    survey.version += 1
    session.add(survey)
    session.flush()
    record(session, actor, "undone", ("needs_survey", survey.id), as_left, {"state": survey.state})
    put_deadline(session, survey, at)


def undo_tying(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Let a survey be of no meeting again, or of the one that it was of.

    Raises:
        ConflictError: when it is another meeting's since.
    """
    survey = queries.survey(session, data["id"], to_change=True)
    if survey is None:
        raise MissingError
    changed({"meeting": data["after"]}, {"meeting": survey.meeting_id})
    survey.meeting_id = data["before"]
    survey.version += 1
    session.add(survey)
    session.flush()
    before, after = {"meeting": data["after"]}, {"meeting": data["before"]}
    record(session, actor, "undone", ("needs_survey", survey.id), before, after)
    put_deadline(session, survey, at)


def undo_sending(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Take an evaluation away that nobody has been asked for; its last day leaves the calendars.

    Raises:
        ConflictError: when somebody has answered.
    """
    evaluation = queries.evaluation(session, data["id"])
    if evaluation is None:
        raise MissingError
    used, _ = queries.ballots_used(session, evaluation.id)
    changed({"used": 0}, {"used": used})
    put_last_ballot_day(session, evaluation, (), at)
    record(session, actor, "undone", ("evaluation", evaluation.id))
    queries.remove_evaluation(session, evaluation)
