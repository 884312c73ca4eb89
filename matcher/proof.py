"""What a reviewer sees of a solution's quality: proof, broken rules and the price of each wish."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Status = Literal["optimal", "feasible"]

# Two objectives closer than this, relatively, count as equal: the solvers work in 64-bit floats.
RELATIVE_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Budget:
    """How long and how wide a solver may work: wall seconds, processes or threads, random seed.

    work: where given, so much work ends the stages (CP-SAT's deterministic time, about a second of
    an idle machine) and seconds only end the whole: the answer is the same on a busy machine.
    """

    seconds: float = 60.0
    workers: int = 2
    seed: int = 0
    work: float | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """How good a solution is: its objective (minimised) and a bound that no solution can be below."""

    objective: float
    lower_bound: float

    @property
    def gap(self) -> float:
        """(objective - lower bound) / |objective|; 0 when both are 0."""
        difference = self.objective - self.lower_bound
        if difference <= 0.0:
            return 0.0
        return difference / abs(self.objective) if self.objective else float("inf")

    @property
    def status(self) -> Status:
        """`optimal` only when the gap is proven to be within 1e-6."""
        return "optimal" if self.gap <= RELATIVE_TOLERANCE else "feasible"


@dataclass(frozen=True, slots=True)
class Progress:
    """A message from a running solver: the best so far and what is proven, after `seconds`."""

    seconds: float
    incumbent: float | None
    lower_bound: float | None
    phase: str


OnProgress = Callable[[Progress], bool | None]
"""Called as the solve goes; a return value of False asks the solver to stop and keep its best."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A hard rule that a solution breaks: its one name, whom it concerns, the layer, and a sentence.

    message: English, for the commands; pages make their own of the rest. cause: the engine's word
    for why, where a rule has several.
    """

    rule: str
    subjects: tuple[str, ...]
    message: str
    layer: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Penalty:
    """What one wish costs in a solution: the rule's one name, whom it concerns and the cost."""

    rule: str
    subjects: tuple[str, ...]
    cost: float
