"""Long topics, repeats, orders and hosts mixed: the engine against trying everything, and what it says."""

import json
import random
from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import pytest

from matcher.effort import Effort
from matcher.errors import InfeasibleError
from matcher.programme.files.answer import answer_document
from matcher.programme.files.codec import read_problem
from matcher.programme.problem import Problem, Run, Session
from matcher.programme.solve import solve
from matcher.proof import Budget

Json = dict[str, Any]
SLOTS = ("s0", "s1", "s2")
QUICK = Budget(2.0, 1, 0)


def random_document(chance: random.Random) -> Json:
    names = ["t0", "t1", "t2"][: chance.choice((2, 2, 3))]
    people = ["p0", "p1", "p2"]
    sessions: list[Json] = []
    for number, name in enumerate(names):
        one: Json = {
            "id": name,
            "hosts": chance.sample([*people, "outside"], chance.choice((0, 1, 1))),
        }
        one["duration"], one["repeats"] = chance.choice((1, 1, 2)), chance.choice((1, 1, 2))
        if number and chance.random() < 0.5:
            one["prerequisites"] = [names[chance.randrange(number)]]
        sessions.append(one)
    return {
        "slots": [{"id": one, "day": "d"} for one in SLOTS],
        "rooms": [{"id": "r0"}, {"id": "r1"}],
        "sessions": sessions,
        "people": [
            {
                "id": one,
                "wishes": {name: chance.randint(1, 3) for name in names if chance.random() < 0.7},
                "unavailable_slots": [SLOTS[0]] if chance.random() < 0.3 else [],
            }
            for one in people
        ],
    }


def filled(session: Session, start: int) -> set[int]:
    return set(range(start, start + session.duration))


def placings(problem: Problem) -> Iterator[list[tuple[Session, int]]]:
    """Every way to let the topics begin; two rooms, leaders and orders looked at."""
    options = []
    for session in problem.sessions:
        starts = [s for s in range(3) if s + session.duration <= 3 and is_led(problem, session, s)]
        own = [(), *((s,) for s in starts)]
        if session.repeats > 1:
            own += [
                pair
                for pair in combinations(starts, 2)
                if not filled(session, pair[0]) & filled(session, pair[1])
            ]
        options.append(own)
    for chosen in product(*options):
        runs = [
            (session, s) for session, own in zip(problem.sessions, chosen, strict=True) for s in own
        ]
        if all(sum(s in filled(*one) for one in runs) <= 2 for s in range(3)) and is_orderly(runs):
            yield runs


def is_led(problem: Problem, session: Session, start: int) -> bool:
    away = {one.id: one.unavailable_slots for one in problem.people}
    return all(
        SLOTS[s] not in away.get(h, ()) for h in session.hosts for s in filled(session, start)
    )


def is_orderly(runs: list[tuple[Session, int]]) -> bool:
    for (one, at), (other, then) in combinations(runs, 2):
        if one.hosts & other.hosts and filled(one, at) & filled(other, then):
            return False
    return all(
        any(one.id == needed and max(filled(one, at)) < then for one, at in runs)
        for session, then in runs
        for needed in session.prerequisites
    )


def most_weight(problem: Problem) -> float:
    return max(
        sum(best_agenda(runs, person.id, problem) for person in problem.people)
        for runs in placings(problem)
    )


def best_agenda(runs: list[tuple[Session, int]], person: str, problem: Problem) -> float:
    """The most that one person can be granted: rooms have no limit, so nobody stands in the way."""
    one = next(each for each in problem.people if each.id == person)
    led = [run for run in runs if person in run[0].hosts]
    others = [run for run in runs if person not in run[0].hosts]
    best = 0.0
    for size in range(len(others) + 1):
        for chosen in combinations(others, size):
            own = [*led, *chosen]
            if len({session.id for session, _ in chosen}) == size and can_follow(
                own, chosen, one.unavailable_slots
            ):
                best = max(best, sum(one.wishes.get(name, 0.0) for name in {s.id for s, _ in own}))
    return best


def can_follow(
    own: list[tuple[Session, int]], chosen: tuple[tuple[Session, int], ...], away: frozenset[str]
) -> bool:
    taken = [s for run in own for s in filled(*run)]
    if len(taken) != len(set(taken)) or any(SLOTS[s] in away for s in taken):
        return False
    return all(
        any(one.id == needed and max(filled(one, at)) < then for one, at in own)
        for session, then in chosen
        for needed in session.prerequisites
    )


