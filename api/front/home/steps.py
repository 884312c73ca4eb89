"""How far a national meeting has come: five steps, where it stands, and what to press next."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from fastapi import Request
from sqlmodel import Session

from api.accounts.policy import may_plan
from api.calendar import queries as calendar
from api.calendar.models import Event
from api.invitations import queries as invitations
from api.invitations.models import Partstat, Place
from api.invitations.web.showing import to_invite
from api.kit.clock import now
from api.kit.db import Database
from api.kit.i18n import Speaker
from api.kit.pages import speaker_of
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.proposals import queries as proposals
from api.proposals.models import ProposalState
from api.surveys import queries as surveys
from api.surveys.models import Evaluation, NeedsSurvey, SurveyState

StepState = Literal["done", "now", "ahead"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, the page where it is done, how far it is, and that in a few words."""

    label: str
    path: str
    state: StepState
    note: str = ""


@dataclass(frozen=True, slots=True)
class Coming:
    """What those who are invited have answered."""

    yes: int = 0
    perhaps: int = 0
    no: int = 0
    silent: int = 0
    to_invite: int = 0

    @property
    def invited(self) -> int:
        """How many have been asked."""
        return self.yes + self.perhaps + self.no + self.silent


@dataclass(frozen=True, slots=True)
class Progress:
    """The steps of a meeting, the one thing to press next ('' when nothing is left), and what has been."""

    steps: tuple[Step, ...]
    press: str
    path: str
    survey_id: str
    coming: Coming
    has_programme: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class _Stage:
    """A step as it is found: its page, a note, what is pressed to go on, whether it is done or too late for."""

    label: str
    path: str
    note: str = ""
    press: str = ""
    press_path: str = ""
    is_done: bool = False
    is_past: bool = False


def steps_of(request: Request, meeting_id: str) -> Progress | None:
    """Return how far a meeting has come, for the pages of its steps; for planners alone."""
    if not may_plan(getattr(request.state, "viewer", None)):
        return None
    database: Database = request.app.state.database
    with database.reading() as session:
        meeting = meetings.meeting(session, meeting_id)
        return progress(session, meeting, speaker_of(request), now()) if meeting else None


def progress(session: Session, meeting: Meeting, say: Speaker, at: datetime) -> Progress | None:
    """Return how far a national meeting has come; other meetings, and one called off, have no steps."""
    if meeting.kind is not MeetingKind.NATIONAL or meeting.state is MeetingState.CANCELLED:
        return None
    survey = surveys.survey_of_meeting(session, meeting.id)
    coming = _coming(session, meeting)
    heads = proposals.heads_of_meeting(session, meeting.id)
    has_programme = any(state is ProposalState.PUBLISHED for _, state in heads)
    stages: tuple[_Stage, ...] = (
        _needs(session, survey, say, at)
        if survey is not None
        else _unasked(meeting, say, is_late=has_programme or meeting.ends_at <= at),
        _day(meeting, say),
        _programme(heads, meeting, say),
        _invited(meeting, coming, say),
        _follow_up(session, meeting, say, at),
    )
    is_held = meeting.ends_at <= at
    if is_held:
        stages = (*(replace(one, is_past=True) for one in stages[:-1]), stages[-1])
    is_left = [not (one.is_done or one.is_past) for one in stages]
    at_step = is_left.index(True) if any(is_left) else len(stages)
    steps = tuple(
        Step(
            one.label,
            one.path,
            "done" if one.is_done else "now" if number == at_step else "ahead",
            one.note,
        )
        for number, one in enumerate(stages)
    )
    press, path = (
        (stages[at_step].press, stages[at_step].press_path) if at_step < len(stages) else ("", "")
    )
    survey_id = survey.id if survey else ""
    return Progress(steps, press, path, survey_id, coming, has_programme, is_held)


def _unasked(meeting: Meeting, say: Speaker, *, is_late: bool) -> _Stage:
    """Nobody has been asked; once there is a programme it is too late for that."""
    path = f"/planera/enkater/ny?traff={meeting.id}"
    press = say.text("Fråga vad RC behöver")
    return _Stage(say.text("Behov"), "" if is_late else path, "", press, path, is_past=is_late)


