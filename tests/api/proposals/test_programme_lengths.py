"""A session made longer or shorter in the grid, and a grid of which a part is looked for."""

import re

import pytest
from fastapi import FastAPI

from api.programme.outlines import live_content
from api.proposals.programme.store import PROGRAMME
from tests.api.proposals.test_programme_workbench import Bench, _places
from tests.api.proposals.test_workbench import _version


@pytest.fixture
def bench(app: FastAPI) -> Bench:
    made = Bench(app)
    made.page = made.start()
    made.solve()
    return made


def _topic(bench: Bench) -> str:
    places = _places(bench.web.get(bench.page).text)
    return next(
        key for key in places if key not in {"opening", "closing"} and not key.startswith("agency_")
    )


def _lengthen(bench: Bench, key: str, minutes: str) -> int:
    form = _version(bench.web, bench.page) | {"key": key, "minutes": minutes}
    return int(bench.web.submit(bench.page, f"{bench.page}/langd", form).status_code)


def test_a_session_is_as_long_as_the_planner_makes_it_and_a_clash_shows_at_once(
    bench: Bench,
) -> None:
    key = _topic(bench)
    where = _places(bench.web.get(bench.page).text)[key]
    assert _lengthen(bench, key, "45") == 303
    page = bench.web.get(bench.page).text
    assert _places(page)[key] == where
    assert 'data-minutes="45"' in page
    assert "notice bad" not in page
    with bench.app.state.database.reading() as session:
        live = live_content(session, bench.meeting)
        assert live is not None
        found = live.session(key)
        assert found is not None
        assert (found.minutes, found.revision) == (45, 2), "what is planned anew keeps it"
    assert _lengthen(bench, key, "400") == 303
    assert "notice bad" in bench.web.get(bench.page).text, "no day has so long"
    assert _lengthen(bench, key, "60") == 303
    assert "notice bad" not in bench.web.get(bench.page).text
    for wrong in ("", "4", "481", "en timme"):
        assert _lengthen(bench, key, wrong) == 409
    assert _lengthen(bench, "nothing", "45") == 409
    with bench.app.state.database.reading() as session:
        assert PROGRAMME.problem_of(bench.newest(session)).sessions


def test_a_part_of_the_grid_is_looked_for_without_script(bench: Bench) -> None:
    page = bench.web.get(bench.page).text
    assert "is-dim" not in page
    tracks = re.findall(
        r'<option value="([^"]+)"', page.partition('id="spar"')[2].partition("</select>")[0]
    )
    assert len(tracks) == 2
    shown = bench.web.get(f"{bench.page}?spar={tracks[0]}").text
    assert 0 < shown.count(" is-dim") < shown.count("data-held=")
    assert bench.web.get(f"{bench.page}?krockar=ja").text.count(" is-dim") == page.count(
        'class="pass m-'
    )
    hidden = bench.web.get(f"{bench.page}?dolj=room2").text
    assert '|room2"><div' not in hidden
    assert '|room1"><div' in hidden
    assert bench.web.get(f"{bench.page}?dolj=room1&dolj=room2").text.count('<th scope="col">') >= 3


def test_a_change_of_length_is_taken_back_and_done_again_and_forgets_no_move(
    bench: Bench,
) -> None:
    def press(action: str, **more: str) -> str:
        form = _version(bench.web, bench.page) | more
        assert bench.web.submit(bench.page, f"{bench.page}/{action}", form).status_code == 303
        return str(bench.web.get(bench.page).text)

    def lasts() -> tuple[int | None, int]:
        with bench.app.state.database.reading() as session:
            live = live_content(session, bench.meeting)
            problem = PROGRAMME.problem_of(bench.newest(session))
            found = live.session(key) if live else None
            assert found is not None
            return found.minutes, next(one.duration for one in problem.sessions if one.id == key)

    key = _topic(bench)
    planned, was = _places(bench.web.get(bench.page).text), lasts()
    moved = _places(press("flytta", key=key, place="-"))
    assert moved != planned
    press("langd", key=key, minutes="45")
    shorter = lasts()
    assert shorter[0] == 45
    press("langd", key=key, minutes="400")
    assert lasts()[0] == 400
    press("angra")
    assert lasts() == shorter
    press("angra")
    assert lasts() == was
    assert _places(press("angra")) == planned, "the move before is not forgotten"
    assert _places(press("gor-om")) == moved
    press("gor-om")
    assert lasts() == shorter
    press("angra")
    assert lasts() == was