@pytest.mark.parametrize("seed", range(25))
def test_no_random_mix_is_called_impossible_or_planned_worse_than_trying_everything(
    seed: int,
) -> None:
    problem = read_problem(json.dumps(random_document(random.Random(seed))))
    assert solve(problem, QUICK).scores.attended_weight == pytest.approx(most_weight(problem))


@pytest.mark.full
def test_hundreds_of_random_mixes_agree_with_trying_everything() -> None:
    for seed in range(100, 500):
        problem = read_problem(json.dumps(random_document(random.Random(seed))))
        found = solve(problem, QUICK).scores.attended_weight
        assert found == pytest.approx(most_weight(problem)), seed


def planned(document: Json, seconds: float = 2.0) -> Json:
    problem = read_problem(json.dumps(document))
    return answer_document(problem, solve(problem, Budget(seconds, 1, 0)), 0)


def base(**more: Any) -> Json:  # noqa: ANN401 - any part of the document
    parts: Json = {"slots": [{"id": "s1"}, {"id": "s2"}], "rooms": [{"id": "r1"}], "people": []}
    return parts | more


@pytest.mark.parametrize(("seats", "granted"), [(2, 0.0), (3, 1.0), (4, 2.0)])
def test_leaders_from_outside_take_seats(seats: int, granted: float) -> None:
    answer = planned(
        base(
            rooms=[{"id": "r1", "capacity": seats}],
            sessions=[{"id": "a", "hosts": ["h1", "h2"]}],
            people=[{"id": "p1", "wishes": {"a": 1}}, {"id": "p2", "wishes": {"a": 1}}],
        )
    )
    assert answer["attended_weight"] == granted


def test_a_must_that_cannot_be_is_named_with_person_session_and_reason() -> None:
    answer = planned(
        base(
            rooms=[{"id": "r1", "capacity": 1}],
            sessions=[{"id": "a"}],
            people=[{"id": "p", "must": ["a"]}, {"id": "q", "must": ["a"]}],
        )
    )
    (unmet,) = answer["unmet_musts"]
    assert unmet["session"] == "a"
    assert unmet["reason"] == "r1 holds 1, and they are there."
    missed = {name: one["missed"] for name, one in answer["people"].items()}
    assert [one["must"] for one in missed[unmet["person"]]] == [True]


def test_two_musts_at_once_are_named_too() -> None:
    answer = planned(
        base(
            slots=[{"id": "s1"}],
            rooms=[{"id": "r1"}, {"id": "r2"}],
            sessions=[{"id": "a", "must_run": True}, {"id": "b", "must_run": True}],
            people=[{"id": "p", "must": ["a", "b"], "wishes": {"a": 1, "b": 1}}],
        )
    )
    (unmet,) = answer["unmet_musts"]
    assert unmet["reason"].startswith("p is in ")


