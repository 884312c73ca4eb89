"""Every sentence about RC on the demonstration's pages and in its mails, judged by the register's CSV files alone.

What the pages may say of an RC is read by `tests.register_apart`, which knows nothing of the product.
A sentence with an RC's name in it that it cannot read is a fault too: nothing goes by unjudged.
"""

import html
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.accounts.models import Role
from api.app import create_app
from api.kit.clock import now
from api.kit.settings import Settings
from api.proposals.networks import service
from api.proposals.networks.building import Choice, weights_of
from api.start.service import demo_people
from matcher.groups.files.presets import WEIGHTINGS
from tests.e2e.site import made_demo, make_demo
from tests.register_apart import is_true, judge, names, register, sentences, who
from tests.solving import matched
from tests.web import Browser, browser

# A sentence of a page with the circle that it is about, and the RC of its row.
Told = tuple[str, tuple[str, ...], str]
OFFERS = re.compile(r"(.+?) kan visa det som (.+?) söker: (.+)\.")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[FastAPI, Path, list[str]]:
    """The demonstration with a proposal by each other preset, their pages' ids, and its database's file."""
    url = make_demo(tmp_path_factory.mktemp("true"))
    app = create_app(Settings(database=url, base_url="http://testserver", is_demo=True))
    made = []
    with app.state.database.transaction() as session:
        for weighting in WEIGHTINGS[1:]:
            choice = Choice(likeness=weights_of(weighting.weights), stability=0.0)
            problem = service.networks_problem(session, choice, now())
            proposal = service.propose_networks(session, problem, choice, weighting.key, "x", now())
            service.record_answer(session, proposal, matched(proposal.problem))
            made.append(proposal.id)
    return app, Path(url.removeprefix("sqlite:///")), made


@pytest.fixture(scope="module")
def planner(demo: tuple[FastAPI, Path, list[str]]) -> Browser:
    with demo[0].state.database.transaction() as session:
        person = next(one for one in demo_people(session) if one.role == Role.PLANNER)
    return browser(demo[0], person.person_id)


def text(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def page(web: Browser, path: str) -> str:
    answer = web.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.text).partition("<main")[2]


def cards(source: str) -> Iterator[Told]:
    """Cards of a proposal: the RC of a circle as links, then why, then each reason with its lines."""
    for card in source.split('<li class="card circle')[1:]:
        circle = tuple(re.findall(r'data-lights="([^"]+)"', card)[0].split())
        details = card.partition("<details")[2].partition("</details>")[0]
        why = re.findall(r"<p>(.+?)</p>", details, re.DOTALL)[0]
        yield from ((one, circle, "") for one in sentences(text(why)))
        for line in re.findall(r"<li>(.+?)(?: <span class=\"soft\">|</li>)", details):
            yield from ((one, circle, "") for one in sentences(text(line)))


def rows(source: str, columns: slice, *, has_mates: bool) -> Iterator[Told]:
    """Rows of a table whose heading cell is an RC; what a phone's card says once more is left out."""
    source = re.sub(r'<details class="on-cards">.*?</details>', "", source, flags=re.DOTALL)
    for row in re.findall(r"<tr><th scope=\"row\">(.+?)</tr>", source, re.DOTALL):
        cells = [text(one) for one in re.split(r"</t[hd]>", row)]
        if cells[0] not in names():
            continue
        about = names()[cells[0]]
        circle = (about, *who(cells[1], ())) if has_mates else ()
        for cell in cells[columns]:
            yield from (
                (one, circle, about) for one in sentences(cell) if not re.match("–|Fyll i", one)
            )


def offers(file: Path) -> dict[str, tuple[set[str], set[str]]]:
    """What each RC offers and seeks in the surveys' answers, read with SQL alone; titles by id beside."""
    found: dict[str, tuple[set[str], set[str]]] = {key: (set(), set()) for key in register()}
    with sqlite3.connect(file) as base:
        for rc, answer in base.execute("select rc_id, answer from survey_answer"):
            given = json.loads(answer)
            found[rc][0].update(given["offers"])
            found[rc][1].update(theme for theme, weight in given["weights"].items() if weight)
    for key, row in register().items():
        found[key][0].update(re.split(r"[;, ]+", row.get("can_show") or ""))
    return found


