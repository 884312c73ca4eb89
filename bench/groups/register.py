"""`python -m bench.groups.register`: the register's layers, fairness and random rules, each with its proof and seconds."""

import csv
import math
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from matcher.groups.files.presets import EXPERIENCE, GIVER_CAP, LIKENESS, NEARNESS, REPEATED_PAIR
from matcher.groups.model.layer import Attribute, Layer, Member, Weight
from matcher.groups.model.problem import Problem
from matcher.groups.rules import violations
from matcher.groups.solve import solve
from matcher.proof import Budget

DATA = Path(__file__).parents[2] / "api" / "registry" / "data"
OPERATIONAL = {"partly", "operative"}


def register(count: int = 16) -> Problem:
    """The 16 RC, and generated ones up to `count`, in three layers with caps and travel."""
    with (DATA / "rc_registry.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (DATA / "rc_areas.csv").open(encoding="utf-8") as file:
        areas = {row["rc_id"]: row for row in csv.DictReader(file)}
    phases = [row["establishment_status"] in OPERATIONAL for row in rows]
    models = [row["org_model_current"] or row["org_model_planned"] or None for row in rows]
    land = [math.log10(float(areas[row["rc_id"]]["land_area_km2"])) for row in rows]
    places = [
        (float(areas[row["rc_id"]]["seat_lat"]), float(areas[row["rc_id"]]["seat_lon"]))
        for row in rows
    ]
    support = {
        name: [row[name] or None for row in rows]
        for name in ("support_exposed_any", "support_exposed_minors", "support_exposed_adults")
    }
    ids = [row["rc_id"] for row in rows]
    draw = random.Random(1)
    for number in range(count - len(rows)):
        ids.append(f"generated{number}")
        phases.append(draw.choice(phases))
        models.append(draw.choice(models))
        land.append(draw.choice(land))
        places.append((draw.uniform(55.6, 66.0), draw.uniform(12.0, 20.0)))
        for values in support.values():
            values.append(draw.choice(values))
    attributes = (
        Attribute("phase_band", "category", tuple(str(phase) for phase in phases)),
        Attribute("model", "category", tuple(models)),
        Attribute("log10_land_km2", "number", tuple(land)),
        Attribute("geography", "place", tuple(places)),
        *(Attribute(name, "category", tuple(values)) for name, values in support.items()),
    )
    members = tuple(
        Member(member, is_operational=phase) for member, phase in zip(ids, phases, strict=True)
    )
    layers = (LIKENESS, NEARNESS, EXPERIENCE)
    return Problem(members, attributes, layers, repeated_pair=REPEATED_PAIR, giver_cap=GIVER_CAP)


def random_rules(count: int, seed: int) -> Problem:
    """Gower over mixed attributes with unknown values, and rules of every kind about one network."""
    draw = random.Random(seed)
    names = [None, "a", "b", "c"]
    attributes = (
        Attribute("x", "number", tuple(draw.random() for _ in range(count))),
        Attribute("y", "number", tuple(draw.random() for _ in range(count))),
        Attribute("z", "category", tuple(draw.choice(names) for _ in range(count))),
        Attribute("w", "category", tuple(draw.choice(names) for _ in range(count))),
    )
    members = tuple(
        Member(f"m{number}", is_operational=draw.random() < 0.6) for number in range(count)
    )
    pairs = [tuple(draw.sample(range(count), 2)) for _ in range(count // 3)]
    layer = Layer(
        "rules",
        3,
        4,
        tuple(Weight(attribute.name, 1.0) for attribute in attributes),
        unknown=0.5,
        apart=tuple(pairs[2:]),
        together=tuple(pairs[:2]),
        operational_in_each=1,
    )
    return Problem(members, attributes, (layer,))


def cases() -> Iterable[tuple[str, Problem, float]]:
    """Name, problem and the seconds that are to be enough."""
    yield "register 16, three layers", register(), 10.0
    yield "register 21, three layers", register(21), 10.0
    for seed in (0, 1):
        fair = replace(random_rules(21, seed), is_fair=True)
        yield f"leximin 21, seed {seed}", fair, 5.0
    for count, seconds in ((30, 10.0), (40, 30.0)):
        for seed in (0, 1, 2):
            yield f"random rules {count}, seed {seed}", random_rules(count, seed), seconds


def main() -> None:
    """Solve every case and print a table."""
    print(
        f"{'case':28} {'status':9} {'objective':>11} {'bound':>11} {'gap':>9} {'s':>7} {'goal':>6}"
    )
    for name, problem, goal in cases():
        start = perf_counter()
        solution = solve(problem, Budget(seconds=60.0))
        seconds = perf_counter() - start
        broken = violations(problem, solution.networks)
        status = "optimal" if solution.is_optimal and not broken else "feasible"
        proof = solution.proof
        print(
            f"{name:28} {status:9} {proof.objective:11.6f} {proof.lower_bound:11.6f}"
            f" {proof.gap:9.2e} {seconds:7.2f} {goal:6.1f}"
        )


if __name__ == "__main__":
    main()