@pytest.mark.parametrize("wish", [0.001, 1.0])
def test_what_is_published_stays_where_people_were_told(wish: float) -> None:
    told = [("a", "s1", "r1"), ("b", "s2", "r2"), ("d", "s2", "r1")]
    answer = planned(
        base(
            rooms=[{"id": "r1"}, {"id": "r2"}],
            sessions=[{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d"}],
            people=[{"id": f"p{n}", "wishes": {"a": 1, "b": 1, "c": wish}} for n in range(4)],
            published=[{"session": one, "slot": slot, "room": room} for one, slot, room in told],
        )
    )
    stand = {name: (one["slot"], one["room"]) for name, one in answer["sessions"].items()}
    assert [stand[one] for one, _, _ in told] == [(slot, room) for _, slot, room in told]
    assert stand["c"] == ("s1", "r2")  # what is new goes where there is room
    assert answer["scores"]["change"] == 0


def test_what_is_published_and_loses_its_place_runs_elsewhere_rather_than_not_at_all() -> None:
    """Somebody must be in a and is only here when b was to run: b takes the place of a, wished for or not."""
    answer = planned(
        base(
            rooms=[{"id": "r1"}],
            sessions=[{"id": "a"}, {"id": "b", "hosts": ["h"]}],
            people=[{"id": "p", "must": ["a"], "unavailable_slots": ["s1"]}, {"id": "h"}],
            published=[
                {"session": "a", "slot": "s1", "room": "r1"},
                {"session": "b", "slot": "s2", "room": "r1"},
            ],
        )
    )
    assert {name: one["slot"] for name, one in answer["sessions"].items()} == {"a": "s2", "b": "s1"}
    assert answer["people"]["h"]["agenda"] == [{"slot": "s1", "session": "b"}]


CAUSES: dict[str, tuple[Json, str]] = {
    "leader away": (
        {"sessions": [{"id": "a", "hosts": ["h"], "pin": {"slot": "s1"}, "must_run": True}],
         "people": [{"id": "h", "unavailable_slots": ["s1"]}]},
        "h, who leads a, is not here then",
    ),
    "one leader": (
        {"slots": [{"id": "s1"}], "rooms": [{"id": "r1"}, {"id": "r2"}],
         "sessions": [{"id": "a", "hosts": ["h"], "must_run": True}, {"id": "b", "hosts": ["h"], "must_run": True}]},
        "h leads a, b, one at a time",
    ),
    "excluded": (
        {"sessions": [{"id": "a", "unavailable_slots": ["s1", "s2"], "must_run": True}]},
        "a excludes the slots that are left for it",
    ),
    "too long": (
        {"sessions": [{"id": "a", "duration": 3, "must_run": True}]},
        "a fills 3 slots in a row of one day without a break",
    ),
    "no room": (
        {"sessions": [{"id": "a", "needs": {"digital": True}, "must_run": True}]},
        "no room that is free then has what a needs",
    ),
    "rooms forbidden": (
        {"sessions": [{"id": "a", "rooms": {"forbidden": ["r1"]}, "must_run": True}]},
        "a is not to be in the rooms that are left for it",
    ),
    "rooms too small for its leaders": (
        {"rooms": [{"id": "r1", "capacity": 2}],
         "sessions": [{"id": "a", "hosts": ["x", "y", "z"], "must_run": True}]},
        "no room that is left for a holds the 3 who lead it",
    ),
    "leader from afar": (
        {"sessions": [{"id": "a", "hosts": ["h"], "must_run": True}], "people": [{"id": "h", "form": "digital"}]},
        "h, who leads a, cannot take part in the rooms that are left for it",
    ),
    "pause": (
        {"slots": [{"id": "s1", "start": "2027-02-01T09:00", "end": "2027-02-01T10:00"},
                   {"id": "s2", "start": "2027-02-01T10:10", "end": "2027-02-01T11:00"}],
         "sessions": [{"id": "a", "hosts": ["h"], "must_run": True}, {"id": "b", "hosts": ["h"], "must_run": True}],
         "leader_pause": 20},
        "h, who leads a, b, has a pause of 20 minutes between them",
    ),
    "break": (
        {"slots": [{"id": "s1", "kind": "break"}, {"id": "s2"}], "sessions": [{"id": "a", "pin": {"slot": "s1"}}]},
        "s1 is a break",
    ),
    "plenary": (
        {"slots": [{"id": "s1", "kind": "plenary"}], "rooms": [{"id": "r1"}, {"id": "r2"}],
         "sessions": [{"id": "a", "pin": {"slot": "s1"}}, {"id": "b", "pin": {"slot": "s1"}}]},
        "s1 is for one session alone",
    ),
    "walk": (
        {"slots": [{"id": "s1", "start": "2027-02-01T09:00", "end": "2027-02-01T10:00"},
                   {"id": "s2", "start": "2027-02-01T10:10", "end": "2027-02-01T11:00"}],
         "rooms": [{"id": "r1"}, {"id": "r2"}],
         "sessions": [{"id": "a", "hosts": ["h"], "pin": {"slot": "s1", "room": "r1"}},
                      {"id": "b", "hosts": ["h"], "pin": {"slot": "s2", "room": "r2"}}],
         "walking": [{"from": "r1", "to": "r2", "minutes": 15}]},
        "who leads two sessions has time to walk between their rooms",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CAUSES)
def test_what_stands_in_the_way_is_named_beside_the_rules(case: str) -> None:
    parts, cause = CAUSES[case]
    with pytest.raises(InfeasibleError) as caught:
        planned(base(**parts))
    said = caught.value.conflict
    assert cause in said
    assert len(said) > 1, "a rule alone is no cause"
    assert case == "one leader" or not any("one at a time" in one for one in said)


UNPLACED: dict[str, Json] = {
    "too_long": {"sessions": [{"id": "a", "duration": 3}]},
    "host_away": {
        "sessions": [{"id": "a", "hosts": ["h"]}],
        "people": [{"id": "h", "unavailable_slots": ["s1", "s2"]}],
    },
    "excluded": {"sessions": [{"id": "a", "unavailable_slots": ["s1", "s2"]}]},
    "no_room": {"sessions": [{"id": "a", "needs": {"digital": True}}]},
    "window_too_short": {
        "roles": [{"id": "guest", "window": 1}],
        "sessions": [{"id": "a", "roles": ["guest"]}, {"id": "b", "roles": ["guest"], "must_run": True}],
        "people": [{"id": "g", "roles": ["guest"]}],
    },
    "longer_than_window": {
        "slots": [{"id": "s1", "day": "d"}, {"id": "s2", "day": "d"}],
        "roles": [{"id": "guest", "window": 1}],
        "sessions": [{"id": "a", "roles": ["guest"], "duration": 2}],
    },
    "too_early_or_late": {
        "slots": [{"id": "s1", "start": "2027-02-01T09:00", "end": "2027-02-01T10:00"}],
        "sessions": [{"id": "a", "not_before": "2027-02-01T10:00"}],
    },
    "rooms_forbidden": {"sessions": [{"id": "a", "rooms": {"forbidden": ["r1"]}}]},
    "rooms_too_small": {
        "rooms": [{"id": "r1", "capacity": 1}],
        "sessions": [{"id": "a", "hosts": ["x", "y"]}],
    },
    "leader_cannot_reach": {
        "sessions": [{"id": "a", "hosts": ["h"]}],
        "people": [{"id": "h", "accessible": True}],
    },
    "first_is_missing": {
        "sessions": [{"id": "b", "unavailable_slots": ["s1", "s2"]}, {"id": "a", "prerequisites": ["b"]}],
    },
    "order_broken": {
        "slots": [{"id": "s1"}], "rooms": [{"id": "r1"}, {"id": "r2"}],
        "sessions": [{"id": "b", "must_run": True}, {"id": "a", "prerequisites": ["b"]}],
    },
    "all_places_taken": {
        "slots": [{"id": "s1"}], "sessions": [{"id": "b", "must_run": True}, {"id": "a"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", UNPLACED)
def test_a_topic_that_does_not_run_has_its_real_reason(kind: str) -> None:
    parts: Json = {"people": [], **UNPLACED[kind]}
    parts["people"] = [*parts["people"], {"id": "p", "wishes": {"a": 1}}]
    answer = planned(base(**parts))
    assert answer["sessions"]["a"]["reason_kind"] == kind
    (missed,) = answer["people"]["p"]["missed"]
    assert missed["reason"] == f"a does not run: {answer['sessions']['a']['reason']}"


def many_long_topics() -> Json:
    chance = random.Random(5)
    names = [f"t{number}" for number in range(24)]
    return {
        "slots": [{"id": f"s{number}", "day": f"d{number // 6}"} for number in range(12)],
        "rooms": [{"id": f"r{number}"} for number in range(4)],
        "sessions": [{"id": one, "duration": 1 + number % 2} for number, one in enumerate(names)],
        "people": [
            {
                "id": f"p{n}",
                "wishes": {one: chance.randint(1, 5) for one in chance.sample(names, 6)},
            }
            for n in range(30)
        ],
    }


def test_long_topics_are_placed_however_little_is_done() -> None:
    """Counted in work: one topic may be left out for the sake of more wishes at a moment of the search."""
    problem = read_problem(json.dumps(many_long_topics()))
    for work in (0.001, 0.1, 1.0):
        answer = answer_document(problem, solve(problem, Budget(60.0, 1, 0, work=work)), 0)
        left = [name for name, one in answer["sessions"].items() if one["slot"] is None]
        assert left == []


def test_the_search_grants_long_topics_as_it_grants_short_ones() -> None:
    from matcher.programme.places import Places  # noqa: PLC0415
    from matcher.programme.search.bounds import weight_bound  # noqa: PLC0415
    from matcher.programme.search.improve import improve  # noqa: PLC0415
    from matcher.programme.structure.construct import construct  # noqa: PLC0415
    from matcher.programme.watch import Watch  # noqa: PLC0415

    places = Places(read_problem(json.dumps(many_long_topics())))
    first = construct(places, QUICK)
    found = improve(places, first, weight_bound(places), Effort(Budget(60.0, work=1.0)), Watch())
    filled_cells = [(slot, run.room) for run in found for slot in places.timeline.filled_ids(run)]
    assert len(filled_cells) == len(set(filled_cells))
    assert {run.session for run in found} == {session.id for session in places.problem.sessions}
    assert all(isinstance(run, Run) for run in found)
