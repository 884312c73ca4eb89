"""Small problems of wishes, seats and hosts alone are planned best, and proven so, in no time."""

import json

import pytest

from matcher.programme.files.codec import read_problem
from matcher.programme.places import Places
from matcher.programme.problem import Run
from matcher.programme.rooms.assign import assign_rooms
from matcher.programme.solve import solve
from matcher.proof import Budget

Wishes = dict[str, dict[str, float]]


def problem_text(
    slots: int,
    capacities: list[int | None],
    sessions: dict[str, dict[str, list[str]]],
    wishes: Wishes,
) -> str:
    rooms = [
        {"id": f"r{number}"} | ({} if seats is None else {"capacity": seats})
        for number, seats in enumerate(capacities)
    ]
    document = {
        "slots": [{"id": f"s{number}"} for number in range(slots)],
        "rooms": rooms,
        "sessions": [{"id": name} | more for name, more in sessions.items()],
        "people": [{"id": name, "wishes": own} for name, own in wishes.items()],
    }
    return json.dumps(document)


# The best weight of each was found by trying everything.
@pytest.mark.parametrize(
    ("text", "most"),
    [
        (
            problem_text(
                3,
                [3, 1],
                {
                    "t0": {"hosts": ["p1"]},
                    "t1": {"hosts": ["p2"]},
                    "t2": {"hosts": ["p2"]},
                    "t3": {"hosts": ["p1"], "unavailable_slots": ["s1"]},
                },
                {
                    "p0": {"t0": 2, "t2": 1},
                    "p1": {"t1": 3},
                    "p2": {"t0": 2, "t3": 1, "t2": 1},
                },
            ),
            9.0,
        ),
        (
            problem_text(
                2,
                [1, None],
                {
                    "t0": {"unavailable_slots": ["s0"]},
                    "t1": {"unavailable_slots": ["s0"]},
                    "t2": {"hosts": ["h1"]},
                    "t3": {"hosts": ["h1"]},
                },
                {
                    "p0": {"t0": 0.5, "t1": 0.5, "t3": 3, "t2": 2},
                    "p1": {"t3": 2},
                    "p2": {"t1": 0.5},
                    "p3": {"t1": 3, "t2": 3, "t3": 0.5},
                },
            ),
            13.0,
        ),
        (
            problem_text(
                2,
                [1, 40],
                {
                    "t0": {},
                    "t1": {"hosts": ["p1"]},
                    "t2": {"hosts": ["p1"]},
                    "t3": {"unavailable_slots": ["s0"]},
                },
                {
                    "p0": {"t0": 3, "t1": 1},
                    "p1": {},
                    "p2": {"t2": 3},
                    "p3": {"t0": 1, "t3": 1, "t2": 0.5, "t1": 2},
                },
            ),
            9.5,
        ),
    ],
)
def test_the_best_plan_is_found_and_proven(text: str, most: float) -> None:
    solution = solve(read_problem(text), Budget(10.0, 1))
    assert solution.scores.attended_weight == most
    assert solution.upper_bound == pytest.approx(most)
    assert solution.gap == 0.0


def test_a_room_is_given_by_where_hosts_are_and_not_by_what_they_wish() -> None:
    # The host of `law` wishes for `case`, but is not there: two come to `law`, one to `case`.
    text = problem_text(
        1,
        [1, 2],
        {"law": {"hosts": ["h"]}, "case": {}},
        {"h": {"case": 1}, "p": {"law": 1}, "q": {"case": 1}},
    )
    runs = (Run("law", "s0", "r0"), Run("case", "s0", "r1"))
    given = {run.session: run.room for run in assign_rooms(Places(read_problem(text)), runs)}
    assert given == {"law": "r1", "case": "r0"}
