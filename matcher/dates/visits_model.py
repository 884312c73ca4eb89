"""Study visits by CP-SAT: first the most visitors with a host, then the fewest kilometres."""

from ortools.sat.python import cp_model

from matcher.dates.visits import Pair, Pairing, VisitProblem, kilometres, obstacle
from matcher.errors import NoSolutionInTimeError
from matcher.proof import Budget, Proof


def pair_visits(problem: VisitProblem, budget: Budget) -> Pairing:
    """Pair visitors with hosts; leaving everybody out is always possible, so never infeasible.

    Raises:
        NoSolutionInTimeError: when the budget ends before the first level is solved at all.
    """
    model = cp_model.CpModel()
    chosen: dict[Pair, cp_model.IntVar] = {}
    cost: dict[Pair, int] = {}
    for visitor in problem.visitors:
        for host in problem.hosts:
            if obstacle(problem, visitor, host) is None:
                pair = visitor.id, host.id
                chosen[pair] = model.new_bool_var(f"{pair}")
                cost[pair] = round(1000.0 * kilometres(visitor, host))
        model.add_at_most_one(_of(chosen, visitor.id, 0))
    for host in problem.hosts:
        model.add(cp_model.LinearExpr.sum(_of(chosen, host.id, 1)) <= host.capacity)
    left_out = len(problem.visitors) - cp_model.LinearExpr.sum(list(chosen.values()))
    model.minimize(left_out)
    solver = _solved(model, budget)
    first = Proof(round(solver.objective_value), round(solver.best_objective_bound))
    model.add(left_out <= round(solver.objective_value))
    model.minimize(cp_model.LinearExpr.weighted_sum(list(chosen.values()), list(cost.values())))
    solver = _solved(model, budget)
    second = Proof(round(solver.objective_value), round(solver.best_objective_bound))
    pairs = tuple(pair for pair, variable in chosen.items() if solver.boolean_value(variable))
    return Pairing(pairs, first, second)


def _of(chosen: dict[Pair, cp_model.IntVar], name: str, side: int) -> list[cp_model.IntVar]:
    return [variable for pair, variable in chosen.items() if pair[side] == name]


def _solved(model: cp_model.CpModel, budget: Budget) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = budget.seconds / 2.0
    solver.parameters.num_workers = budget.workers
    solver.parameters.random_seed = budget.seed
    if solver.solve(model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        raise NoSolutionInTimeError(budget.seconds)
    return solver
