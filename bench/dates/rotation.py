"""Fair rotation beside the cheapest place each time, over generated series of national meetings.

Each meeting has its own eight candidate places (county seats) and its own absentees. Hours are one
way, door to door, estimated; an RC's travel is that of its farthest traveller. `possible` is the best
that any choice could do with all meetings known beforehand and at most a tenth more travel in all.
Run from the repository's root: `python -m bench.dates.rotation [--seeds N] [--meetings N]`.
"""

import argparse
import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from statistics import mean, median

from ortools.sat.python import cp_model

from api.travel.shipped import shipped_travel
from matcher.dates.meeting.problem import DateOption, MeetingProblem, PastMeeting, Person, Place
from matcher.dates.meeting.rank import Choice, rank
from matcher.geo import Point

MORE_TRAVEL = 0.10
WANTED_GAIN = 0.20
CANDIDATES = 8
PRESENT = 0.9

Policy = Callable[[MeetingProblem], Choice]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hours of the worst-off RC and of all RC together, over a whole series."""

    worst: float
    total: float


def regions() -> list[tuple[str, Point]]:
    """Return the seats of the resource centres."""
    return [(r["rc_id"], _point(r, "seat")) for r in _rows("rc_areas.csv")]


def seats() -> list[Place]:
    """Return the residence cities of the counties, as places."""
    return [
        Place(r["county_code"], r["residence_city"], _point(r, "residence"))
        for r in _rows("counties.csv")
    ]


def series(seed: int, meetings: int) -> list[MeetingProblem]:
    """Return the meetings of one series, each without history."""
    draw = random.Random(seed)
    people = [Person(name, body=name, home=home) for name, home in regions()]
    return [
        MeetingProblem(
            (DateOption("day"),),
            tuple(
                replace(place, cost=float(draw.randint(20, 80)))
                for place in draw.sample(seats(), CANDIDATES)
            ),
            tuple(person for person in people if draw.random() < PRESENT),
            travel=shipped_travel(),
        )
        for _ in range(meetings)
    ]


def run(meetings: list[MeetingProblem], policy: Policy) -> Outcome:
    """Place the meetings one after another, each knowing only what came before it."""
    history: list[PastMeeting] = []
    for problem in meetings:
        chosen = policy(replace(problem, history=tuple(history)))
        history.append(PastMeeting(dict(chosen.figures.region_hours), chosen.cheapest_hours))
    return outcome([dict(past.hours) for past in history])


def outcome(travelled: list[dict[str, float]]) -> Outcome:
    """Add the hours up per RC."""
    names = {name for hours in travelled for name in hours}
    sums = [sum(hours.get(name, 0.0) for hours in travelled) for name in names]
    return Outcome(max(sums), sum(sums))


def least_travel(problem: MeetingProblem) -> Choice:
    """Return the choice with the least travel in all."""
    return min(rank(problem).choices, key=lambda choice: choice.figures.total_hours)


def lowest_price(problem: MeetingProblem) -> Choice:
    """Return the choice whose venue costs least (prices are drawn, an example)."""
    return min(rank(problem).choices, key=lambda choice: choice.figures.cost)


def fair(problem: MeetingProblem) -> Choice:
    """Return what the engine ranks first."""
    return rank(problem).choices[0]


def possible(meetings: list[MeetingProblem], most_total: float) -> tuple[Outcome, float]:
    """Return the best series found with hindsight, and the hours that the worst-off RC has in any.

    Least for the worst-off RC within a total; the bound is the solver's and holds for every choice.
    """
    model = cp_model.CpModel()
    names = [name for name, _ in regions()]
    cumulated = {name: cp_model.LinearExpr.sum([]) for name in names}
    whole = cp_model.LinearExpr.sum([])
    options: list[list[tuple[cp_model.IntVar, dict[str, float]]]] = []
    for number, problem in enumerate(meetings):
        here = []
        for choice in rank(problem).choices:
            taken = model.new_bool_var(f"{number}")
            hours = dict(choice.figures.region_hours)
            here.append((taken, hours))
            whole += _hundredths(sum(hours.values())) * taken
            for name, spent in hours.items():
                cumulated[name] += _hundredths(spent) * taken
        model.add_exactly_one(taken for taken, _ in here)
        options.append(here)
    worst = model.new_int_var(0, _hundredths(100.0 * len(meetings)), "worst")
    for spent_by in cumulated.values():
        model.add(spent_by <= worst)
    model.add(whole <= _hundredths(most_total))
    model.minimize(worst)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = 10.0
    solver.parameters.num_workers = 2
    solver.solve(model)
    picked = [h for here in options for taken, h in here if solver.boolean_value(taken)]
    return outcome(picked), solver.best_objective_bound / 100.0


def main() -> None:
    """Print a row per series and the mean, against each meaning of the cheapest place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--meetings", type=int, default=12)
    options = parser.parse_args()
    for policy in (least_travel, lowest_price):
        _compare(policy, options.seeds, options.meetings)


def _compare(policy: Policy, seeds: int, count: int) -> None:
    print(f"against {policy.__name__.replace('_', ' ')} each time")
    print(
        "seed   worst     total        fair worst      total     found w.      total     bound w."
    )
    rows = []
    for seed in range(seeds):
        meetings = series(seed, count)
        base, ours = run(meetings, policy), run(meetings, fair)
        best, least = possible(meetings, base.total * (1.0 + MORE_TRAVEL))
        row = [_change(ours.worst, base.worst), _change(ours.total, base.total)]
        row += [_change(best.worst, base.worst), _change(best.total, base.total)]
        row.append(_change(least, base.worst))
        rows.append(row)
        shown = "".join(f"{value:+12.1%}" for value in row)
        print(f"{seed:4d} {base.worst:7.1f} h {base.total:7.1f} h {shown}")
    columns = list(zip(*rows, strict=True))
    print("mean   " + " " * 17 + "".join(f"{mean(column):+12.1%}" for column in columns))
    print("median " + " " * 17 + "".join(f"{median(column):+12.1%}" for column in columns))
    met = [row[0] <= -WANTED_GAIN and row[1] <= MORE_TRAVEL for row in rows]
    found = [row[2] <= -WANTED_GAIN for row in rows]
    ruled_out = [row[4] > -WANTED_GAIN for row in rows]
    print(
        f"wanted gain met in {sum(met)} of {len(rows)} series;"
        f" with hindsight found in {sum(found)}, proven impossible in {sum(ruled_out)}"
    )


def _change(value: float, base: float) -> float:
    return value / base - 1.0


def _hundredths(hours: float) -> int:
    return round(100.0 * hours)


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("api.registry").joinpath("data", name)
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))


def _point(row: dict[str, str], what: str) -> Point:
    return Point(float(row[f"{what}_lat"]), float(row[f"{what}_lon"]))


if __name__ == "__main__":
    main()
