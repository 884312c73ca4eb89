"""Tables of case rounds: kept with the programme, told to each one who sits there, named by the policy."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.clock import now
from api.kit.i18n import Language, Speaker
from api.meetings.models import Meeting
from api.meetings.service import create
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import AttributeFigure, Evidence
from api.programme import queries
from api.programme.models import ProgrammeSession
from api.programme.reading import (
    agenda_for,
    programme_for,
)
from api.programme.seating import SeatedRound, in_words, rounds_of
from api.programme.service import (
    publish,
)
from tests.api.meetings.test_meetings import DRAFT, NOW
from tests.api.programme.test_programme_service import _plan
from tests.factories import Member, make_member
from tests.shipped import import_shipped
from tests.web import browser

RCS = ("skaraborg", "fyrbodal", "dalarna")


def _seat(
    session: Session, meeting: Meeting, people: list[Member], *rounds: SeatedRound
) -> ProgrammeSession:
    """Publish a programme with a case round that these people attend at these tables."""
    plan = _plan(cases=frozenset(one.function.id for one in people))
    cases = replace(plan.sessions[1], format="case_round", tables=rounds)
    publish(session, meeting, replace(plan, sessions=(plan.sessions[0], cases)), "nch", NOW)
    found = queries.programme(session, meeting.id).sessions
    return next(one for one in found if one.key == "cases")


def _ids(people: list[Member]) -> list[str]:
    return [one.function.id for one in people]


def test_each_one_reads_the_own_table_and_a_new_version_replaces_all_seats(
    session: Session,
) -> None:
    people = [make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in RCS]
    guest = make_member(session, Role.GUEST)
    a, b, c = _ids(people)
    meeting = create(session, DRAFT, "nch", NOW)
    cases = _seat(session, meeting, [*people, guest], ((a, b), (c,)), ((a,), (b, c)))

    def tables(who: Member) -> list[tuple[int, ...]]:
        return [line.tables for line in agenda_for(session, who.viewer)]

    assert [tables(one) for one in people] == [[(1, 1)], [(1, 2)], [(2, 2)]]
    assert tables(guest) == [()]
    assert programme_for(session, guest.viewer, meeting).seats == ()
    own = programme_for(session, people[0].viewer, meeting).seats
    rounds = rounds_of(own, cases.id)
    assert [{n: set(at) for n, at in one.items()} for one in rounds] == [
        {1: {a, b}, 2: {c}},
        {1: {a}, 2: {b, c}},
    ]

    _seat(session, meeting, people[1:], ((), (b, c)))
    assert [tables(one) for one in people] == [[], [(2,)], [(2,)]]
    assert len(queries.programme(session, meeting.id).seats) == 2
    other = create(session, DRAFT, "nch", NOW)
    assert len(queries.seats_at_other_meetings(session, other.id)) == 2
    assert queries.seats_at_other_meetings(session, meeting.id) == []


def test_whoever_holds_two_functions_goes_by_one_seat_in_every_round(session: Session) -> None:
    one, other = (make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in RCS[:2])
    both = replace(one.viewer, function_ids=frozenset(_ids([one, other])))
    meeting = create(session, DRAFT, "nch", NOW)
    a, b = sorted(_ids([one, other]))
    _seat(session, meeting, [one, other], ((a,), (b,)), ((b,), (a,)))
    assert [line.tables for line in agenda_for(session, both)] == [(1, 2)]


@pytest.mark.parametrize(
    ("tables", "language", "said"),
    [
        ((), "sv", ""),
        ((3,), "sv", "Bord 3"),
        ((3, 3), "sv", "Bord 3"),
        ((3, 1), "sv", "Bord 3, sedan bord 1"),
        ((3, 1, 3), "en", "Table 3, then table 1, then table 3"),
    ],
)
def test_tables_are_said_round_by_round(
    tables: tuple[int, ...], language: Language, said: str
) -> None:
    assert in_words(tables, Speaker(language)) == said


def _evidence(*rc_ids: str) -> dict[str, object]:
    model = AttributeFigure("model", 3.0, 0.0, 1.0)
    return Evidence((model,), tuple((one, 0.1) for one in rc_ids), (), rc_ids, 92.0).to_json()


def test_the_sheet_names_people_to_planners_and_inside_ones_own_networks_only(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        people = [make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in RCS]
        planner, guest = (make_member(session, role) for role in (Role.PLANNER, Role.GUEST))
        reader = make_member(session, Role.READER)
        group = Group(Layer.LIKENESS, RCS[:2], _evidence(*RCS[:2]), 92.0)
        publish_round(session, "one", [group], "nch", now())
        meeting = create(session, DRAFT, "nch", NOW)
        without = create(session, DRAFT, "nch", NOW).id
        a, b, c = _ids(people)
        _seat(session, meeting, [*people, guest], ((a, b), (c, guest.function.id)), ((a, c), (b,)))
        session.flush()
        session.expunge_all()
    sheet = f"/traffar/{meeting.id}/bord"

    def named(who: Member) -> list[bool]:
        page = browser(app, who.person.id).get(sheet)
        assert page.status_code == 200
        assert all(one.function.title in page.text for one in people)
        return [one.person.name in page.text for one in (*people, guest)]

    assert named(planner) == [True, True, True, True]
    assert named(people[0]) == [True, True, False, False]
    assert named(people[2]) == [False, False, True, False]
    assert named(reader) == [False, False, False, False]
    page = browser(app, planner.person.id).get(sheet).text
    assert page.count("new-leaf") == 2, "a sheet for each round"
    assert "omgång 2" in page

    web = browser(app, guest.person.id)
    assert web.get(sheet).status_code == 404
    assert "/bord" not in web.get(f"/traffar/{meeting.id}").text
    assert "Bord 2" in web.get(f"/traffar/{meeting.id}/min-agenda").text
    web = browser(app, people[1].person.id)
    assert sheet in web.get(f"/traffar/{meeting.id}").text
    assert "Bord 1, sedan bord 2" in web.get(f"/traffar/{meeting.id}/min-agenda").text
    assert "Table 1, then table 2" in web.get(f"/en/traffar/{meeting.id}/min-agenda").text
    lines = web.get("/api/v1/agenda").json()
    assert [line["tables"] for line in lines if line["meeting_id"] == meeting.id] == [[1, 2]]
    assert browser(app, planner.person.id).get(f"/traffar/{without}/bord").status_code == 404
