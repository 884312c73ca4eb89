"""Checks a claimed bound from its stored prices, by means that the solver does not use.

Nothing of the solver is imported: groups are listed depth first under a bound of their own, cuts
are counted group by group, and the last choice is put to CP-SAT instead of SCIP.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from matcher.groups.cover.problem import Certificate, Cover, FloatArray


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker found.

    dual_bound: what the prices prove by themselves. closed: whether it also proved, by listing and
    choosing anew, that no partition is cheaper than `closed_at`; None when that was not claimed.
    is_valid: whether the claims are no higher than what was found.
    """

    dual_bound: float
    closed: bool | None
    is_valid: bool


def check(cover: Cover, certificate: Certificate, *, seconds: float = 60.0) -> Verdict:
    """Recompute a bound from its prices.

    seconds: for the last choice, when the certificate claims one.
    """
    duals = np.array(certificate.duals)
    duty = float(duals.sum())
    for cut in certificate.cuts:
        if cut.weight < 0.0 or cut.divisor < 2 or len(set(cut.members)) != len(cut.members):
            return Verdict(-np.inf, None, is_valid=False)
        duty -= cut.weight * (len(cut.members) // cut.divisor)
    scale = abs(duty) + 1e-300
    # A partition pays its groups' reduced costs on top of `duty`; each group's lack, if any, is
    # shared by its members, and a member is in one group.
    lack = np.zeros(cover.n)
    for group, reduced in _cheap_groups(cover, certificate, 0.0):
        share = reduced / len(group)
        lack[list(group)] = np.minimum(lack[list(group)], share)
    bound = duty + float(lack.sum()) + cover.constant
    tolerance = 1e-8 * (scale + abs(cover.constant))
    is_valid = certificate.lower_bound <= bound + tolerance
    if certificate.closed_at is None:
        return Verdict(bound, None, is_valid)
    gap = max(0.0, certificate.closed_at - bound)
    listed = _cheap_groups(
        cover, certificate, gap + cover.sizes[-1] * float(-lack.min(initial=0.0)) + tolerance
    )
    closed = _no_cheaper(cover, listed, certificate.closed_at, tolerance, seconds)
    return Verdict(bound, closed, is_valid and closed)


def _cheap_groups(
    cover: Cover, certificate: Certificate, limit: float
) -> list[tuple[tuple[int, ...], float]]:
    """All allowed groups with a reduced cost under the limit, each with that cost."""
    duals = np.array(certificate.duals)
    relief = _relief(cover.n, certificate)
    found: list[tuple[tuple[int, ...], float]] = []
    for size in cover.sizes:
        groups: list[tuple[tuple[int, ...], float]]
        if size == 1:
            groups = [((member,), -float(duals[member])) for member in range(cover.n)]
        else:
            table = cover.scale[size] * cover.dense + relief
            if cover.extra is not None:
                table = table + cover.extra
            spread = duals / (size - 1)
            groups = _depth_first(table - spread[:, None] - spread[None, :], size, limit)
        for group, _ in groups:
            reduced = _reduced_cost(cover, certificate, group)
            if reduced <= limit and bool(cover.permits(np.array([group]))[0]):
                found.append((group, reduced))
    return found


def _relief(n: int, certificate: Certificate) -> FloatArray:
    """What cuts add to pairs' weights at least, members x members."""
    relief = np.zeros((n, n))
    for cut in certificate.cuts:
        if cut.divisor > 2:
            # A pair inside need not pay anything.
            continue
        for one in cut.members:
            for other in cut.members:
                if one != other:
                    # A group with c members inside pays weight x (c // 2), which is at least
                    # weight / size of the cut for each of the c (c - 1) / 2 pairs.
                    relief[one, other] += cut.weight / len(cut.members)
    return relief


def _reduced_cost(cover: Cover, certificate: Certificate, group: tuple[int, ...]) -> float:
    """Cost of a group less its members' prices, plus what the cuts charge it."""
    cost = 0.0
    for place, one in enumerate(group):
        for other in group[:place]:
            cost += cover.scale[len(group)] * float(cover.dense[one, other])
            if cover.extra is not None:
                cost += float(cover.extra[one, other])
        cost -= certificate.duals[one]
    cost += float(cover.beyond(np.array([sorted(group)]))[0])
    inside = set(group)
    for cut in certificate.cuts:
        count = len(inside.intersection(cut.members))
        cost += cut.weight * (count // cut.divisor)
    return cost


def _depth_first(
    weights: FloatArray, size: int, limit: float
) -> list[tuple[tuple[int, ...], float]]:
    """Sets of `size` members, rising, whose pair weights sum to at most the limit.

    A set Q that lacks r members weighs, when full, at least w(Q) plus the r least of
    w(j, Q) + half the r - 1 lightest pairs of j, over the members j that may still come.
    """
    n = len(weights)
    table = weights.copy()
    np.fill_diagonal(table, np.inf)
    ranked = np.sort(table, axis=1)
    halves = np.concatenate([np.zeros((n, 1)), np.cumsum(ranked, axis=1) / 2], axis=1)
    slack = 1e-10 * (1.0 + float(np.abs(weights).max(initial=0.0)))
    found: list[tuple[tuple[int, ...], float]] = []
    stack: list[tuple[tuple[int, ...], float, FloatArray]] = [
        ((member,), 0.0, table[member]) for member in range(n)
    ]
    while stack:
        group, weight, star = stack.pop()
        lacking = size - len(group)
        start = group[-1] + 1
        if n - start < lacking:
            continue
        optimistic = star[start:] + halves[start:, lacking - 1]
        if lacking == 1:
            last = np.flatnonzero(weight + optimistic <= limit + slack).tolist()
            found += [((*group, start + at), weight + float(star[start + at])) for at in last]
            continue
        least = np.partition(optimistic, lacking - 1)
        others = float(least[: lacking - 1].sum())
        # The member added may not be among the cheapest others; it then only costs more.
        for place in np.flatnonzero(weight + optimistic + others <= limit + slack).tolist():
            member = start + place
            added = weight + float(star[member])
            stack.append(((*group, member), added, star + table[member]))
    return found


def _no_cheaper(
    cover: Cover,
    listed: list[tuple[tuple[int, ...], float]],
    value: float,
    tolerance: float,
    seconds: float,
) -> bool:
    """Whether no choice among the groups listed partitions the members at less than `value`."""
    unit = 1e9 / (abs(value - cover.constant) + tolerance)
    model = cp_model.CpModel()
    holds: list[list[cp_model.IntVar]] = [[] for _ in range(cover.n)]
    chosen, costs = [], []
    for group, _ in listed:
        variable = model.new_bool_var("")
        for member in group:
            holds[member].append(variable)
        chosen.append(variable)
        plain = Certificate((0.0,) * cover.n, (), 0.0)
        # Rounded down: a partition's rounded cost is never above its true one.
        costs.append(int(np.floor(_reduced_cost(cover, plain, group) * unit)))
    for variables in holds:
        if not variables:
            return True
        model.add_exactly_one(variables)
    # 1e-6 of the value is what `Proof` calls optimal.
    most = int(np.floor((value - cover.constant) * unit - 1e3)) - 1
    model.add(cp_model.LinearExpr.weighted_sum(chosen, costs) <= most)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    return bool(solver.solve(model) == cp_model.INFEASIBLE)
