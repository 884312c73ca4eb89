"""`python -m bench.groups.planner`: the register's circles by each preset, to lay beside a planner's own.

For each circle: its name, members, phases, models of today, km and hours between the two farthest apart.
Then how long each preset takes for 16 and 21 RC and sizes 3-4 and 3-8, with its proof.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from sqlmodel import Session, SQLModel

from api.kit.db import make_engine
from api.networks.claims import claims_of, widest
from api.networks.models import Layer
from api.networks.naming import circle_names, short
from api.proposals.networks.building import Choice, build, weights_of
from api.registry import queries
from api.registry.ahead import model_ahead, model_today
from api.registry.models import PhaseBand, Rc
from api.registry.service import import_shipped
from api.travel.shipped import shipped_travel
from bench.groups.register import rows
from matcher.geo import Point
from matcher.groups.files.presets import WEIGHTINGS
from matcher.groups.model.problem import Problem
from matcher.groups.solve import solve
from matcher.proof import Budget

Hours = Callable[[tuple[float, float], tuple[float, float]], float]


def register() -> dict[str, Rc]:
    """Return the shipped register by key."""
    engine = make_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    logging.disable(logging.ERROR)  # the log of a bench needs no signature
    with Session(engine) as session:
        import_shipped(session, "bench")
        found = {rc.id: rc for rc in queries.rcs(session)}
        session.expunge_all()
    logging.disable(logging.NOTSET)
    return found


def circles(problem: Problem, rcs: dict[str, Rc], hours: Hours) -> None:
    """Print a table of the circles that a problem gets."""
    solution = solve(problem, Budget(60.0))
    print(f"{solution.proof.status}, gap {solution.proof.gap:.2%}\n")
    groups = [
        (Layer(layer.name), [rcs[one] for one in problem.ids(group)])
        for layer, partition in zip(problem.layers, solution.networks, strict=True)
        for group in partition
    ]
    print("| circle | members | begun | model, today or where it is going | km | hours | claims |")
    print("|---|---|---|---|---|---|---|")
    names = circle_names(groups, hours)
    for (layer, group), name in zip(groups, names, strict=True):
        km, spent = widest(group, hours)
        begun = sum(rc.phase_band == PhaseBand.OPERATIONAL for rc in group)
        models = ", ".join(_model(rc) for rc in group)
        members = ", ".join(short(rc) for rc in group)
        claims = claims_of(group, layer, hours)
        far = f"{km:.0f} | {spent:.1f}" if km is not None and spent is not None else "? | ?"
        print(
            f"| {layer.value}: {name.swedish} | {members} | {begun} of {len(group)} |"
            f" {models} | {far} | {len(claims)} |"
        )


def _model(rc: Rc) -> str:
    ahead = model_ahead(rc)
    return model_today(rc) or (f"→ {ahead}" if ahead else "–")


def main() -> None:
    """Print the tables."""
    rcs = register()
    travel = shipped_travel()

    def hours(one: tuple[float, float], other: tuple[float, float]) -> float:
        return travel.hours(Point(*one), Point(*other))

    for weighting in WEIGHTINGS:
        print(f"\n### {weighting.key}\n")
        choice = Choice(likeness=weights_of(weighting.weights))
        circles(build(rows(16), choice, {}, hours=hours), rcs, hours)
    print("\n| RC | sizes | preset | status | gap | s |\n|---|---|---|---|---|---|")
    for count, sizes in ((16, (3, 4)), (21, (3, 4)), (16, (3, 8)), (21, (3, 8))):
        known = rows(count)
        for weighting in WEIGHTINGS:
            choice = replace(Choice(), likeness=weights_of(weighting.weights), sizes=sizes)
            start = perf_counter()
            proof = solve(build(known, choice, {}, hours=hours), Budget(60.0)).proof
            print(
                f"| {count} | {sizes[0]}-{sizes[1]} | {weighting.key} | {proof.status} |"
                f" {proof.gap:.2%} | {perf_counter() - start:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
