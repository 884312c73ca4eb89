"""Calling the engine: stored problem in, answer out; what runs here never touches the database."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING

from api.proposals.networks.cluster import Workers
from api.proposals.trail import Trail
from matcher.documents.text import read_json, write_json
from matcher.groups.files.codec import read_problem, write_problem
from matcher.groups.files.presets import LIKENESS, WEIGHTINGS
from matcher.groups.model.layer import Weight
from matcher.groups.model.problem import Problem as GroupsProblem
from matcher.groups.model.solution import Solution as GroupsSolution
from matcher.proof import Budget, OnProgress, Progress

if TYPE_CHECKING:
    from matcher.groups.why.study import OnStep


def write_networks(problem: GroupsProblem) -> str:
    """Return a matching problem as the JSON text that `samkrets match` reads."""
    return write_json(write_problem(problem))


@lru_cache(maxsize=8)
def read_networks(text: str) -> GroupsProblem:
    """Return the matching problem that `write_networks` wrote.

    A page asks several times, and its schema is checked cell by cell: what was read is kept, frozen.
    """
    return read_problem(read_json(text))


def solve_networks(
    text: str,
    budget: Budget,
    on_progress: OnProgress | None = None,
    trail: Trail | None = None,
    workers: Workers | None = None,
) -> dict[str, object]:
    """Solve a stored matching problem and return the answer to store, with the way there.

    workers: where parts are worked on, None = here.

    Raises:
        InfeasibleError: when no networks keep every wish.
    """
    from matcher.groups import solve as groups_engine  # noqa: PLC0415 - the solver is loaded by whoever solves

    started = perf_counter()
    problem = read_networks(text)
    kept = Trail() if trail is None else trail

    def told(progress: Progress) -> bool | None:
        kept.hear(progress)
        return on_progress(progress) if on_progress else None

    if workers is not None:
        budget = replace(budget, workers=workers.count)
    executor = None if workers is None else workers.executor
    solution = groups_engine.solve(problem, budget, None, told, executor)
    seconds = perf_counter() - started
    kept.add(seconds, solution.proof.objective, solution.proof.lower_bound)
    return networks_answer(problem, solution, seconds) | {"trail": kept.points}


def study_networks(
    text: str,
    networks: Mapping[str, list[list[str]]],
    budget: Budget,
    on_step: "OnStep | None" = None,
) -> dict[str, object]:
    """Return what else networks of a stored problem could have been; `networks` are ids by layer."""
    from matcher.groups.why.study import study  # noqa: PLC0415 - the solver is loaded by whoever solves

    problem = read_networks(text)
    places = tuple(
        tuple(tuple(sorted(map(problem.number, group))) for group in networks[layer.name])
        for layer in problem.layers
    )
    return study(problem, places, budget, weightings=_weightings(problem), on_step=on_step) | {
        "networks": dict(networks)
    }


def _weightings(problem: GroupsProblem) -> dict[str, tuple[Weight, ...]]:
    """Return the ready-made weightings of the layer of likeness, where it is the problem's first."""
    if problem.layers[0].name != LIKENESS.name:
        return {}
    return {one.key: one.weights for one in WEIGHTINGS}


def networks_answer(
    problem: GroupsProblem, solution: GroupsSolution, seconds: float
) -> dict[str, object]:
    """Return what is kept of a solution: networks by id, its proof and how the bound was made."""
    return {
        "networks": {
            layer.name: [list(problem.ids(group)) for group in partition]
            for layer, partition in zip(problem.layers, solution.networks, strict=True)
        },
        "status": "optimal" if solution.is_optimal else "feasible",
        "objective": solution.proof.objective,
        "lower_bound": solution.proof.lower_bound,
        "gap": solution.proof.gap,
        "bound_method": solution.method,
        "seconds": round(seconds, 3),
    }
