"""A meeting reaches those it concerns, in calendars and on pages alike, and nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import directory
from api.accounts.models import Body, BodyKind, FunctionKind, Role
from api.accounts.service import viewer_for
from api.calendar.models import Event, EventAudience, ScopeKind
from api.kit.clock import now
from api.meetings.audience import audiences, concerning, may_change_meeting, seen_by
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from tests.factories import Member, make_body, make_function, make_member, make_person

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
VISIT = MeetingDraft(
    kind=MeetingKind.STUDY_VISIT,
    name_sv="Exempel: studiebesök",
    name_en="Example: study visit",
    focus_sv="Se hur de arbetar",
    focus_en="See how they work",
    form=MeetingForm.IN_PERSON,
    town="Falun",
    starts_at=NOW + timedelta(days=60),
    ends_at=NOW + timedelta(days=60, hours=5),
    host_rc="a",
    visitor_rc="b",
)


def _scopes(session: Session, meeting: Meeting) -> set[tuple[ScopeKind, str]]:
    event = session.exec(select(Event).where(Event.subject_id == meeting.id)).one()
    rows = session.exec(select(EventAudience).where(EventAudience.event_id == event.id))
    return {(row.scope_kind, row.scope_id) for row in rows}


def _forum_member(session: Session, kind: FunctionKind) -> Member:
    body, person = make_body(session, BodyKind.COUNTY_BOARD), make_person(session)
    function = directory.create_function(session, body, kind, "Exempel", Role.READER, holder=person)
    session.flush()
    return Member(body, person, function, viewer_for(session, person))


def test_a_study_visit_reaches_its_two_resource_centres_and_nobody_else(session: Session) -> None:
    host, visitor, other = (make_member(session, Role.RC_MEMBER, rc_id=key) for key in "abc")
    visit = create(session, VISIT, "nch", NOW)
    assert _scopes(session, visit) == {
        (ScopeKind.MEETING, visit.id),
        (ScopeKind.RC, "a"),
        (ScopeKind.RC, "b"),
        (ScopeKind.FUNCTION, host.function.id),
        (ScopeKind.FUNCTION, visitor.function.id),
    }
    seen = [seen_by(session, one.viewer, [visit]) for one in (host, visitor, other)]
    assert seen == [[visit], [visit], []]
    may = [may_change_meeting(session, one.viewer, visit) for one in (host, visitor, other)]
    assert may == [True, True, False]
    assert audiences(session, [visit])[visit.id].occupied == frozenset("ab")


def test_a_forum_reaches_the_functions_of_its_kind_wherever_they_are(session: Session) -> None:
    leader = _forum_member(session, FunctionKind.PROJECT_LEADER)
    manager = _forum_member(session, FunctionKind.MANAGER)
    coordinator = make_member(session, Role.RC_MEMBER, rc_id="a")
    draft = replace(VISIT, kind=MeetingKind.SAMVERKANSFORUM, host_rc="", visitor_rc="")
    forum = create(session, draft, "nch", NOW)
    assert _scopes(session, forum) == {
        (ScopeKind.MEETING, forum.id),
        (ScopeKind.FUNCTION, leader.function.id),
    }
    own = [concerning(session, one.viewer, [forum]) for one in (leader, manager, coordinator)]
    assert own == [[forum], [], []]
    assert seen_by(session, coordinator.viewer, [forum]) == []
    assert not may_change_meeting(session, leader.viewer, forum)


def test_a_new_function_gets_what_is_already_ahead(app: FastAPI) -> None:
    database = app.state.database
    with database.transaction() as session:
        body_id = make_member(session, Role.RC_MEMBER, rc_id="a").body.id
        start = now() + timedelta(days=30)
        ahead = replace(VISIT, starts_at=start, ends_at=start + timedelta(hours=2))
        visit_id = create(session, ahead, "nch", now()).id
        sequence = select(Event.sequence).where(Event.subject_id == visit_id)
        before = session.exec(sequence).one()
    with database.transaction() as session:
        body = session.get_one(Body, body_id)
        function_id = make_function(session, body, make_person(session)).id
    with database.reading() as session:
        scopes = _scopes(session, session.get_one(Meeting, visit_id))
        assert (ScopeKind.FUNCTION, function_id) in scopes
        assert session.exec(sequence).one() == before, "nothing changed for those who had it"
