from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from api.accounts.models import Role
from api.calendar.models import Event
from api.kit.errors import ConflictError, MissingError
from api.meetings.models import Meeting
from api.meetings.service import create
from api.programme.content import (
    ProgrammePlan,
    RoomPlan,
    SessionPlan,
    SlotPlan,
    TrackPlan,
)
from api.programme.models import Focus
from api.programme.reading import (
    agenda_for,
    programme_for,
    session_for,
)
from api.programme.service import publish
from tests.api.meetings.test_meetings import DRAFT, NOW, START
from tests.factories import make_member

HOUR = timedelta(hours=1)


def _plan(**functions: frozenset[str]) -> ProgrammePlan:
    blank = SessionPlan(
        key="law",
        theme_id="law",
        title_sv="Juridik",
        title_en="Law",
        purpose_sv="Att veta vad som gäller",
        purpose_en="To know the rules",
        task_sv="Diskutera tre frågor",
        task_en="Discuss three questions",
        leader="NCH, processledare",
        preparation_sv="Läs underlaget",
        preparation_en="Read the paper",
        format="talk",
        slot="s1",
        room="r1",
        track="t1",
        function_ids=functions.get("law", frozenset()),
    )
    cases = replace(
        blank,
        key="cases",
        title_sv="Fall",
        slot="s2",
        function_ids=functions.get("cases", frozenset()),
    )
    return ProgrammePlan(
        tracks=(TrackPlan("t1", "Sakfrågor", "Subjects", Focus.SUBJECT),),
        slots=(
            SlotPlan("s1", START, START + HOUR),
            SlotPlan("s2", START + HOUR, START + 2 * HOUR),
        ),
        rooms=(RoomPlan("r1", "Sal 1", 30),),
        sessions=(blank, cases),
    )


def _meeting(session: Session) -> Meeting:
    return create(session, DRAFT, "nch", NOW)


def _events(session: Session) -> dict[str, Event]:
    found = session.exec(select(Event).where(Event.subject_kind == "session"))
    return {event.title_sv: event for event in found}


def test_a_session_without_a_task_is_not_published(session: Session) -> None:
    plan = _plan()
    bare = replace(plan, sessions=(replace(plan.sessions[0], task_sv=" "),))
    with pytest.raises(ConflictError, match="task_sv"):
        publish(session, _meeting(session), bare, "nch", NOW)


def test_a_guest_sees_only_the_session_of_their_function(session: Session) -> None:
    meeting = _meeting(session)
    prosecutor = make_member(session, Role.GUEST)
    publish(session, meeting, _plan(law=frozenset({prosecutor.function.id})), "nch", NOW)
    part = programme_for(session, prosecutor.viewer, meeting)
    assert [found.key for found in part.sessions] == ["law"]
    assert [slot.key for slot in part.slots] == ["s1"]

    member = make_member(session, Role.RC_MEMBER, rc_id="a")
    whole = programme_for(session, member.viewer, meeting)
    other = next(found for found in whole.sessions if found.key == "cases")
    assert session_for(session, member.viewer, meeting.id, other.id).session.id == other.id
    with pytest.raises(MissingError):
        session_for(session, prosecutor.viewer, meeting.id, other.id)


def test_an_agenda_holds_what_the_function_attends_in_order_of_time(session: Session) -> None:
    member = make_member(session, Role.RC_MEMBER, rc_id="a")
    mine = frozenset({member.function.id})
    publish(session, _meeting(session), _plan(law=mine, cases=mine), "nch", NOW)
    assert [line.session.key for line in agenda_for(session, member.viewer)] == ["law", "cases"]


def test_republishing_keeps_uids_moves_events_and_cancels_what_is_gone(session: Session) -> None:
    meeting = _meeting(session)
    plan = _plan()
    publish(session, meeting, plan, "nch", NOW)
    before = {title: (event.uid, event.sequence) for title, event in _events(session).items()}

    moved = replace(
        plan,
        slots=(plan.slots[0], replace(plan.slots[1], ends_at=START + 3 * HOUR)),
        sessions=(plan.sessions[1],),
    )
    publish(session, meeting, moved, "nch", datetime(2026, 3, 3, tzinfo=UTC))
    after = _events(session)
    assert {title: event.uid for title, event in after.items()} == {
        title: uid for title, (uid, _) in before.items()
    }
    assert after["Fall"].sequence == before["Fall"][1] + 1
    assert after["Juridik"].status == "CANCELLED"


def test_a_slot_that_the_new_programme_lacks_is_removed(session: Session) -> None:
    meeting = _meeting(session)
    plan = _plan()
    publish(session, meeting, plan, "nch", NOW)
    publish(
        session,
        meeting,
        replace(plan, slots=plan.slots[:1], sessions=plan.sessions[:1]),
        "nch",
        NOW,
    )
    planner = make_member(session, Role.PLANNER)
    part = programme_for(session, planner.viewer, meeting)
    assert [slot.key for slot in part.slots] == ["s1"]
