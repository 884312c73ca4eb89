"""Study visits by CP-SAT: first the most visitors with a host, then the fewest hours_of."""

from dataclasses import replace

from ortools.sat.python import cp_model

from matcher.cpsat import solve_model
from matcher.dates.visits.problem import Pair, Pairing, VisitProblem, hours_of, obstacle
from matcher.proof import Budget


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
                cost[pair] = round(60.0 * hours_of(problem, visitor, host))
        model.add_at_most_one(_of(chosen, visitor.id, 0))
    for host in problem.hosts:
        model.add(cp_model.LinearExpr.sum(_of(chosen, host.id, 1)) <= host.capacity)
    left_out = len(problem.visitors) - cp_model.LinearExpr.sum(list(chosen.values()))
    half = replace(budget, seconds=budget.seconds / 2.0)
    model.minimize(left_out)
    first = solve_model(model, half, phase="visits: left out").proof
    model.add(left_out <= round(first.objective))
    model.minimize(cp_model.LinearExpr.weighted_sum(list(chosen.values()), list(cost.values())))
    answer = solve_model(model, half, phase="visits: minutes")
    pairs = tuple(pair for pair, variable in chosen.items() if answer.is_true(variable))
    return Pairing(pairs, first, answer.proof)


def _of(chosen: dict[Pair, cp_model.IntVar], name: str, side: int) -> list[cp_model.IntVar]:
    return [variable for pair, variable in chosen.items() if pair[side] == name]
