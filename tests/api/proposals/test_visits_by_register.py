"""Study visits asked of the register's own file: who is sent where, and each reason, read off its rows by hand."""

import csv
import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from importlib.resources import files

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.proposals.visits import service as visits
from api.proposals.visits.aims import RUNNING, aims_of
from api.proposals.visits.asking import all_said, asked
from api.registry import queries as registry
from api.surveys.questions import NetworkWish
from api.surveys.service import SoughtAndOffered
from api.surveys.themes import import_theme_bank
from matcher.dates.visits.problem import Host, Visitor, VisitProblem, hours_of, worth
from matcher.dates.visits.solve import pair_visits
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import browser

PAGE = "/planera/studiebesok"
Row = dict[str, str]
ROWS: dict[str, Row] = {
    row["rc_id"]: row
    for row in csv.DictReader(
        (files("api") / "registry/data/rc_registry.csv").read_text("utf-8").splitlines()
    )
}
SAYS = {
    "funding": "{host} har långsiktig finansiering klar, vilket {visitor} inte har än.",
    "support_exposed_minors": "{host} stöder våldsutsatta under 18 år, vilket {visitor} planerar.",
    "support_exposed_adults": "{host} stöder våldsutsatta över 18 år, vilket {visitor} planerar.",
}
MODEL = "{host} sitter i Barnahus, dit {visitor} är på väg."
LIKELY_MODEL = "{host} sitter i Barnahus, dit {visitor} troligen är på väg."


def _goes_to_barnahus(visitor: Row) -> bool:
    return (
        not visitor["org_model_current"]
        and visitor["org_model_planned"] == "barnahus"
        and visitor["org_model_planned_certainty"] in {"stated", "probable"}
    )


def _sees(visitor: Row, host: Row) -> list[str]:
    """Return what the host has of what the visitor is going to, by the file's rows alone."""
    found = []
    contradicted = host["org_model_planned_certainty"] == "conflicting"
    if _goes_to_barnahus(visitor) and host["org_model_current"] == "barnahus" and not contradicted:
        found.append("model")
    if visitor["funding_status"] != "secured" and host["funding_status"] == "secured":
        found.append("funding")
    ages = ("support_exposed_minors", "support_exposed_adults")
    found += [age for age in ages if visitor[age] == "planned" and host[age] == "yes"]
    planned = set(visitor["services_planned"].split(";")) - set(visitor["services"].split(";"))
    found += sorted(planned & set(host["services"].split(";")) - {""})
    return found


def _worth(things: Iterable[str]) -> int:
    return sum(100 if one == "model" else 1 for one in things)


@pytest.fixture
def real(app: FastAPI) -> FastAPI:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        import_theme_bank(session)
    return app


def _usual(session: Session) -> VisitProblem:
    wish = visits.usual_wish(registry.rcs(session))
    return visits.problem_of(session, wish, now())


def _hosts(problem: VisitProblem) -> dict[str, Host]:
    return {one.id: one for one in problem.hosts}


def test_nobody_could_see_more_of_what_it_goes_to_nor_the_same_nearer(real: FastAPI) -> None:
    with real.state.database.reading() as session:
        problem = _usual(session)
    pairs, load, hosts = dict(pair_visits(problem).pairs), Counter[str](), _hosts(problem)
    load.update(pairs.values())
    assert len(pairs) == len(problem.visitors) > 4
    for visitor in problem.visitors:
        mine, own = hosts[pairs[visitor.id]], ROWS[visitor.id]
        for other in problem.hosts:
            if load[other.id] >= other.capacity:
                continue
            gain, had = (_worth(_sees(own, ROWS[one.id])) for one in (other, mine))
            assert gain <= had, (visitor.id, mine.id, other.id)
            if gain == had:
                nearer = hours_of(problem, visitor, other) * 1.1
                assert nearer >= hours_of(problem, visitor, mine), (visitor.id, mine.id, other.id)
    # Four have their money secured, with two visits each: nobody who lacks it is sent anywhere else.
    assert {ROWS[one]["funding_status"] for one in pairs.values()} == {"secured"}


