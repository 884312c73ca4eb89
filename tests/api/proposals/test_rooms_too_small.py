"""A room that is too small is named with how many find no seat, who they are, and a larger one that is free."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from api.proposals.programme import store
from api.proposals.programme.engine import Crowded, look
from api.proposals.programme.store import PROGRAMME
from matcher.programme.problem import (
    Attendance,
    Person,
    Problem,
    Room,
    Run,
    Session,
    Slot,
    Timetable,
)
from tests.api.proposals.test_programme_workbench import LIST, Bench, _places
from tests.api.proposals.test_workbench import _version


def crowd(rooms: tuple[Room, ...]) -> tuple[Crowded, ...]:
    """Fifteen wish for the one session, which stands in the first room; eight sit there."""
    people = tuple(Person(id=f"p{number:02}", wishes={"a": 1.0}) for number in range(15))
    problem = Problem(slots=(Slot("s"),), rooms=rooms, sessions=(Session("a"),), people=people)
    line = (Attendance("s", "a"),)
    agendas = {one.id: line if place < 8 else () for place, one in enumerate(people)}
    return look(problem, Timetable((Run("a", "s", rooms[0].id),), agendas=agendas)).crowded


@pytest.mark.parametrize(
    ("others", "larger"),
    [
        ((), None),
        ((Room("small", 5),), None),
        ((Room("ten", 10), Room("big", 40), Room("fits", 16)), "fits"),
        ((Room("ten", 10), Room("twelve", 12)), "twelve"),  # better than nothing
        ((Room("endless", None),), "endless"),
    ],
)
def test_fifteen_wish_and_eight_sit(others: tuple[Room, ...], larger: str | None) -> None:
    left = tuple(f"p{number:02}" for number in range(8, 15))
    assert crowd((Room("r", 8), *others)) == (Crowded("a", "r", 15, 8, left, larger),)


def test_a_room_that_holds_all_who_wish_is_not_named() -> None:
    assert crowd((Room("r", 40),)) == ()


def test_the_grid_marks_it_counts_it_and_offers_what_is_better(app: FastAPI) -> None:
    """As a clash does: an edge and a sign on the session, its sentence, and the way to better places."""
    bench = Bench(app)
    path, web = f"{LIST}/ny/{bench.meeting}", bench.web
    rooms = {"room1": "Stora", "capacity1": "60", "room2": "Lilla", "capacity2": "3"}
    data = {"survey": bench.survey, **rooms}
    page = str(web.submit(path, path, data).headers["location"])
    bench.solve()
    stood = _places(web.get(page).text)
    small = min({place.split("|")[1] for place in stood.values()}, key=_seats(bench))
    for key, place in stood.items():
        there = {"key": key, "place": f"{place.split('|')[0]}|{small}"}
        assert web.submit(page, f"{page}/flytta", _version(web, page) | there).status_code == 303
        with bench.app.state.database.reading() as session:
            found = store.look_at(bench.newest(session))
        crowded = {one.session: one for one in found.crowded}
        if key in crowded and not found.violations:
            break
        assert web.submit(page, f"{page}/angra", _version(web, page)).status_code == 303
    shown = web.get(f"{page}?krockar=ja").text
    marked = re.findall(r'data-held="([^"]+)" class="pass [^"]*is-crowded', shown)
    assert set(marked) == crowded.keys()
    one = crowded[key]
    card = shown.partition(f'data-held="{key}"')[2].partition("</td>")[0]
    assert "data-solve" in card
    assert "is-dim" not in card
    assert f"{one.wanting} vill, 3 platser: {len(one.left_out)} får inte plats." in card
    assert 'class="tag warn" href="#tranga"' in shown


def _seats(bench: Bench) -> Callable[[str], int]:
    with bench.app.state.database.reading() as session:
        problem = PROGRAMME.problem_of(bench.newest(session))
    return {room.id: room.capacity or 0 for room in problem.rooms}.__getitem__
