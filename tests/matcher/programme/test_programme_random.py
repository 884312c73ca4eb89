import random
from typing import Any

import pytest

from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.programme.files.codec import problem_from_document
from matcher.programme.rules.violations import scores, violations
from matcher.programme.solve import solve
from matcher.proof import Budget


def rich_document(seed: int) -> dict[str, Any]:
    """Any mix of everything that a problem file can say, small enough to be planned at once."""
    draw = random.Random(seed)
    days = draw.randint(1, 2)
    per_day = draw.randint(1, 4)
    kinds = ("parallel", "parallel", "parallel", "plenary", "break")
    slots = [
        {
            "id": f"d{day}s{n}",
            "start": f"2026-10-0{day}T{9 + n:02d}:00",
            "end": f"2026-10-0{day}T{9 + n:02d}:{draw.choice(('45', '55'))}",
            "kind": draw.choice(kinds),
        }
        for day in range(1, days + 1)
        for n in range(per_day)
    ]
    slot_ids = [slot["id"] for slot in slots]
    rooms = [
        {
            "id": f"r{n}",
            "capacity": draw.randint(1, 6),
            "digital": draw.random() < 0.7,
            "accessible": draw.random() < 0.7,
            "unavailable_slots": draw.sample(slot_ids, draw.randint(0, 1)),
        }
        for n in range(draw.randint(1, 3))
    ]
    people = [f"p{n}" for n in range(draw.randint(1, 8))]
    names = [f"t{n}" for n in range(draw.randint(1, 6))]
    return {
        "slots": slots,
        "rooms": rooms,
        "tracks": [{"id": "x", "focus": "organisation"}, {"id": "y", "focus": "subject"}],
        "roles": [{"id": "police", "window": draw.randint(1, 2)}, {"id": "region"}],
        "sessions": [_session(draw, name, names, slot_ids, people) for name in names],
        "people": [_person(draw, person, names) for person in people],
        "walking": [
            {"from": "r0", "to": room["id"], "minutes": draw.choice((0, 10, 20))}
            for room in rooms[1:]
        ],
        "published": [{"session": draw.choice(names), "slot": draw.choice(slot_ids), "room": "r0"}],
    }


def _session(
    draw: random.Random, name: str, names: list[str], slots: list[str], people: list[str]
) -> dict[str, Any]:
    session: dict[str, Any] = {
        "id": name,
        "duration": draw.choice((1, 1, 1, 2)),
        "repeats": draw.choice((1, 1, 2)),
        "hosts": draw.sample(people, draw.choice((0, 0, 1))),
        "unavailable_slots": draw.sample(slots, draw.choice((0, 0, 1))),
        "must_run": draw.random() < 0.15,
        "prerequisites": [one for one in names if one < name and draw.random() < 0.1],
        "roles": ["police"] if draw.random() < 0.2 else [],
        "needs": {"digital": draw.random() < 0.1},
        "tables": {"size": 2, "rounds": 2},
    }
    if draw.random() < 0.1:
        session["pin"] = {"slot": draw.choice(slots)}
    if draw.random() < 0.3:
        session["focus"] = draw.choice(("organisation", "subject"))
    return session


def _person(draw: random.Random, name: str, names: list[str]) -> dict[str, Any]:
    person: dict[str, Any] = {
        "id": name,
        "wishes": {one: draw.randint(0, 3) for one in names if draw.random() < 0.6},
        "must": [draw.choice(names)] if draw.random() < 0.2 else [],
        "roles": ["police"] if draw.random() < 0.15 else [],
        "form": draw.choice(("on_site", "on_site", "digital")),
        "accessible": draw.random() < 0.1,
    }
    if draw.random() < 0.7:
        person["body"] = f"rc{draw.randint(1, 3)}"
    if draw.random() < 0.2:
        person["arrives"] = "2026-10-01T10:30"
    return person


def plan(seed: int) -> bool:
    problem = problem_from_document(rich_document(seed))
    try:
        solution = solve(problem, Budget(0.5, 1, seed))
    except (InfeasibleError, NoSolutionInTimeError):
        return False
    assert violations(problem, solution.timetable) == ()
    assert scores(problem, solution.timetable) == solution.scores
    assert solution.scores.attended_weight <= solution.upper_bound + 1e-6
    running = {run.session for run in solution.timetable.runs}
    assert set(solution.reasons) == {session.id for session in problem.sessions} - running
    return True


def test_random_rich_problems_are_planned_without_violations() -> None:
    assert sum(plan(seed) for seed in range(12)) >= 4


@pytest.mark.full
def test_many_random_rich_problems_are_planned_without_violations() -> None:
    assert sum(plan(seed) for seed in range(300)) >= 100
