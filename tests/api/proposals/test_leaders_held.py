"""Questions to leaders, and reminders of a survey, wait and can be taken back as if never asked."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from api.accounts.models import Role
from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import ConflictError
from api.kit.i18n import Said
from api.meetings.models import Meeting
from api.outbox import acts
from api.outbox.models import Act, Mail, MailState
from api.proposals.asking import queries, service
from api.proposals.asking.models import AskState
from api.proposals.asking.service import Possible, SessionToLead
from api.registry import queries as registry
from api.surveys import mailing
from api.surveys import queries as surveys
from api.surveys import service as needs
from api.surveys.service import SurveyDetails
from api.surveys.themes import import_theme_bank
from api.wiring import connect
from tests.factories import make_meeting, make_member
from tests.shipped import import_shipped


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example", 10)
    yield made
    made.close()


def _asked(database: Database) -> str:
    """A meeting with one session and three who can lead it, of whom two have been asked."""
    with database.transaction() as session:
        meeting = make_meeting(session)
        posts = [make_member(session, Role.RC_MEMBER, rc).function.id for rc in ("a", "b", "c")]
        acts.begin_act(session, "planner", now(), Said("Frågat."), "/x")
        wanted = SessionToLead("law", "Lag", "Law", tuple(Possible(one, one) for one in posts))
        assert service.ask(session, meeting, [wanted], "planner", now()) == 2
        return meeting.id


def _states(database: Database, meeting_id: str) -> list[AskState]:
    with database.reading() as session:
        return [row.state for row in queries.asks(session, meeting_id)]


def _undo(database: Database) -> None:
    with database.transaction() as session:
        act = session.exec(select(Act)).one()
        acts.undo_act(session, act.id, "planner", now())


def test_questions_wait_and_are_taken_back_with_their_mails(wired: Database) -> None:
    meeting_id = _asked(wired)
    assert _states(wired, meeting_id) == [AskState.ASKED, AskState.ASKED, AskState.WAITING]
    with wired.reading() as session:
        mails = session.exec(select(Mail)).all()
        assert [mail.state for mail in mails] == [MailState.HELD] * 2
    _undo(wired)
    assert _states(wired, meeting_id) == [AskState.WAITING] * 3
    with wired.reading() as session:
        assert not [one for one in session.exec(select(Mail)) if one.state is MailState.HELD]
        assert all(row.token_hash is None for row in queries.asks(session, meeting_id))
        meeting = session.get_one(Meeting, meeting_id)
        assert meeting.starts_at > now()


def test_what_has_been_answered_is_not_taken_back(wired: Database) -> None:
    meeting_id = _asked(wired)
    with wired.transaction() as session:
        row = queries.asks(session, meeting_id)[0]
        row.state = AskState.YES
        session.add(row)
    with pytest.raises(ConflictError):
        _undo(wired)
    assert _states(wired, meeting_id)[0] is AskState.YES


def test_a_reminder_is_taken_back_with_its_links(wired: Database) -> None:
    with wired.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
        make_member(session, Role.RC_MEMBER, "skane")
        details = SurveyDetails(
            title_sv="Exempel",
            title_en="Example",
            deadline=now() + timedelta(days=9),
            theme_ids=("pepp",),
            days=(),
            rc_ids=tuple(rc.id for rc in registry.rcs(session)),
            is_example=True,
        )
        survey = needs.make_survey(session, "planner", details, now())
        needs.open_survey(session, "planner", survey.id, now())
        survey_id = survey.id
    with wired.transaction() as session:
        found = surveys.survey(session, survey_id)
        assert found is not None
        acts.begin_act(session, "planner", now(), Said("Påmint."), "/x")
        assert mailing.remind(session, "planner", found, now()) > 0
        assert surveys.links(session, survey_id)
    _undo(wired)
    with wired.reading() as session:
        assert surveys.links(session, survey_id) == []
        assert not [one for one in session.exec(select(Mail)) if one.state is MailState.HELD]