def _needs(session: Session, survey: NeedsSurvey, say: Speaker, at: datetime) -> _Stage:
    label = say.text("Behov")
    answered, asked = len(surveys.answers(session, survey.id)), len(survey.rc_ids)
    note = say.text("%(answered)s av %(asked)s svar", answered=answered, asked=asked)
    path = f"/planera/enkater/{survey.id}"
    is_over = survey.state is SurveyState.CLOSED or survey.deadline <= at or answered >= asked
    if survey.state is SurveyState.DRAFT:
        return _Stage(label, path, "", say.text("Skicka enkäten"), f"{path}/utskick")
    press = say.text("Skicka en påminnelse")
    return _Stage(label, path, note, press, f"{path}/paminn", is_over)


def _day(meeting: Meeting, say: Speaker) -> _Stage:
    label = say.text("Datum och ort")
    is_set = meeting.state is MeetingState.PUBLISHED or bool(meeting.town)
    path = f"/traffar/{meeting.id}"
    press_path = f"/planera/datum?traff={meeting.id}"
    return _Stage(label, path, "", say.text("Välj datum och ort"), press_path, is_set)


def _programme(heads: list[tuple[str, ProposalState]], meeting: Meeting, say: Speaker) -> _Stage:
    label = say.text("Program")
    published = next((one for one, state in heads if state is ProposalState.PUBLISHED), None)
    if published is not None:
        note = say.text("publicerat")
        return _Stage(label, f"/planera/program/{published}", note, is_done=True)
    if not heads:
        path = f"/planera/program/ny/{meeting.id}"
        return _Stage(label, path, "", say.text("Gör ett program"), path)
    newest, state = heads[0]
    path = f"/planera/program/{newest}"
    words = {
        ProposalState.SOLVING: say.text("Se hur beräkningen går"),
        ProposalState.DRAFT: say.text("Granska programmet"),
        ProposalState.REVIEWED: say.text("Publicera programmet"),
    }
    going_on = f"{path}/publicera" if state is ProposalState.REVIEWED else path
    return _Stage(label, path, say.text("förslag"), words[state], going_on)


def _invited(meeting: Meeting, coming: Coming, say: Speaker) -> _Stage:
    path = f"/traffar/{meeting.id}/inbjudningar"
    note = ""
    if coming.invited:
        note = say.text("%(yes)s av %(asked)s kommer", yes=coming.yes, asked=coming.invited)
    if coming.to_invite or not coming.invited:
        press = say.text("Bjud in")
    else:
        press = say.text("Se obesvarade inbjudningar")
    is_done = bool(coming.invited) and not coming.silent and not coming.to_invite
    return _Stage(say.text("Inbjudningar"), path, note, press, path, is_done)


def _follow_up(session: Session, meeting: Meeting, say: Speaker, at: datetime) -> _Stage:
    label = say.text("Uppföljning")
    asked = _evaluation(session, meeting)
    if asked is not None:
        return _Stage(label, "/utvarderingar", say.text("utvärderad"), is_done=True)
    path = f"/planera/utvarderingar/ny?traff={meeting.id}"
    if meeting.ends_at > at:
        note = say.text("efter träffen")
        return _Stage(label, "", note)
    return _Stage(label, path, "", say.text("Fråga hur träffen var"), path)


def _evaluation(session: Session, meeting: Meeting) -> Evaluation | None:
    return next((one for one in surveys.evaluations(session) if one.meeting_id == meeting.id), None)


def _coming(session: Session, meeting: Meeting) -> Coming:
    event = calendar.event_of(session, "meeting", meeting.id)
    return _answers(session, event) if event is not None else Coming()


def _answers(session: Session, event: Event) -> Coming:
    everybody = invitations.of_event(session, event.id)
    known = {one.function_id for one in everybody}
    asked = [one for one in everybody if one.place is Place.INVITED]
    said = Counter(one.partstat for one in asked)
    return Coming(
        yes=said[Partstat.ACCEPTED],
        perhaps=said[Partstat.TENTATIVE],
        no=said[Partstat.DECLINED],
        silent=said[Partstat.NEEDS_ACTION],
        to_invite=sum(one.id not in known for one in to_invite(session, event)),
    )
