"""`python -m bench.groups.register`: the register's layers, fairness and random rules, each with its proof and seconds."""

import logging
import random
from collections.abc import Iterable
from dataclasses import replace
from time import perf_counter

from sqlmodel import Session, SQLModel

from api.kit.db import make_engine
from api.proposals.networks.building import Choice, build
from api.registry import queries
from api.registry.models import Rc
from api.registry.service import import_shipped
from matcher.groups.model.layer import Attribute, Layer, Member, Weight
from matcher.groups.model.problem import Problem
from matcher.groups.rules import violations
from matcher.groups.solve import solve
from matcher.proof import Budget


def _shipped() -> list[Rc]:
    engine = make_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    logging.disable(logging.ERROR)  # the log of a bench needs no signature
    try:
        with Session(engine) as session:
            import_shipped(session, "bench")
            return queries.rcs(session)
    finally:
        logging.disable(logging.NOTSET)


def register(count: int = 16, choice: Choice | None = None) -> Problem:
    """The problem that the service solves for the register's RC, and for generated ones up to `count`.

    A generated one has its phase and model from one RC, all else that is known from another, and a
    seat anywhere in the country.
    """
    problem = build(_shipped(), choice or Choice(), {})
    draw = random.Random(1)
    phases = {"phase_band", "model"}
    for number in range(count - len(problem.members)):
        known = range(len(problem.members))
        donor, other = draw.choice(known), draw.choice(known)
        place = (draw.uniform(55.6, 66.0), draw.uniform(12.0, 20.0))
        member = replace(problem.members[donor], id=f"generated{number}")
        attributes = tuple(
            replace(one, values=(*one.values, place))
            if one.kind == "place"
            else _longer(one, donor if one.name in phases else other, donor)
            for one in problem.attributes
        )
        problem = replace(problem, members=(*problem.members, member), attributes=attributes)
    return problem


def _longer(known: Attribute, as_in: int, as_sure_as: int) -> Attribute:
    sure = known.certainty
    return replace(
        known,
        values=(*known.values, known.values[as_in]),
        certainty=(*sure, sure[as_sure_as]) if sure else sure,
    )


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
