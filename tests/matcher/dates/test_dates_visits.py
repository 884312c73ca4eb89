"""Study visits against brute force; a host's load, earlier visits and reasons."""

import random
from itertools import product

import pytest

from matcher.dates.solve import solve_document
from matcher.dates.visits.problem import Aim, Host, Visitor, VisitProblem, violations, worth
from matcher.dates.visits.solve import pair_visits
from matcher.geo import Point
from matcher.proof import Budget

BUDGET = Budget(seconds=10.0, workers=1)


def random_visits(seed: int) -> VisitProblem:
    draw = random.Random(seed)

    def somewhere() -> Point:
        return Point(draw.uniform(55.5, 66.0), draw.uniform(12.0, 22.0))

    hosts = tuple(
        Host(f"h{n}", somewhere(), draw.randint(0, 2), frozenset(draw.sample("xyz", 2)))
        for n in range(draw.randint(1, 4))
    )
    visitors = tuple(
        Visitor(
            f"v{n}",
            somewhere(),
            frozenset(draw.sample("xyz", draw.randint(0, 1))),
            frozenset(draw.sample([host.id for host in hosts], draw.randint(0, 1))),
            tuple(
                Aim(frozenset(draw.sample("xyz", draw.randint(1, 2))), draw.choice([1, 2, 5]))
                for _ in range(draw.randint(0, 3))
            ),
        )
        for n in range(draw.randint(1, 5))
    )
    return VisitProblem(visitors, hosts, draw.choice([None, 5.0]))


@pytest.mark.parametrize("seed", range(25))
def test_pairs_agree_with_brute_force(seed: int) -> None:
    problem = random_visits(seed)
    best: tuple[int, int, int, int] | None = None
    choices = [None, *(host.id for host in problem.hosts)]
    for chosen in product(choices, repeat=len(problem.visitors)):
        pairs = tuple(
            (visitor.id, host)
            for visitor, host in zip(problem.visitors, chosen, strict=True)
            if host is not None
        )
        if not violations(problem, pairs):
            value = worth(problem, pairs)
            best = value if best is None else min(best, value)
    found = pair_visits(problem)
    assert violations(problem, found.pairs) == ()
    assert worth(problem, found.pairs) == best
    levels = (found.left_out, found.missed, found.minutes, found.seen)
    assert tuple(level.objective for level in levels) == best


def test_what_one_is_on_the_way_to_goes_before_the_nearest_and_most_to_see_within_the_margin() -> (
    None
):
    home = Point(57.78, 14.16)
    near = Host("near", Point(57.7, 12.0), 2, frozenset({"teams", "money"}))
    goal = Host("goal", Point(58.39, 13.85), 2, frozenset({"barnahus"}))
    more = Host("more", Point(58.41, 13.85), 2, frozenset({"barnahus", "money"}))
    visitor = Visitor(
        "v", home, frozenset({"barnahus", "money"}), aims=(Aim(frozenset({"barnahus"})),)
    )

    def chosen(*hosts: Host) -> str:
        return pair_visits(VisitProblem((visitor,), hosts)).pairs[0][1]

    assert chosen(near) == "near", "better than no visit"
    assert chosen(near, goal) == "goal"
    assert chosen(near, goal, more) == "more", "two km farther, and twice as much to see"


def test_what_a_host_has_of_the_aims_decides_by_weight_and_what_all_have_decides_nothing() -> None:
    home = Point(59.27, 15.21)
    all_have = Aim(frozenset({"start"}), 50)
    money, model = Aim(frozenset({"money"}), 2), Aim(frozenset({"barnahus"}), 5)
    near = Host("near", Point(59.61, 16.54), 1, frozenset({"start"}))
    rich = Host("rich", Point(58.39, 13.85), 1, frozenset({"start", "money"}))
    farther = Host("farther", Point(56.88, 14.81), 1, frozenset({"start", "money"}))
    house = Host("house", Point(65.58, 22.15), 1, frozenset({"start", "barnahus"}))

    def chosen(*aims: Aim) -> str:
        visitor = Visitor("v", home, aims=aims)
        return pair_visits(VisitProblem((visitor,), (near, rich, farther, house))).pairs[0][1]

    assert chosen(all_have) == "near"
    assert chosen(all_have, money) == "rich", "the nearest of those that have it"
    assert chosen(all_have, money, model) == "house"


def test_document_says_why_a_nearer_host_was_not_chosen() -> None:
    visitors = [{"id": f"v{n}", "lat": 59.0, "lon": 15.0 + n / 10} for n in range(2)]
    hosts = [
        {"id": "near", "lat": 59.0, "lon": 15.0, "capacity": 1},
        {"id": "far", "lat": 60.0, "lon": 15.0, "capacity": 5},
    ]
    found = solve_document({"visitors": visitors, "hosts": hosts}, BUDGET)
    assert found["status"] == "optimal"
    assert [(pair["visitor"], pair["host"]) for pair in found["pairs"]] == [
        ("v0", "near"),
        ("v1", "far"),
    ]
    assert found["pairs"][1]["nearer"] == [{"host": "near", "why_not": "is full (1 of 1)"}]
    assert found["hosts"][0] == {"id": "near", "visits": 1, "capacity": 1}
    assert found["unpaired"] == []


def test_visitor_without_a_host_is_told_why_for_each_host() -> None:
    point = {"lat": 59.0, "lon": 15.0}
    found = solve_document(
        {"visitors": [{"id": "v", **point, "visited": ["h"]}], "hosts": [{"id": "h", **point}]},
        BUDGET,
    )
    assert found["unpaired"] == [
        {"visitor": "v", "reasons": [{"host": "h", "why_not": "has been there before"}]}
    ]
