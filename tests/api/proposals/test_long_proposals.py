"""A proposal with more RC than one page holds: each circle and each RC stands on one page, and none is out of reach."""

import re

import pytest
from fastapi import FastAPI

from api.accounts.models import Role
from api.kit.clock import now
from api.networks.models import Layer
from api.proposals.networks import service
from api.proposals.networks.building import Choice
from api.proposals.networks.web import review, why_view
from api.registry.queries import rcs
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.solving import matched
from tests.web import Browser, browser

BOTH = Choice(layers=(Layer.LIKENESS, Layer.NEARNESS))


@pytest.fixture
def long(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> tuple[Browser, str]:
    """A planner's browser, and the path of a proposal that has two circles or five RC on a page."""
    monkeypatch.setattr(review, "MOST_SEATS", 10)
    monkeypatch.setattr(review, "MOST_CIRCLES", 2)
    monkeypatch.setattr(why_view, "MOST_MEMBERS", 10)
    monkeypatch.setattr(why_view, "PAGE_SIZE", 5)
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        import_shipped(session, "system")
        problem = service.networks_problem(session, BOTH, now())
        made = service.propose_networks(session, problem, BOTH, "Vår", "nch", now())
        service.record_answer(session, made, matched(made.problem))
        person, path = planner.person.id, f"/planera/natverk/{made.id}"
    return browser(app, person), path


def _pages(web: Browser, path: str) -> list[str]:
    """Follow *Nästa* from a page to the last one."""
    found = [web.get(path).text]
    while led := re.search(r'rel="next" href="([^"]+)"', found[-1]):
        found.append(web.get(led[1].replace("&amp;", "&")).text)
    return found


def _circles(text: str) -> list[str]:
    return re.findall(r"<h3>Krets (\d+)</h3>", text)


@pytest.mark.parametrize("layer", ["likeness", "nearness"])
def test_each_circle_stands_on_one_page_and_all_can_be_chosen_on_each(
    long: tuple[Browser, str], layer: str
) -> None:
    web, path = long
    pages = _pages(web, f"{path}?layer={layer}")
    assert len(pages) > 1
    shown = [number for text in pages for number in _circles(text)]
    assert shown == [str(number + 1) for number in range(len(shown))]
    for text in pages:
        assert len(_circles(text)) <= 2
        assert f'id="layer-{layer}"' in text
        mover = text.split(f'id="to-{layer}"')[1].split("</select>")[0]
        assert len(re.findall(r'<option value="\d+"', mover)) == len(shown)
        assert len(re.findall(r'<option value="byt:', mover)) == len(re.findall("byt:", mover))
        assert len(re.findall(r'<option value="byt:', mover)) == 16


def test_what_is_moved_or_locked_is_what_the_next_page_shows(long: tuple[Browser, str]) -> None:
    web, path = long
    last = _pages(web, f"{path}?layer=nearness")[-1]
    number = int(_circles(last)[-1]) - 1
    version = re.search(r'name="version" value="(\d+)"', last)
    assert version is not None
    typed = {"version": version[1], "circle": f"nearness:{number}"}
    led = web.submit(path, f"{path}/las", typed).headers["location"]
    assert f"Lås upp krets {number + 1}" in web.get(led).text
    moved = re.findall(r'data-held="([^"]+)"', last)[-1]
    typed = {"layer": "nearness", "rc": moved, "to_group": "0", "version": str(int(version[1]) + 1)}
    led = web.submit(path, f"{path}/flytta", typed).headers["location"]
    text = web.get(led).text
    assert _circles(text)[0] == "1"
    assert f'data-held="{moved}"' in text


@pytest.mark.parametrize("query", ["page=99", "circle=99", "page=1&layer=nobody", "circle=0"])
def test_a_page_that_is_not_there_is_the_nearest_one(long: tuple[Browser, str], query: str) -> None:
    web, path = long
    assert _circles(web.get(f"{path}?{query}").text)
    assert web.get(f"{path}/varfor?{query}").status_code == 200


def test_each_rc_has_its_reasons_on_one_page(app: FastAPI, long: tuple[Browser, str]) -> None:
    web, path = long
    with app.state.database.reading() as session:
        names = sorted(rc.name for rc in rcs(session))
    pages = _pages(web, f"{path}/varfor?layer=likeness")
    tables = [text.split("<tbody>")[1].split("</tbody>")[0] for text in pages]
    named = r'<th scope="row"><span class="on-rows">([^<]+)</span>'
    rows = [re.findall(named, table) for table in tables]
    assert sorted(name for names_ in rows for name in names_) == names
    assert max(map(len, rows)) == 5


def test_the_a4_tells_of_every_circle(long: tuple[Browser, str]) -> None:
    web, path = long
    shown = web.get(f"{path}/a4").text
    of_all = len([one for text in _pages(web, path) for one in _circles(text)])
    assert shown.count("<li><strong>") == of_all
