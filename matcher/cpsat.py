"""The one door to the CP-SAT solver: a budget goes in, an incumbent and a proof come out."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeAlias

from ortools.sat.python import cp_model

from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.proof import Budget, OnProgress, Progress, Proof
from matcher.requirement import Requirement

LinearExprT: TypeAlias = cp_model.LinearExprT

# CP-SAT refuses to work with less; a caller with less time left has had its chance before.
_LEAST_SECONDS = 0.01
_LEAST_WORK = 0.001


@dataclass(frozen=True, slots=True)
class Answer:
    """The best solution found, by the model's variables, and what is proven about it.

    `proof` speaks of the model's own objective as it is minimised; a maximised one is negated.
    """

    proof: Proof
    solver: cp_model.CpSolver

    @property
    def work(self) -> float:
        """CP-SAT's deterministic time that it took."""
        return float(self.solver.response_proto.deterministic_time)

    def value(self, expression: cp_model.LinearExprT) -> int:
        """Return the value of a variable or expression."""
        return self.solver.value(expression)

    def is_true(self, literal: cp_model.LiteralT) -> bool:
        """Return the value of a literal."""
        return self.solver.boolean_value(literal)


def solve_model(
    model: cp_model.CpModel,
    budget: Budget,
    on_progress: OnProgress | None = None,
    phase: str = "CP-SAT",
    linearization: int = 1,
    work: float | None = None,
) -> Answer:
    """Solve a model within a budget; with one worker, or work that is counted, a seed repeats itself.

    `linearization` says how much of the model the linear relaxation sees: 0 (nothing, for models
    whose relaxation says little and costs much), 1 (CP-SAT's own choice) or 2 (everything).
    `work` ends the search after so much of CP-SAT's deterministic time, if the budget's does not.

    Raises:
        InfeasibleError: proven; the model cannot say which rules are to blame.
        NoSolutionInTimeError: the budget ended before a first solution.
    """
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(budget.seconds, _LEAST_SECONDS)
    solver.parameters.num_workers = budget.workers
    solver.parameters.random_seed = budget.seed
    solver.parameters.linearization_level = linearization
    most = min(one for one in (budget.work, work, inf) if one is not None)
    if most < inf:
        solver.parameters.max_deterministic_time = max(most, _LEAST_WORK)
    # In turns that are counted in work, the threads find the same whatever the clock says.
    solver.parameters.interleave_search = budget.work is not None
    watcher = _Watcher(on_progress, phase) if on_progress else None
    status = solver.solve(model, watcher)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(model.validate())
    if status == cp_model.INFEASIBLE:
        raise InfeasibleError(Requirement("all", note=f"the rules of {phase}"))
    if status == cp_model.UNKNOWN:
        raise NoSolutionInTimeError(budget.seconds)
    sign = -1 if _is_maximised(model) else 1
    bounds = (sign * solver.objective_value, sign * solver.best_objective_bound)
    return Answer(Proof(bounds[0], min(bounds)), solver)


def is_feasible(
    model: cp_model.CpModel, assumptions: Sequence[cp_model.IntVar], budget: Budget
) -> bool | None:
    """Tell whether a model holds when these literals are true; None when time ran out."""
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(budget.seconds, _LEAST_SECONDS)
    # Assumptions are looked at by one worker only; presolve keeps them from being simplified away.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = budget.seed
    model.clear_assumptions()
    model.add_assumptions(list(assumptions))
    status = solver.solve(model)
    model.clear_assumptions()
    if status == cp_model.UNKNOWN:
        return None
    return status in {cp_model.OPTIMAL, cp_model.FEASIBLE}


def give_hint(model: cp_model.CpModel, hint: Mapping[cp_model.IntVar, int]) -> None:
    """Replace the model's hint by these values."""
    model.clear_hints()  # type: ignore[no-untyped-call]  # OR-tools leaves it unannotated
    for variable, value in hint.items():
        model.add_hint(variable, value)


def _is_maximised(model: cp_model.CpModel) -> bool:
    proto = model.proto
    return bool(proto.has_objective() and proto.objective.scaling_factor < 0)


class _Watcher(cp_model.CpSolverSolutionCallback):
    """Passes each incumbent on and stops the search when it is told to."""

    def __init__(self, on_progress: OnProgress, phase: str) -> None:
        super().__init__()
        self._on_progress = on_progress
        self._phase = phase
        self._began = time.perf_counter()

    def on_solution_callback(self) -> None:
        message = Progress(
            seconds=time.perf_counter() - self._began,
            incumbent=self.objective_value,
            lower_bound=self.best_objective_bound,
            phase=self._phase,
        )
        if self._on_progress(message) is False:
            self.stop_search()
