"""The situations in which the engine cannot answer, each with the values that caused it."""

from dataclasses import dataclass

from matcher.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where it stands, what stands there and what is expected.

    `where` is a row and field ("row 3, field phase") or a JSON path ("$.rooms[0].capacity").
    """

    where: str
    value: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: got {self.value}; expected {self.expected}"


class EngineError(Exception):
    """Base of every error that the engine raises on purpose."""


class InvalidProblemError(EngineError):
    """The input breaks its own format; carries every fault found, in reading order."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class InfeasibleError(EngineError):
    """No solution can exist; carries the smallest set of rules that cannot all hold.

    Leaving any one of the `requirements` out makes the rest possible.
    """

    def __init__(self, *requirements: Requirement) -> None:
        self.requirements = requirements
        super().__init__("These cannot all hold: " + "; ".join(self.conflict))

    @property
    def conflict(self) -> tuple[str, ...]:
        """The requirements as sentences, for the commands."""
        return tuple(map(str, self.requirements))


class NoSolutionInTimeError(EngineError):
    """The budget ended before a first solution was found; nothing is known about feasibility."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"No solution was found within {seconds:g} s; allow more time or fewer rules"
        )
