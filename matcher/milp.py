"""The one door to OR-tools' linear solvers: a solve that ends when its time is up or it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for

from ortools.linear_solver import pywraplp

# Seconds between two looks at whether to go on.
_LOOK = 0.1


def always() -> bool:
    """Go on for ever: the default of whoever may stop a solve."""
    return True


def solve_watched(
    solver: pywraplp.Solver,
    keep_going: Callable[[], bool] = always,
    parameters: pywraplp.MPSolverParameters | None = None,
) -> int:
    """Solve in a thread of its own and interrupt it when told to stop; return OR-tools' status.

    `keep_going` is asked in the caller's thread, as is whoever follows the solve.
    """
    given = parameters or pywraplp.MPSolverParameters()
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(solver.Solve, given)
        try:
            while not wait_for([running], timeout=_LOOK).done:
                if not keep_going():
                    # Again and again: a solver that has not begun yet does not hear the first.
                    solver.InterruptSolve()
        finally:
            # Also when the caller is torn away by an exception: the thread must come to its end.
            while not wait_for([running], timeout=0.0).done:
                solver.InterruptSolve()
                wait_for([running], timeout=_LOOK)
    return int(running.result())


def solve_to_proof(
    solver: pywraplp.Solver,
    *,
    seconds: float,
    seed: int,
    keep_going: Callable[[], bool] = always,
    settings: tuple[str, ...] = (),
) -> int:
    """Solve a mixed-integer program by SCIP until proven, out of time or stopped; return the status.

    settings: further SCIP parameters, `name = value` each. One thread: SCIP's concurrent mode runs
    clones against each other, which cost a third more here.
    """
    solver.SetTimeLimit(max(1, int(seconds * 1000)))
    # SCIP would take Ctrl-C to itself, and nobody else would hear of it.
    own = (f"randomization/randomseedshift = {seed % 2**31}", "misc/catchctrlc = FALSE")
    solver.SetSolverSpecificParametersAsString("\n".join([*own, *settings]))
    exact = pywraplp.MPSolverParameters()
    # The default relative gap is 1e-4, wider than what we call proven.
    exact.SetDoubleParam(exact.RELATIVE_MIP_GAP, 1e-9)
    return solve_watched(solver, keep_going, exact)
