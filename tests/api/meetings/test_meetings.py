from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from api.accounts.models import Role
from api.accounts.policy import Viewer
from api.calendar.models import Event, EventAudience
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.meetings import queries
from api.meetings.following import propose_first_meeting
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.meetings.service import (
    MeetingDraft,
    cancel,
    confirm,
    create,
    first_working_day,
    meeting_for,
    move,
)
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import NetworkPublished, publish_round

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
START = datetime(2026, 5, 5, 7, tzinfo=UTC)
DRAFT = MeetingDraft(
    kind=MeetingKind.NATIONAL,
    name_sv="Nationell träff",
    name_en="National meeting",
    focus_sv="Uppstart",
    focus_en="Start-up",
    form=MeetingForm.IN_PERSON,
    town="Linköping",
    starts_at=START,
    ends_at=START + timedelta(hours=6),
)


def _viewer(role: Role, *rc_ids: str) -> Viewer:
    return Viewer("p", "P", frozenset({role}), frozenset(), frozenset(), frozenset(rc_ids))


def _event(session: Session, meeting: Meeting) -> Event:
    return session.exec(select(Event).where(Event.subject_id == meeting.id)).one()


def _network(session: Session, km: float) -> str:
    group = Group(Layer.NEARNESS, ("a", "b", "c"), {}, km)
    publish_round(session, "one", [group], "nch", NOW)
    return networks.active_networks(session)[0].id


def test_a_meeting_without_focus_is_refused(session: Session) -> None:
    draft = MeetingDraft(**{n: getattr(DRAFT, n) for n in DRAFT.__slots__} | {"focus_sv": " "})
    with pytest.raises(FieldFault) as caught:
        create(session, draft, "nch", NOW)
    assert caught.value.field == "focus_sv"


def test_a_meeting_moved_twice_and_cancelled_is_one_event_with_rising_sequence(
    session: Session,
) -> None:
    meeting = create(session, DRAFT, "nch", NOW)
    sequences = [_event(session, meeting).sequence]
    for days in (1, 2):
        at = NOW + timedelta(days=days)
        start = START + timedelta(days=days)
        move(session, meeting, start, start + timedelta(hours=2), meeting.version, "nch", at)
        sequences.append(_event(session, meeting).sequence)
    cancel(session, meeting, meeting.version, "nch", NOW + timedelta(days=3))
    event = _event(session, meeting)
    assert [*sequences, event.sequence] == [0, 1, 2, 3]
    assert event.status == "CANCELLED"


def test_a_stale_move_changes_nothing_and_shows_both_versions(session: Session) -> None:
    meeting = create(session, DRAFT, "nch", NOW)
    with pytest.raises(StaleError) as caught:
        move(session, meeting, START, START + timedelta(hours=1), 0, "nch", NOW)
    assert caught.value.theirs["starts_at"] == START.isoformat()
    assert meeting.ends_at == DRAFT.ends_at


def test_a_cancelled_meeting_cannot_be_cancelled_again(session: Session) -> None:
    meeting = create(session, DRAFT, "nch", NOW)
    cancel(session, meeting, meeting.version, "nch", NOW)
    with pytest.raises(ConflictError):
        cancel(session, meeting, meeting.version, "nch", NOW)


@pytest.mark.parametrize(
    ("km", "form", "town"), [(92, MeetingForm.IN_PERSON, "A-stad"), (449, MeetingForm.DIGITAL, "")]
)
def test_a_new_network_gets_a_proposed_first_meeting_near_or_digital(
    session: Session, km: float, form: MeetingForm, town: str
) -> None:
    network_id = _network(session, km)
    towns = {"a": "A-stad", "b": "B-stad", "c": "C-stad"}
    meeting = propose_first_meeting(session, NetworkPublished(network_id, is_new=True), towns, NOW)
    assert meeting is not None
    assert (meeting.form, meeting.town, meeting.state) == (form, town, MeetingState.PROPOSED)
    assert _event(session, meeting).status == "TENTATIVE"
    scopes = session.exec(select(EventAudience.scope_kind, EventAudience.scope_id)).all()
    assert {(str(kind), scope) for kind, scope in scopes} == {
        ("meeting", meeting.id),
        ("network", network_id),
        ("rc", "a"),
        ("rc", "b"),
        ("rc", "c"),
    }
    confirm(session, meeting, meeting.version, "a", NOW + timedelta(days=1))
    assert _event(session, meeting).status == "CONFIRMED"


