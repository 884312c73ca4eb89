"""Calendars follow rights: at once, for whoever leaves or comes, and never more than the pages show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from fastapi import FastAPI

from api.accounts import directory
from api.accounts.models import Body, BodyKind, Function, Person, Role
from api.accounts.service import hash_of, viewer_for
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.feeds import queries, service
from api.kit.db import Database
from api.kit.errors import MissingError
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, cancel, create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from tests.calendars import read_events
from tests.factories import Member, make_body, make_function, make_member, make_person
from tests.web import Browser, browser

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
RCS = ("blekinge", "dalarna", "gotland", "halland", "kronoberg")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def database(app: FastAPI) -> Database:
    made: Database = app.state.database
    return made


@pytest.fixture
def anyone(app: FastAPI) -> Browser:
    return browser(app)


def member(database: Database, role: Role = Role.RC_MEMBER, rc_id: str | None = "skane") -> Member:
    with database.transaction() as session:
        session.expire_on_commit = False
        return make_member(session, role, rc_id)


def subscribe(database: Database, person_id: str, scope: Scope) -> str:
    """Subscribe as the person, as the page does, and return the feed's path."""
    with database.transaction() as session:
        person = session.get_one(Person, person_id)
        viewer = viewer_for(session, person)
        wish = service.wish_of(session, viewer, scope, Level.INTERNAL, "sv", "Min Outlook")
        _, _, token = service.subscribe_as(session, viewer, wish, AT)
    return f"/feeds/{token}.ics"


def titles(anyone: Browser, path: str) -> list[str]:
    answer = anyone.get(path)
    assert answer.status_code == 200
    return sorted(str(event["SUMMARY"]) for event in read_events(answer.content))


def put(database: Database, scope: Scope, title: str = "Träff") -> None:
    details = EventDetails(
        neutral_sv="Nätverksträff",
        neutral_en="Network meeting",
        title_sv=title,
        title_en=title,
        page="/traffar/m1",
        starts_at=AT + timedelta(days=30),
        ends_at=AT + timedelta(days=30, hours=2),
    )
    with database.transaction() as session:
        put_event(session, Subject("meeting", title), details, {scope}, AT)


def hand_over(
    database: Database, function_id: str, holder_id: str | None, deputy_id: str | None
) -> None:
    with database.transaction() as session:
        function = session.get_one(Function, function_id)
        found = [session.get(Person, one) if one else None for one in (holder_id, deputy_id)]
        directory.hand_over(
            session,
            function,
            found[0],
            deputy=found[1],
            version=function.version,
            actor="system",
            now=AT,
        )


def test_a_deputy_who_is_replaced_loses_the_functions_calendars_at_once(
    database: Database, anyone: Browser
) -> None:
    with database.transaction() as session:
        session.expire_on_commit = False
        body = make_body(session, rc_id="skane")
        holder, deputy, new = (make_person(session) for _ in range(3))
        function = make_function(session, body, holder, deputy=deputy)
        make_function(session, make_body(session, rc_id="halland"), deputy)
    own = Scope(ScopeKind.FUNCTION, function.id)
    put(database, own)
    of_function = subscribe(database, deputy.id, own)
    of_person = subscribe(database, deputy.id, Scope(ScopeKind.PERSON, deputy.id))
    of_holder = subscribe(database, holder.id, own)
    assert titles(anyone, of_person) == ["Träff"]
    hand_over(database, function.id, holder.id, new.id)
    assert titles(anyone, of_function) == []
    assert titles(anyone, of_person) == []  # another function is left
    assert titles(anyone, of_holder) == ["Träff"]
    assert titles(anyone, subscribe(database, new.id, Scope(ScopeKind.PERSON, new.id))) == ["Träff"]


def test_a_vacant_function_that_is_filled_is_in_its_holders_calendar_at_once(
    database: Database, anyone: Browser
) -> None:
    one = member(database)
    with database.transaction() as session:
        session.expire_on_commit = False
        vacant = make_function(session, session.get_one(Body, one.body.id))
    put(database, Scope(ScopeKind.FUNCTION, vacant.id))
    path = subscribe(database, one.person.id, Scope(ScopeKind.PERSON, one.person.id))
    assert titles(anyone, path) == []
    hand_over(database, vacant.id, one.person.id, None)
    assert titles(anyone, path) == ["Träff"]


def test_whoever_has_no_function_left_has_no_calendar_left(
    database: Database, anyone: Browser
) -> None:
    one = member(database)
    put(database, Scope(ScopeKind.FUNCTION, one.function.id))
    path = subscribe(database, one.person.id, Scope(ScopeKind.PERSON, one.person.id))
    assert titles(anyone, path) == ["Träff"]
    hand_over(database, one.function.id, None, None)
    assert titles(anyone, path) == []


def test_an_address_that_is_being_emptied_goes_on_emptying_copies_when_the_function_goes(
    database: Database, anyone: Browser, clock: time_machine.Traveller
) -> None:
    one = member(database)
    own = Scope(ScopeKind.FUNCTION, one.function.id)
    put(database, own)
    paths = [subscribe(database, one.person.id, own) for _ in range(2)]
    with database.transaction() as session:
        [(first, _), (second, _)] = queries.tokens_of(session, one.person.id, AT)
        cleared = first if first.token_hash == hash_of(paths[0][7:-4]) else second
        service.revoke(session, one.viewer, cleared.id, service.Ending.CLEARING, AT)
    hand_over(database, one.function.id, None, None)
    assert titles(anyone, paths[0]) == []
    assert titles(anyone, paths[1]) == []
    clock.move_to(AT + timedelta(days=14))
    assert anyone.get(paths[0]).status_code == 404


