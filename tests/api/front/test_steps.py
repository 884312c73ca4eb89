"""A national meeting's five steps: what is done, where it stands and what is pressed next, by what has happened."""

from datetime import timedelta

from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.front.home.standing import standing
from api.front.home.steps import progress
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.surveys.models import NeedsSurvey, SurveyAnswer, SurveyState
from tests.factories import make_meeting, make_member
from tests.web import browser

SAY = Speaker("sv")


def _stands(session: Session, meeting: Meeting) -> tuple[list[str], str, str]:
    """The steps' states, what to press, and where that leads."""
    session.flush()
    found = progress(session, meeting, SAY, now())
    assert found is not None
    return [step.state for step in found.steps], found.press, found.path


def _survey(session: Session, meeting: Meeting) -> NeedsSurvey:
    made = NeedsSurvey(
        title_sv="Behov",
        title_en="Needs",
        state=SurveyState.OPEN,
        deadline=now() + timedelta(days=7),
        meeting_id=meeting.id,
        theme_ids=[],
        rc_ids=["skane", "dalarna"],
        days=[],
    )
    session.add(made)
    session.flush()
    return made


def _proposal(session: Session, meeting: Meeting, state: ProposalState) -> Proposal:
    made = Proposal(
        kind=ProposalKind.PROGRAMME,
        state=state,
        title="Program",
        meeting_id=meeting.id,
        settings="{}",
        problem="{}",
        engine_version="0",
        created_by="p",
        created_at=now(),
    )
    session.add(made)
    session.flush()
    return made


def test_a_new_meeting_begins_with_what_rc_need(session: Session) -> None:
    meeting = make_meeting(session)
    states, press, path = _stands(session, meeting)
    assert states == ["now", "done", "ahead", "ahead", "ahead"]
    assert (press, path) == (
        "Fråga vad RC behöver",
        f"/planera/enkater/ny?traff={meeting.id}",
    )


def test_answers_lead_to_the_programme_and_that_to_the_invitations(session: Session) -> None:
    meeting = make_meeting(session)
    survey = _survey(session, meeting)
    assert _stands(session, meeting)[1:] == (
        "Skicka en påminnelse",
        f"/planera/enkater/{survey.id}/paminn",
    )
    for rc_id in survey.rc_ids:
        session.add(SurveyAnswer(survey_id=survey.id, rc_id=rc_id, answer={}, answered_at=now()))
    assert _stands(session, meeting)[1] == "Gör ett program"
    made = _proposal(session, meeting, ProposalState.DRAFT)
    assert _stands(session, meeting)[1:] == ("Granska programmet", f"/planera/program/{made.id}")
    made.state = ProposalState.REVIEWED
    assert _stands(session, meeting)[2] == f"/planera/program/{made.id}/publicera"
    made.state = ProposalState.PUBLISHED
    states, press, path = _stands(session, meeting)
    assert states == ["done", "done", "done", "now", "ahead"]
    assert (press, path) == ("Bjud in", f"/traffar/{meeting.id}/inbjudningar")


def test_a_later_draft_does_not_hide_what_is_published(session: Session) -> None:
    meeting = make_meeting(session)
    held = _proposal(session, meeting, ProposalState.PUBLISHED)
    _proposal(session, meeting, ProposalState.DRAFT)
    found = progress(session, meeting, SAY, now())
    assert found is not None
    assert (found.steps[2].state, found.steps[2].path) == ("done", f"/planera/program/{held.id}")


def test_after_the_meeting_only_asking_how_it_was_is_left(session: Session) -> None:
    meeting = make_meeting(session)
    meeting.starts_at, meeting.ends_at = now() - timedelta(days=2), now() - timedelta(days=1)
    states, press, path = _stands(session, meeting)
    assert states == ["ahead", "done", "ahead", "ahead", "now"]
    assert (press, path) == (
        "Fråga hur träffen var",
        f"/planera/utvarderingar/ny?traff={meeting.id}",
    )


def test_a_meeting_without_a_decided_day_gets_it_and_no_other_is_made(session: Session) -> None:
    meeting = make_meeting(session)
    survey = _survey(session, meeting)
    survey.deadline = now()
    meeting.state, meeting.town = MeetingState.PROPOSED, ""
    assert _stands(session, meeting)[1:] == (
        "Välj datum och ort",
        f"/planera/datum?traff={meeting.id}",
    )


def test_other_meetings_and_one_called_off_have_no_steps(session: Session) -> None:
    other, off = make_meeting(session), make_meeting(session)
    other.kind, off.state = MeetingKind.OTHER, MeetingState.CANCELLED
    assert [progress(session, one, SAY, now()) for one in (other, off)] == [None, None]


def test_the_home_shows_answers_rc_by_rc_and_the_year_month_by_month(session: Session) -> None:
    meeting = make_meeting(session)
    survey = _survey(session, meeting)
    session.add(SurveyAnswer(survey_id=survey.id, rc_id="skane", answer={}, answered_at=now()))
    session.flush()
    seen = standing(session, SAY, now())
    (asked,) = seen.asked
    assert {one.name: one.state for one in asked.chips} == {"skane": "good", "dalarna": "bad"}
    assert len(seen.year) == 12
    assert seen.year[0].is_now
    assert [kind for month in seen.year for kind in month.marks] == ["national"]
    assert seen.national is not None
    assert seen.national.id == meeting.id


def test_steps_stand_on_the_pages_of_the_meeting_for_planners_alone(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        member = make_member(session, Role.RC_MEMBER).person.id
        meeting_id = make_meeting(session).id
    for path in (f"/traffar/{meeting_id}", f"/traffar/{meeting_id}/inbjudningar", "/"):
        assert "Så långt har den nationella träffen kommit" in browser(app, planner).get(path).text
    page = browser(app, member).get(f"/traffar/{meeting_id}").text
    assert "Så långt har den nationella träffen kommit" not in page