def test_a_network_with_a_meeting_to_come_gets_no_second_proposal(session: Session) -> None:
    news = NetworkPublished(_network(session, 92), is_new=True)
    towns = {"a": "A", "b": "B", "c": "C"}
    propose_first_meeting(session, news, towns, NOW)
    assert propose_first_meeting(session, news, towns, NOW) is None
    assert len(queries.meetings_of_network(session, news.network_id)) == 1


def test_two_networks_that_share_a_member_are_not_proposed_for_the_same_day(
    session: Session,
) -> None:
    groups = [
        Group(Layer.LIKENESS, ("a", "b", "c"), {}, 449.0),
        Group(Layer.NEARNESS, ("a", "d", "e"), {}, 449.0),
        Group(Layer.EXPERIENCE, ("x", "y", "z"), {}, 449.0),
    ]
    publish_round(session, "one", groups, "nch", NOW)
    days = {}
    for network in networks.active_networks(session):
        news = NetworkPublished(network.id, is_new=True)
        meeting = propose_first_meeting(session, news, {}, NOW)
        assert meeting is not None
        days[network.layer] = meeting.starts_at.date()
    weeks = {layer: day.isocalendar()[:2] for layer, day in days.items()}
    assert weeks[Layer.LIKENESS] != weeks[Layer.NEARNESS]
    assert len(set(days.values())) == 3  # one person at NCH comes to one a day


def test_members_see_their_networks_meeting_and_strangers_do_not(session: Session) -> None:
    news = NetworkPublished(_network(session, 449), is_new=True)
    meeting = propose_first_meeting(session, news, {}, NOW)
    assert meeting is not None
    assert meeting_for(session, _viewer(Role.RC_MEMBER, "a"), meeting.id) is meeting
    for stranger in (_viewer(Role.RC_MEMBER, "x"), _viewer(Role.GUEST), None):
        with pytest.raises(MissingError):
            meeting_for(session, stranger, meeting.id)


def test_the_first_working_day_leaves_out_mondays_fridays_and_holidays() -> None:
    assert first_working_day(date(2026, 4, 3)) == date(2026, 4, 7)  # Good Friday -> Tuesday
    assert first_working_day(date(2026, 5, 13)) == date(
        2026, 5, 19
    )  # the day before Ascension Day, and it


def test_a_free_week_is_found_in_meetings_that_are_read_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many weeks are taken: publishing for 290 RC looks for some seventy first meetings."""
    groups = [Group(Layer.NEARNESS, (f"{n}a", f"{n}b", f"{n}c"), {}, 500.0) for n in range(10)]
    publish_round(session, "one", groups, "nch", NOW)
    read: list[datetime] = []
    real = queries.meetings

    def reading(session: Session, since: datetime) -> list[Meeting]:
        read.append(since)
        return real(session, since)

    monkeypatch.setattr(queries, "meetings", reading)
    towns = {rc: "" for group in groups for rc in group.rc_ids}
    weeks, times = set(), set()
    for network in networks.active_networks(session):
        read.clear()
        news = NetworkPublished(network.id, is_new=True)
        made = propose_first_meeting(session, news, towns, NOW)
        assert made is not None
        weeks.add(made.starts_at.isocalendar()[:2])
        times.add(len(read))
    assert len(weeks) >= 5  # one at NCH comes to two a week
    assert times == {2}