def test_addresses_that_have_ended_are_no_longer_listed(
    database: Database, app: FastAPI, clock: time_machine.Traveller
) -> None:
    one = member(database)
    for _ in range(2):
        subscribe(database, one.person.id, Scope(ScopeKind.FUNCTION, one.function.id))
    web = browser(app, one.person.id)
    cleared, _ = (kept["id"] for kept in web.get("/api/v1/feeds").json())
    assert web.delete(f"/api/v1/feeds/{cleared}?ending=clearing").status_code == 200
    clock.move_to(AT + timedelta(days=13))
    assert len(browser(app, one.person.id).get("/api/v1/feeds").json()) == 2
    clock.move_to(AT + timedelta(days=14))
    assert len(browser(app, one.person.id).get("/api/v1/feeds").json()) == 1
    clock.move_to(AT + timedelta(days=14 + 396))
    later = browser(app, one.person.id)
    assert later.get("/api/v1/feeds").json() == []
    assert "Du har inga kalenderlänkar än." in later.get("/prenumerera").text


def publish(database: Database, proposal: str, *rc_ids: str) -> str:
    """Publish a round of one network, and return the network's id."""
    with database.transaction() as session:
        publish_round(session, proposal, [Group(Layer.LIKENESS, rc_ids, {}, None)], "nch", AT)
        session.flush()
        return networks.active_networks(session)[0].id


def make_meeting(database: Database, network_id: str, name: str, days: int) -> str:
    start = AT + timedelta(days=days)
    draft = MeetingDraft(
        kind=MeetingKind.NETWORK,
        network_id=network_id,
        name_sv=name,
        name_en=name,
        focus_sv="Fokus",
        focus_en="Focus",
        form=MeetingForm.DIGITAL,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    with database.transaction() as session:
        return create(session, draft, "nch", min(AT, draft.starts_at - timedelta(days=1))).id


def test_an_rc_that_leaves_a_network_loses_all_its_meetings_at_once_and_a_new_one_gets_them(
    database: Database, anyone: Browser
) -> None:
    stays, leaves, comes = (member(database, rc_id=rc_id) for rc_id in (RCS[0], RCS[2], RCS[3]))
    network_id = publish(database, "p1", *RCS[:3])
    for name, days in (("Varit", -9), ("Kommer", 40), ("Avlyst", 50)):
        meeting_id = make_meeting(database, network_id, name, days)
    with database.transaction() as session:
        meeting = session.get_one(Meeting, meeting_id)
        cancel(session, meeting, meeting.version, "nch", AT)
    own = [
        subscribe(database, one.person.id, Scope(ScopeKind.PERSON, one.person.id))
        for one in (stays, leaves, comes)
    ]
    of_rc = subscribe(database, leaves.person.id, Scope(ScopeKind.RC, RCS[2]))
    of_network, of_meeting = (
        subscribe(database, leaves.person.id, scope)
        for scope in (Scope(ScopeKind.NETWORK, network_id), Scope(ScopeKind.MEETING, meeting_id))
    )
    everything = titles(anyone, own[0])
    assert {"Varit", "Kommer", "Inställt: Avlyst"} < set(everything)
    assert titles(anyone, own[1]) == titles(anyone, of_rc) == everything
    assert publish(database, "p2", RCS[0], RCS[1], RCS[3]) == network_id
    assert titles(anyone, own[0]) == titles(anyone, own[2]) == everything
    assert titles(anyone, own[1]) == titles(anyone, of_rc) == []
    assert titles(anyone, of_network) == titles(anyone, of_meeting) == []


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.RC_MEMBER, False), (Role.GUEST, False), (Role.READER, True), (Role.PLANNER, True)],
)
def test_a_roles_calendar_is_only_for_those_who_see_every_meeting(
    database: Database, role: Role, *, may: bool
) -> None:
    one = member(database, role)
    for scope_id in (role.value, one.function.kind.value):
        scope = Scope(ScopeKind.ROLE, scope_id)
        if may:
            subscribe(database, one.person.id, scope)
        else:
            with pytest.raises(MissingError):
                subscribe(database, one.person.id, scope)


def test_a_guest_who_sits_at_an_rc_gets_none_of_its_meetings(
    database: Database, anyone: Browser
) -> None:
    with database.transaction() as session:
        session.expire_on_commit = False
        body = make_body(session, BodyKind.RC, rc_id=RCS[0])
        guest = make_person(session)
        make_function(session, body, guest, Role.GUEST)
    network_id = publish(database, "p1", *RCS[:3])
    make_meeting(database, network_id, "Hemlig", 40)
    assert titles(anyone, subscribe(database, guest.id, Scope(ScopeKind.PERSON, guest.id))) == []
    with pytest.raises(MissingError):
        subscribe(database, guest.id, Scope(ScopeKind.RC, RCS[0]))
