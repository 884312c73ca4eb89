"""A programme from a survey seats its case round, from the problem to the published table."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.commands.demonstration import demo
from api.kit.clock import now
from api.meetings.models import Meeting, MeetingKind
from api.meetings.service import create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer, Network, NetworkMember
from api.networks.service import publish_round
from api.programme import queries as programmes
from api.programme.service import publish
from api.proposals.models import Proposal
from api.proposals.programme import frame as programme_frame
from api.proposals.programme.drafting import Delegate
from api.proposals.programme.engine import read_programme
from api.proposals.programme.store import PROGRAMME
from matcher.programme.problem import Run, Tables, Timetable
from matcher.programme.rooms.tables import mix
from matcher.programme.rules.violations import violations
from tests.api.meetings.test_meetings import DRAFT, NOW
from tests.api.networks.test_networks import _meets
from tests.api.programme.test_programme_service import _plan
from tests.api.programme.test_programme_tables import _evidence
from tests.api.proposals.test_programme_workbench import Bench, _places
from tests.api.proposals.test_workbench import _version
from tests.factories import make_member
from tests.shipped import import_shipped

CASES = "anonymised_cases"


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    return Bench(app)


def _proposal(session: Session, path: str) -> Proposal:
    return session.get_one(Proposal, path.rsplit("/", 1)[1])


def _timetable(proposal: Proposal) -> Timetable:
    return PROGRAMME.answer_of(proposal).timetable


def _cases(timetable: Timetable) -> dict[Run, tuple[tuple[tuple[str, ...], ...], ...]]:
    """The tables of the case round; circles have theirs in the hour that circles sit together."""
    return {run: tables for run, tables in timetable.tables.items() if run.session == CASES}


def _seated(timetable: Timetable) -> dict[str, list[int]]:
    """Function -> its table in each round of the case round."""
    found: dict[str, list[int]] = {}
    for rounds in _cases(timetable).values():
        for tables in rounds:
            for number, table in enumerate(tables, start=1):
                for one in table:
                    found.setdefault(one, []).append(number)
    return found


def _published(session: Session, meeting_id: str) -> dict[str, list[int]]:
    """Function -> its table in each round, as the meeting's pages have it."""
    found: dict[str, list[int]] = {}
    known = programmes.programme(session, meeting_id)
    cases = {one.id for one in known.sessions if one.key == CASES}
    seats = [one for one in known.seats if one.session_id in cases]
    for seat in sorted(seats, key=lambda one: one.round_number):
        found.setdefault(seat.function_id, []).append(seat.table_number)
    return found


def _publish(bench: Bench, path: str) -> None:
    for action in ("granska", "publicera"):
        sent = bench.web.submit(path, f"{path}/{action}", _version(bench.web, path))
        assert sent.status_code == 303


def test_the_tables_of_a_survey_are_planned_moved_along_published_and_repaired(
    bench: Bench,
) -> None:
    with bench.app.state.database.transaction() as session:
        ids = ("skaraborg", "fyrbodal", "dalarna")
        publish_round(
            session, "one", [Group(Layer.LIKENESS, ids, _evidence(*ids), 92.0)], "nch", now()
        )
        for member in session.exec(select(NetworkMember)):
            member.since -= timedelta(days=90)
            session.add(member)
        network = session.exec(select(Network)).one()
        _meets(session, network.id, now() - timedelta(days=30), was_held=True)
    web, path = bench.web, bench.start()
    bench.solve()
    with bench.app.state.database.reading() as session:
        proposal = _proposal(session, path)
        problem, planned = read_programme(proposal.problem), _timetable(proposal)
    asking = [one.id for one in problem.sessions if one.tables == Tables(4, 2)]
    assert asking == [CASES]
    assert len(problem.met) == 3, "three RC share a network that met: three pairs have met"
    (run,) = _cases(planned)
    attending = set(planned.attendance(run))
    assert {who: len(tables) for who, tables in _seated(planned).items()} == dict.fromkeys(
        attending, 2
    )
    found = mix(problem, planned.tables[run])
    assert found.same_body == 0, "each RC sends one"
    page = web.get(path).text
    assert "Omgång 2" in page
    assert f"Två och två vid borden: {found.pairs} par." in page
    assert "Round 2" in web.get(f"/en{path}").text

    other = next(key for key in _places(page) if key not in {"opening", CASES})
    move = _version(web, path) | {"key": CASES, "place": _places(page)[other]}
    assert web.submit(path, f"{path}/flytta", move).status_code == 303
    with bench.app.state.database.reading() as session:
        moved = _timetable(_proposal(session, path))
    assert [f"{one.slot}|{one.room}" for one in _cases(moved)] == [move["place"]]
    rules = {one.rule for one in violations(problem, moved)}
    assert "everyone_has_one_seat" not in rules
    assert web.submit(path, f"{path}/angra", _version(web, path)).status_code == 303
    _publish(bench, path)
    with bench.app.state.database.reading() as session:
        assert _published(session, bench.meeting) == _seated(planned)
    assert f"/traffar/{bench.meeting}/bord" in web.get(path).text
    assert "Bord 1" in web.get(f"/traffar/{bench.meeting}/bord").text

    trouble = {"room": run.room, "slots": run.slot}
    repair = str(web.submit(path, f"{path}/laga", trouble).headers["location"])
    bench.solve()
    with bench.app.state.database.reading() as session:
        proposal = _proposal(session, repair)
        mended, repaired = _timetable(proposal), read_programme(proposal.problem)
    assert violations(repaired, mended) == ()
    assert set(_cases(mended)).isdisjoint(_cases(planned)), (
        "the round stands elsewhere, or not at all"
    )
    _publish(bench, repair)
    with bench.app.state.database.reading() as session:
        assert _published(session, bench.meeting) == _seated(mended)


