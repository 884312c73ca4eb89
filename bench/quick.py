"""`python -m bench quick`: a few figures of quality that no load changes, held against those written down.

Nothing here ends by the clock: local search to its end, column generation until it converges, prices of
regions until they hold, a programme by counted work. So a figure that got worse is the code's doing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.groups.instances import skewed, uneven
from bench.groups.register import register
from bench.programme.instances import survey
from matcher.groups.cover.construct import agglomerate, far_first
from matcher.groups.cover.generation import Generation
from matcher.groups.cover.large.prices import SharedPrices
from matcher.groups.cover.local_search import LocalSearch
from matcher.groups.cover.problem import Cover, SquaredEuclidean
from matcher.groups.cover.twins import no_twins
from matcher.groups.solve import solve
from matcher.milp import always
from matcher.programme.files.answer import answer_document
from matcher.programme.files.codec import problem_from_document
from matcher.programme.solve import solve as plan
from matcher.proof import Budget

RECORD = Path(__file__).with_name("quick.json")
# A figure may be worse by this share: other builds of the solvers round otherwise.
TOLERANCE = 2e-3
# Longer than any of these takes on a slow machine: the clock never ends them.
NEVER = 3_600.0
WORK = 1.0

T = TypeVar("T")
R = TypeVar("R")


def _cover(points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Cover:
    scale = (0.0, *(1.0 / size for size in range(1, 6)))
    return Cover(SquaredEuclidean(points), 3, 5, scale, coordinates=points)


def local_search() -> float:
    """Cost of 400 skewed members after two starts and local search, as a share of the starts' best."""
    cover = _cover(skewed(0)[0].values[:400])
    rng = np.random.default_rng(0)
    starts = [way(cover, rng) for way in (far_first, agglomerate)]
    costs = []
    for start in starts:
        search = LocalSearch(cover, start)
        search.run(always)
        costs.append(cover.objective(search.groups))
    return min(costs) / min(cover.objective(start) for start in starts)


def _rows(count: int) -> Cover:
    cover = _cover(uneven(0)[0].values[:count])
    search = LocalSearch(cover, far_first(cover, np.random.default_rng(0)))
    search.run(always)
    return cover.in_units((cover.objective(search.groups) or 1.0) / cover.n)


def bound_with_cuts() -> float:
    """Bound of 120 uneven members by column generation with four rounds of cuts, per member of a local search's cost."""
    cover = _rows(120)
    relaxed = Generation(cover, no_twins(cover.n), always)
    relaxed.seed(8)
    relaxed.converge(np.inf)
    for _ in range(4):
        relaxed.add_cuts()
        relaxed.converge(np.inf)
    return -relaxed.lower_bound / cover.n


def bound_of_regions() -> float:
    """Bound of 500 clustered members, by the prices of regions made to hold everywhere, and one sweep."""
    rng = np.random.default_rng(0)
    points = rng.random((10, 2))[rng.integers(0, 10, 500)] * 10.0 + rng.normal(0.0, 0.3, (500, 2))
    cover = _cover(points)

    def here(work: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        return map(work, tasks)

    prices = SharedPrices(cover, lambda: NEVER, lambda: 1, here)
    groups = far_first(cover, rng)
    prices.first(groups)
    prices.better(groups)
    return -prices.bound


def three_layers() -> float:
    """Cost of the register's three layers, proven."""
    found = solve(register(), Budget(NEVER, 1, 0))
    return found.proof.objective if found.is_optimal else np.inf


def programme() -> float:
    """Share of the wished weight that is not attended: the survey `small`, planned by counted work."""
    problem = problem_from_document(survey("small", 1))
    answer = answer_document(problem, plan(problem, Budget(NEVER, 1, 0, work=WORK)), 0)
    return 1.0 - float(answer["attended_weight"]) / float(answer["wished_weight"])


# Each is better the less it is; a bound stands as its negative.
FIGURES: dict[str, Callable[[], float]] = {
    measure.__name__: measure
    for measure in (local_search, bound_with_cuts, bound_of_regions, three_layers, programme)
}


def is_worse(value: float, recorded: float) -> bool:
    """Tell whether a figure is worse than the one written down, beyond rounding."""
    return value > recorded + TOLERANCE * abs(recorded)


def recorded() -> dict[str, float]:
    """Read the figures that are written down."""
    found: dict[str, float] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Measure, print beside what is written down, and return 1 where something got worse."""
    parser = argparse.ArgumentParser(prog="python -m bench quick", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the figures down")
    given = parser.parse_args()
    found = {name: measure() for name, measure in FIGURES.items()}
    if given.write:
        RECORD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    before = recorded()
    bad = [name for name, value in found.items() if is_worse(value, before[name])]
    for name, value in found.items():
        mark = " WORSE" if name in bad else ""
        print(f"{name:18} {value:12.6f} recorded {before[name]:12.6f}{mark}")
    return 1 if bad else 0
