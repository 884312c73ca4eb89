"""What a needs survey says of when and where: days and how they fit, who offers to be host, who is silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from api.kit.clock import to_local
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.registry import queries as registry
from api.surveys import queries as surveys
from api.surveys.models import NeedsSurvey, SurveyState
from api.surveys.questions import Form as SurveyForm
from api.surveys.questions import Hosting
from api.surveys.service import answers_of
from matcher.dates.meeting.problem import Answer

_FITS: Mapping[str, Answer] = {"yes": "yes", "maybe": "maybe", "no": "no"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A survey's answers about date and place; `answers` by RC and first day, `silent` have not answered."""

    survey_id: str
    title_sv: str
    title_en: str
    days: tuple[date, ...]
    answers: Mapping[tuple[str, date], Answer]
    hosts: tuple[tuple[str, str], ...]  # RC and its town, those who need no help first
    digital: frozenset[str]  # RC that can only take part digitally
    silent: frozenset[str]
    asked: int

    @property
    def answered(self) -> int:
        """How many RC have answered."""
        return self.asked - len(self.silent)


def newest(session: Session, at: datetime) -> Asked | None:
    """Return the newest survey that asked about days to come, with what it says.

    One whose day has become a national meeting has had its answer.
    """
    booked = {
        to_local(one.starts_at).date()
        for one in meetings.national_meetings(session)
        if one.state is MeetingState.PUBLISHED
    }
    found = [
        one
        for one in surveys.surveys(session)
        if one.state != SurveyState.DRAFT
        and (days := _days_ahead(one, at))
        and booked.isdisjoint(days)
    ]
    latest = max(found, key=lambda one: (one.deadline, one.id), default=None)
    return None if latest is None else _asked(session, latest, at)


def asked_in(session: Session, survey_id: str, at: datetime) -> Asked | None:
    """Return what a survey says, or None when there is no such survey."""
    found = surveys.survey(session, survey_id)
    return None if found is None else _asked(session, found, at)


def _asked(session: Session, survey: NeedsSurvey, at: datetime) -> Asked:
    answers = answers_of(session, survey)
    towns = {rc.id: rc.seat_city for rc in registry.rcs(session)}
    order = (Hosting.YES, Hosting.HELP)
    hosts = sorted(
        (order.index(answer.hosting), rc_id)
        for rc_id, answer in answers.items()
        if answer.hosting in order
    )
    return Asked(
        survey_id=survey.id,
        title_sv=survey.title_sv,
        title_en=survey.title_en,
        days=_days_ahead(survey, at),
        answers={
            (rc_id, date.fromisoformat(day)): _FITS[fit.value]
            for rc_id, answer in answers.items()
            for day, fit in answer.days.items()
        },
        hosts=tuple((rc_id, town) for _, rc_id in hosts if (town := towns.get(rc_id))),
        digital=frozenset(
            rc_id for rc_id, answer in answers.items() if answer.form is SurveyForm.DIGITAL
        ),
        silent=frozenset(survey.rc_ids) - answers.keys(),
        asked=len(survey.rc_ids),
    )


def _days_ahead(survey: NeedsSurvey, at: datetime) -> tuple[date, ...]:
    today = to_local(at).date()
    days = (date.fromisoformat(day) for day in survey.days)
    return tuple(sorted(day for day in days if day > today))