def test_who_gets_another_table_is_shown_before_publishing(bench: Bench) -> None:
    path = bench.start()
    bench.solve()
    _publish(bench, path)
    again = bench.start()
    bench.solve()
    with bench.app.state.database.transaction() as session:
        before = _published(session, bench.meeting)
        proposal = _proposal(session, again)
        document = json.loads(proposal.solution or "{}")
        for seated in document["timetable"]["tables"]:
            seated["rounds"] = [tables[::-1] for tables in seated["rounds"]]
        proposal.solution = json.dumps(document)
        session.add(proposal)
        after = _seated(_timetable(proposal))
    still = [one for one in after if one in before and before[one] != after[one]]
    assert still
    page = bench.web.get(f"{again}/publicera").text
    assert page.count("Ny plats på ") == len(still)
    assert page.count("sitter vid ett annat bord på 1 pass") == len(still)


def test_a_form_asks_for_tables_of_another_size_and_refuses_what_is_none(bench: Bench) -> None:
    path = f"/planera/program/ny/{bench.meeting}"
    sent = {"survey": bench.survey, "room1": "Stora", "capacity1": "60"}
    answer = bench.web.submit(path, path, sent | {"table_size": "1", "table_rounds": "många"})
    assert answer.status_code == 422
    assert "Skriv hur många som får sitta vid ett bord, 2–12." in answer.text
    assert "Skriv hur många omgångar det blir, 1–4." in answer.text
    assert 'value="många"' in answer.text
    answer = bench.web.submit(path, path, sent | {"table_size": "6", "table_rounds": "1"})
    assert answer.status_code == 303
    with bench.app.state.database.reading() as session:
        made = _proposal(session, str(answer.headers["location"]))
        problem = read_programme(made.problem)
    assert {one.tables for one in problem.sessions} == {None, Tables(6, 1)}


def test_the_form_begins_with_a_survey_that_has_been_answered(bench: Bench) -> None:
    with bench.app.state.database.transaction() as session:
        newer = demo._survey(session, now())
        newer.deadline += timedelta(days=30)
        newest = newer.id
    page = bench.web.get(f"/planera/program/ny/{bench.meeting}").text
    assert page.index(f'value="{newest}"') < page.index(f'value="{bench.survey}"')
    assert re.findall(r'<option value="([^"]+)" selected', page) == [bench.survey]


def test_the_form_s_own_values_are_taken_in_one_press_and_the_form_opens_where_they_do_not_do(
    bench: Bench,
) -> None:
    path = f"/planera/program/ny/{bench.meeting}"
    shown = bench.web.get(path).text
    answer = bench.web.submit("/", path, {"usual": "yes"})
    assert 'value="60"' not in shown, "no programme of this meeting has had rooms"
    assert answer.status_code == 422
    assert 'id="faults"' in answer.text


def test_meetings_of_networks_that_were_held_and_tables_elsewhere_count_as_having_met(
    session: Session,
) -> None:
    import_shipped(session, "system")
    ids = ("skaraborg", "fyrbodal", "dalarna")
    people = [make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in ids]
    a, b, c = (one.function.id for one in people)
    evidence = _evidence(*ids[:2])
    publish_round(session, "one", [Group(Layer.LIKENESS, ids[:2], evidence, 92.0)], "nch", NOW)
    publish_round(session, "two", [Group(Layer.NEARNESS, ids[:2], evidence, 92.0)], "nch", NOW)
    for one in networks.active_networks(session):
        of_network = replace(DRAFT, kind=MeetingKind.NETWORK, network_id=one.id)
        create(session, of_network, "nch", NOW).was_held = True
    earlier, coming = (create(session, DRAFT, "nch", NOW) for _ in range(2))
    plan = _plan(cases=frozenset({a, b, c}))
    tables = (((a, c), (b,)), ((a, b, c),))
    cases = replace(plan.sessions[1], tables=tables)
    publish(session, earlier, replace(plan, sessions=(cases,)), "nch", NOW)
    delegates = [Delegate(f"{rc}:x", one, rc, "") for rc, one in zip(ids, (a, b, c), strict=True)]

    def met(meeting: Meeting) -> dict[frozenset[str], int]:
        return programme_frame.met_before(session, meeting.id, delegates)

    assert met(earlier) == {frozenset((a, b)): 1}, "its own tables are planned anew"
    assert met(coming) == {
        frozenset((a, b)): 2,
        frozenset((a, c)): 2,
        frozenset((b, c)): 1,
    }


def test_the_seating_of_a_version_is_read_from_its_page_in_the_order_of_tables(
    bench: Bench,
) -> None:
    path = bench.start()
    bench.solve()
    page = bench.web.get(path).text
    section = page[page.index('id="tables"') : page.index('id="levels"')]
    cards = re.findall(r"<strong>Bord (\d+)</strong><ul>(.*?)</ul>", section, re.DOTALL)
    with bench.app.state.database.reading() as session:
        (rounds,) = _timetable(_proposal(session, path)).tables.values()
    assert [(int(number), people.count("<li>")) for number, people in cards] == [
        (number, len(table)) for tables in rounds for number, table in enumerate(tables, start=1)
    ], "everybody at a table is a line of its list"
