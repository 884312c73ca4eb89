"""Somebody who leads falls ill: those who can take over are offered, with the loss in words, and one is chosen."""

import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.programme import queries as programmes
from api.proposals.programme import standing_in
from api.proposals.programme.standing_in import OUT
from api.proposals.programme.store import PROGRAMME
from matcher.programme.people.attendance import choose_slot_by_slot
from matcher.programme.places import Places
from matcher.programme.problem import Person, Problem, Room, Run, Slot, Timetable
from matcher.programme.problem import Session as Topic
from tests.api.proposals.test_programme_content import _publish
from tests.api.proposals.test_programme_workbench import Bench
from tests.api.proposals.test_workbench import _version
from tests.promises import keeps_quiet


@pytest.fixture
def published(app: FastAPI) -> Bench:
    bench = Bench(app)
    bench.page = bench.start()
    bench.solve()
    _publish(bench, bench.page)
    return bench


def _leaders(bench: Bench) -> list[str]:
    """Everybody who leads something that runs."""
    with bench.app.state.database.reading() as session:
        made = bench.newest(session)
        running = {run.session for run in PROGRAMME.answer_of(made).timetable.runs}
        sessions = PROGRAMME.problem_of(made).sessions
        return sorted({host for one in sessions if one.id in running for host in one.hosts})


def test_whoever_falls_ill_somebody_takes_over_but_in_an_agency_s_own_time(
    published: Bench,
) -> None:
    for leader in _leaders(published):
        page = published.web.get(f"{published.page}/forhinder?leader={leader}")
        assert page.status_code == 200
        with published.app.state.database.reading() as session:
            for gap in standing_in.gaps(session, published.newest(session), leader):
                assert bool(gap.candidates or gap.elsewhere) is not gap.is_guest
                assert leader not in {one.function_id for one in gap.candidates}
    assert published.web.get(f"{published.page}/forhinder?leader=nobody").status_code == 409


@keeps_quiet(
    "Du får ett utkast att granska. Ingen får veta något förrän du publicerar.",
)
def test_the_one_chosen_leads_and_everything_else_stands_where_it_stood(published: Bench) -> None:
    with published.app.state.database.reading() as session:
        before = PROGRAMME.answer_of(published.newest(session)).timetable
        leader, found = next(
            (one, gaps)
            for one in _leaders(published)
            if not (gaps := standing_in.gaps(session, published.newest(session), one))[0].is_guest
        )
        first = {gap.run.session: gap.candidates[0].function_id for gap in found}
    form = {"leader": leader, **{f"gap-{key}": who for key, who in first.items()}}
    ask = f"{published.page}/forhinder?leader={leader}"
    draft = str(published.web.submit(ask, f"{published.page}/tar-over", form).headers["location"])
    with published.app.state.database.reading() as session:
        made = published.newest(session)
        after = PROGRAMME.answer_of(made).timetable
        hosts = {one.id: one.hosts for one in PROGRAMME.problem_of(made).sessions}
        assert set(after.runs) == set(before.runs)
        assert all(who in hosts[key] and leader not in hosts[key] for key, who in first.items())
    _publish(published, draft)
    with published.app.state.database.reading() as session:
        assert not _leads(session, published, leader, first)


def _leads(session: Session, bench: Bench, leader: str, keys: dict[str, str]) -> bool:
    found = programmes.programme(session, bench.meeting)
    ids = {one.id for one in found.sessions if one.key in keys}
    attending = {one.session_id for one in found.attendances if one.function_id == leader}
    titles = {one.leader for one in found.sessions if one.id in ids}
    return bool(ids & attending) and not titles


def test_a_session_can_be_left_out_and_a_choice_that_was_not_offered_is_refused(
    published: Bench,
) -> None:
    leader = _leaders(published)[0]
    ask = f"{published.page}/forhinder?leader={leader}"
    keys = set(re.findall(r'name="gap-([^"]+)"', published.web.get(ask).text))
    wrong = {"leader": leader, **{f"gap-{key}": leader for key in keys}}
    assert published.web.submit(ask, f"{published.page}/tar-over", wrong).status_code == 409
    out = {"leader": leader, **{f"gap-{key}": OUT for key in keys}}
    draft = str(published.web.submit(ask, f"{published.page}/tar-over", out).headers["location"])
    with published.app.state.database.reading() as session:
        left = PROGRAMME.answer_of(published.newest(session)).timetable.runs
        assert keys.isdisjoint({run.session for run in left})
    assert _version(published.web, draft)


def test_where_nobody_is_free_then_another_time_is_offered_at_which_somebody_is() -> None:
    slots = (Slot("s1"), Slot("s2"), Slot("s3"))
    rooms = (Room("r1", 20), Room("r2", 20))
    people = (Person("p", {"a": 3, "b": 2}), Person("nch"), Person("ill"))
    sessions = (
        Topic("a", hosts=frozenset({"ill"})),
        Topic("b", hosts=frozenset({"nch"})),
        Topic("c", hosts=frozenset({"nch"}), unavailable_slots=frozenset({"s1", "s2"})),
    )
    problem = Problem(slots, rooms, sessions, people)
    runs = (Run("a", "s1", "r1"), Run("b", "s1", "r2"), Run("c", "s3", "r1"))
    timetable = Timetable(runs, agendas=choose_slot_by_slot(Places(problem), runs))
    found = standing_in.elsewhere(problem, timetable, runs[0], "ill", {"nch": "nch"})
    assert [(one.function_id, one.slot) for one in found] == [("nch", "s2")]
    assert found[0].percent > 0, "both of what p wished for can be had then"