def test_every_reason_on_the_page_is_a_row_of_the_register_and_none_is_left_out(
    real: FastAPI,
) -> None:
    with real.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        problem = _usual(session)
        names = {rc.id: rc.name for rc in registry.rcs(session)}
    web = browser(real, planner)
    visitors = "&".join(f"visits={one.id}" for one in problem.visitors)
    takes = "&".join(f"takes-{one.id}=9" for one in problem.hosts)
    for host in problem.hosts:
        chosen = "&".join(f"host-{one.id}={host.id}" for one in problem.visitors)
        text = html.unescape(web.get(f"{PAGE}?asked=1&{visitors}&{takes}&{chosen}").text)
        rows = re.findall(
            r'<th scope="row">([^<]+)</th>\s*<td[^>]*><select.*?</tr>', text, re.DOTALL
        )
        cells = re.findall(
            r"<td[^>]*><select.*?</select>.*?</td>\s*<td[^>]*>.*?</td><td[^>]*>(.*?)</td></tr>",
            text,
            re.DOTALL,
        )
        said = dict(zip(rows, cells, strict=True))
        assert len(said) == len(problem.visitors)
        for visitor in problem.visitors:
            who = {"host": names[host.id], "visitor": names[visitor.id]}
            sees = _sees(ROWS[visitor.id], ROWS[host.id])
            why = said[names[visitor.id]]
            probable = ROWS[visitor.id]["org_model_planned_certainty"] == "probable"
            for thing, sentence in SAYS.items():
                assert (sentence.format(**who) in why) is (thing in sees), (who, thing, why)
            model = (LIKELY_MODEL if probable else MODEL).format(**who)
            assert (model in why) is ("model" in sees), (who, why)
            for nearer, lacks in re.findall(
                r"(?:^|\. |<p>)([^.<]+?) ligger närmare \(.*?\) men har inte ([^.]+)\.", why
            ):
                row = ROWS[next(key for key, name in names.items() if name == nearer)]
                if "finansiering" in lacks:
                    assert row["funding_status"] != "secured"
            for having in re.findall(
                r"Har inte långsiktig finansiering klar\. Det finns hos ([^.]+)\.", why
            ):
                named = [key for key, name in names.items() if name in having]
                assert named
                assert {ROWS[key]["funding_status"] for key in named} == {"secured"}


def test_what_every_host_has_decides_nothing(real: FastAPI) -> None:
    with real.state.database.reading() as session:
        problem = _usual(session)
    assert all(RUNNING in host.offers for host in problem.hosts)
    assert all(RUNNING in visitor.wants for visitor in problem.visitors)

    def without(one: Visitor) -> Visitor:
        return replace(one, wants=one.wants - {RUNNING})

    bare = replace(problem, visitors=tuple(map(without, problem.visitors)))
    ours, theirs = (worth(bare, pair_visits(one).pairs) for one in (problem, bare))
    assert ours == theirs, "what is best without it is as good with it"
    assert all(RUNNING not in aim.any_of for one in problem.visitors for aim in one.aims)


def test_what_was_asked_about_decides_between_hosts_alike_by_the_register(
    real: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Örebro asks about a theme that only Göteborg offers: the funding is as secured there, and it is farther."""
    said = {
        "orebro": SoughtAndOffered(
            "orebro", frozenset({"school", "pepp"}), frozenset(), NetworkWish.NONE
        ),
        "goteborg": SoughtAndOffered(
            "goteborg", frozenset(), frozenset({"school"}), NetworkWish.NONE
        ),
    }
    with real.state.database.reading() as session:
        wish = visits.VisitWish(
            frozenset({"orebro"}), {"goteborg": 1, "skaraborg": 1, "vastmanland": 1}
        )
        before = visits.problem_of(session, wish, now())
        monkeypatch.setattr(visits, "sought_and_offered", lambda *_: said)
        after = visits.problem_of(session, wish, now())
    assert dict(pair_visits(before).pairs) == {"orebro": "skaraborg"}
    assert dict(pair_visits(after).pairs) == {"orebro": "goteborg"}


def test_a_survey_cannot_offer_what_the_register_says_it_lacks(real: FastAPI) -> None:
    with real.state.database.reading() as session:
        rc = next(one for one in registry.rcs(session) if one.id == "gavleborg")
        offered = frozenset({"finance_longterm", "school"})
        shows = aims_of(rc, SoughtAndOffered(rc.id, frozenset(), offered, NetworkWish.NONE)).shows
    assert "school" in shows
    assert "finance_longterm" not in shows
    assert "funding=secured" not in shows


def test_the_host_reads_the_same_true_reason_as_the_planner(real: FastAPI) -> None:
    with real.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
    web = browser(real, planner)
    assert (
        web.submit(PAGE, f"{PAGE}?asked=1&visits=orebro&takes-skaraborg=1", {}).status_code == 303
    )
    with real.state.database.reading() as session:
        names = {rc.id: rc.name for rc in registry.rcs(session)}
        rows = asked(session, now())
        (said,) = all_said(session, rows, Speaker("sv")).values()
    expected = SAYS["funding"].format(host=names["skaraborg"], visitor=names["orebro"])
    assert said.why.startswith(expected)
    assert expected in html.unescape(web.get(PAGE).text)