def titles(file: Path) -> dict[str, str]:
    with sqlite3.connect(file) as base:
        return {name: key for key, name in base.execute("select id, name_sv from theme")}


def verdict(told: Told, file: Path) -> bool | None:
    sentence, circle, about = told
    found = OFFERS.fullmatch(sentence)
    if found is None:
        return judge(sentence, circle, about)
    (giver,), (seeker,) = who(found[1], circle), who(found[2], circle)
    themes = {titles(file)[one] for one in re.findall("”(.+?)”", found[3])}
    known = offers(file)
    return bool(themes) and themes <= known[giver][0] and themes <= known[seeker][1]


def judged(told: Iterator[Told], file: Path) -> Counter[bool | None]:
    """Judge all; what is untrue, or names an RC and cannot be read, fails with its words."""
    count: Counter[bool | None] = Counter()
    for one in told:
        found = verdict(one, file)
        assert found is not False, one
        if found is None:
            assert not any(name in one[0] for name in names()), one
            assert not re.match(r"(Ni|Era|Det är) ", one[0]), one
        count[found] += 1
    return count


def test_all_claims_of_the_json_and_its_reasons_are_true(tmp_path: Path) -> None:
    file = Path(make_demo(tmp_path).removeprefix("sqlite:///"))
    document = made_demo()
    assert isinstance(document["networks"], list)
    known, of_kind = offers(file), Counter[str]()
    for network in document["networks"]:
        circle = tuple(one["id"] for one in network["members"])
        for claim in network["evidence"]:
            of_kind[claim["claim"]] += 1
            assert set(claim["members"]) <= set(circle)
            if claim["claim"] == "offers":
                giver, seeker = claim["members"]
                assert claim["fact"] in known[giver][0], claim
                assert claim["fact"] in known[seeker][1], claim
            else:
                assert is_true(claim), claim
        why = judged(((one, circle, "") for one in sentences(network["why"])), file)
        assert why[True] >= 1
        assert why[None] == 0
    assert of_kind.total() >= 3 * 15


def test_circles_pages_and_sheets_say_what_is_true(
    demo: tuple[FastAPI, Path, list[str]], planner: Browser
) -> None:
    document = made_demo()
    assert isinstance(document["networks"], list)
    overview = page(planner, "/natverk")
    for network in document["networks"]:
        circle = tuple(one["id"] for one in network["members"])
        path = f"/natverk/{network['id']}"
        card = overview.partition(f'href="{path}"')[2].partition('<li class="card')[0]
        own = page(planner, path)
        told = [text(re.findall(r"<p>(.+?)</p>", card, re.DOTALL)[0])]
        told += [text(one) for one in re.findall(r'<p class="lead">(.+?)</p>', own, re.DOTALL)]
        told += [
            text(line)
            for line in re.findall(
                r"<li>(.+?)(?: <span class=\"soft small\">|</li>)",
                own.partition('<details class="no-print"')[2].partition("</details>")[0],
            )
        ]
        told += re.findall(r'<p class="lead">(.+?)</p>', page(planner, f"{path}/a4"), re.DOTALL)
        count = judged(
            ((one, circle, "") for part in told for one in sentences(text(part))), demo[1]
        )
        assert count[True] >= 8, network["name"]


def test_every_proposal_its_why_and_its_comparison_say_what_is_true(
    demo: tuple[FastAPI, Path, list[str]], planner: Browser
) -> None:
    _, file, made = demo
    compared: Counter[bool | None] = Counter()
    for proposal in made:
        path = f"/planera/natverk/{proposal}"
        review = judged(cards(page(planner, path)), file)
        why = judged(rows(page(planner, f"{path}/varfor"), slice(2, 5), has_mates=True), file)
        for other in ("idag", *made):
            if other != proposal:
                source = page(planner, f"{path}/jamfor?med={other}")
                compared += judged(rows(source, slice(4, 6), has_mates=False), file)
        assert review[True] > 60
        assert why[True] > 80
    assert compared[True] > 100
