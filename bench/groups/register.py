"""`python -m bench.groups.register`: the register's layers, fairness and random rules, each with its proof and seconds."""

import logging
import random
from collections.abc import Iterable
from dataclasses import replace
from time import perf_counter

from sqlmodel import Session, SQLModel

from api.kit.db import make_engine
from api.proposals.networks.building import Choice, build
from api.registry.service import Member as RegisterRow
from api.registry.service import import_shipped, members
from matcher.groups.model.layer import Attribute, Layer, Member, Weight
from matcher.groups.model.problem import Problem
from matcher.groups.rules import violations
from matcher.groups.solve import solve
from matcher.proof import Budget


def _shipped() -> list[RegisterRow]:
    """The shipped register as the service gives it to matching."""
    engine = make_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    logging.disable(logging.ERROR)  # the log of a bench needs no signature
    try:
        with Session(engine) as session:
            import_shipped(session, "bench")
            return members(session)
    finally:
        logging.disable(logging.NOTSET)


def rows(count: int = 16) -> list[RegisterRow]:
    """The 16 RC as matching sees them, and generated ones up to `count`."""
    found = _shipped()
    draw = random.Random(1)
    for number in range(count - len(found)):
        donor, other = draw.choice(found), draw.choice(found)
        known = {**other.values, "model": donor.values["model"]}
        phase = {"phase_band": donor.phase_band}
        place = (draw.uniform(55.6, 66.0), draw.uniform(12.0, 20.0))
        generated = replace(donor, id=f"generated{number}", values=known | phase, place=place)
        found.append(generated)
    return found


def register(count: int = 16) -> Problem:
    """The problem that the service solves for the register's RC."""
    return build(rows(count), Choice(), {})


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
