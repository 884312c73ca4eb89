"""The instances of the grouping bench: generated points by seed, and public tables by file."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Instance:
    """Points (members x dimensions), how they are to be grouped, and for how long.

    cost: `sse`, `pair-sum` or `peer-mean` over squared Euclidean distances.
    """

    name: str
    points: Points
    smallest: int
    largest: int
    cost: str
    seconds: float
    standardise: bool

    @property
    def values(self) -> Points:
        """The points as the objective sees them: z-scores when standardised."""
        if not self.standardise:
            return self.points
        spread = self.points.std(axis=0)
        spread[spread == 0.0] = 1.0
        return np.asarray((self.points - self.points.mean(axis=0)) / spread, dtype=np.float64)

    def write(self, file: Path) -> None:
        """Write the points as the command reads them: an id and one column per dimension."""
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", *(f"x{axis}" for axis in range(self.points.shape[1]))])
            for number, row in enumerate(self.points.tolist()):
                writer.writerow([f"m{number}", *map(repr, row)])


def random_points(seed: int, *, duplicated: bool) -> list[Instance]:
    """21 to 400 points, uniform in 2 and 5 dimensions, each cost, sizes 2-4."""
    limits = {21: 2.5, 50: 2.5, 100: 3.0, 200: 4.0, 400: 8.0}
    found = []
    for n, seconds in limits.items():
        for dimensions in (2, 5):
            rng = np.random.default_rng([seed, n, dimensions])
            points = rng.random((n, dimensions))
            if duplicated:
                copies = n // 3
                points[n - copies :] = points[rng.integers(0, n - copies, copies)]
            for cost in ("sse", "pair-sum", "peer-mean"):
                name = f"{n} points {dimensions}-D {cost}" + (
                    " a third twice" if duplicated else ""
                )
                limit = 2 * seconds if duplicated else seconds
                found.append(Instance(name, points, 2, 4, cost, limit, standardise=False))
    return found


def table(file: Path) -> list[Instance]:
    """A public table, standardised, sizes k..2k-1: 120 s for k = 3, 60 s for k = 4 and 5."""
    rows = np.genfromtxt(file, delimiter=",", skip_header=1)
    return [
        Instance(
            f"{file.stem} k={k}",
            rows,
            k,
            2 * k - 1,
            "sse",
            120.0 if k == 3 else 60.0,
            standardise=True,
        )
        for k in (3, 4, 5)
    ]


def clustered(seed: int) -> list[Instance]:
    """1,000 to 16,000 points about n / 50 centres in the plane, sizes 3-5."""
    limits = {1_000: 60.0, 4_000: 120.0, 16_000: 300.0}
    return [_clustered(seed, n, seconds) for n, seconds in limits.items()]


def _clustered(seed: int, n: int, seconds: float) -> Instance:
    rng = np.random.default_rng([seed, n])
    centres = rng.random((n // 50, 2)) * 10.0
    points = centres[rng.integers(0, len(centres), n)] + rng.normal(0.0, 0.3, (n, 2))
    return Instance(f"{n} clustered points", points, 3, 5, "sse", seconds, standardise=True)


def skewed(seed: int) -> list[Instance]:
    """Log-normal columns with a few very far members, where a single start gets stuck; k = 3, 5."""
    rng = np.random.default_rng(seed)
    points = np.exp(rng.normal(0.0, 1.5, (600, 6)) + rng.normal(0.0, 1.0, (600, 1)))
    return [
        Instance(f"skewed k={k}", points, k, 2 * k - 1, "sse", 60.0, standardise=True)
        for k in (3, 5)
    ]


def uneven(seed: int) -> list[Instance]:
    """178 to 4,092 rows of 11 columns as public tables have them; k = 3."""
    return [_uneven(seed, n, 3, 5, 120.0) for n in (178, 570, 944, 4_092)]


def wider(seed: int) -> list[Instance]:
    """Tables like `uneven` of 178 to 5,000 rows; k = 4, 5."""
    sizes = (178, 570, 944, 2_000, 5_000)
    return [_uneven(seed, n, k, 2 * k - 1, 120.0) for n in sizes for k in (4, 5)]


def five_thousand(seed: int) -> list[Instance]:
    """5,000 members, sizes 3-5: clustered points and a table like `uneven`, two minutes and ten."""
    found = []
    for seconds in (120.0, 600.0):
        found += [_clustered(seed, 5_000, seconds), _uneven(seed, 5_000, 3, 5, seconds)]
    return [replace(one, name=f"{one.name}, {one.seconds:.0f} s") for one in found]


def _uneven(seed: int, n: int, smallest: int, largest: int, seconds: float) -> Instance:
    """A table of 11 columns: long tails, codes, zeros, rounded and repeated values."""
    rng = np.random.default_rng([seed + 24, n])
    centres = np.exp(rng.normal(0.0, 1.2, (max(6, n // 60), 11)))
    whose = rng.choice(len(centres), n, p=rng.dirichlet(np.full(len(centres), 0.7)))
    rows = centres[whose] * np.exp(rng.normal(0.0, 0.25, (n, 11)))
    rows[:, 0] = whose % 5
    rows[:, 1] = np.round(rows[:, 1])
    rows[:, 2] = np.where(rng.random(n) < 0.6, 0.0, np.round(rows[:, 2], 1))
    rows[:, 3] = np.round(rows[:, 3], 1)
    name = f"uneven {n} rows k={smallest}"
    return Instance(name, np.round(rows, 3), smallest, largest, "sse", seconds, standardise=True)
