"""Tables after a change: who stays keeps the table, who is gone leaves it, who is new finds one."""

import math
from collections.abc import Mapping

import numpy as np

from matcher.programme.problem import Problem, Run, TableRound, Timetable
from matcher.programme.rooms.tables import pair_costs, seat

# Fewer than three at a table is no round; smaller only where nobody could sit otherwise.
_LEAST = 3

Seats = list[list[int]]
Costs = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def reseat(
    problem: Problem, timetable: Timetable, before: Mapping[Run, tuple[TableRound, ...]]
) -> dict[Run, tuple[TableRound, ...]]:
    """Return the tables of a changed timetable with as few as can be at another table than `before`.

    A table keeps its number, also when one before it is empty now. A run that moved takes the
    tables of its topic along; one that had none is seated anew (see `seat`).
    """
    fresh = seat(problem, timetable)
    sizes = {session.id: session.tables.size for session in problem.sessions if session.tables}
    circles = {one.id for one in problem.sessions if one.tables and one.tables.circles}
    standing = set(timetable.runs)
    moved = {run.session: rounds for run, rounds in before.items() if run not in standing}
    kept: dict[Run, tuple[TableRound, ...]] = {}
    for run, rounds in fresh.items():
        known = before.get(run) or moved.get(run.session, ())
        if not known or run.session in circles:  # circles sit together, whoever else comes or goes
            kept[run] = rounds
            continue
        people = timetable.attendance(run)
        mended: list[TableRound] = []
        for number, tables in enumerate(rounds):
            if number < len(known):
                cost = pair_costs(problem, people, problem.met, mended)
                mended.append(_mended(known[number], people, sizes[run.session], cost))
            else:
                mended.append(tables)
        kept[run] = tuple(mended)
    return kept


def _mended(tables: TableRound, people: tuple[str, ...], size: int, cost: Costs) -> TableRound:
    place = {person: index for index, person in enumerate(people)}
    seats: Seats = [[place[one] for one in table if one in place][:size] for table in tables]
    seated = {one for table in seats for one in table}
    while size * len(seats) < len(people):
        seats.append([])
    for one in range(len(people)):
        if one not in seated:
            open_tables = [table for table in seats if len(table) < size]
            # Among tables that somebody sits at already: an empty one would leave the newcomer alone.
            used = [table for table in open_tables if table]
            _cheapest(used or open_tables, one, cost).append(one)
    fair = len(people) // math.ceil(len(people) / size)
    _fill_small_tables(seats, size, min(_LEAST, fair), cost)
    while seats and not seats[-1]:
        seats.pop()
    return tuple(tuple(people[one] for one in sorted(table)) for table in seats)


def _fill_small_tables(seats: Seats, size: int, least: int, cost: Costs) -> None:
    """Let nobody sit at a table with fewer than `least`: join others, or have somebody come over."""
    while True:
        used = [table for table in seats if table]
        small = min(used, key=len)
        if len(small) >= least:
            return
        others = [table for table in used if table is not small]
        room = sum(size - len(table) for table in others)
        large = [table for table in others if len(table) > least]
        if room >= len(small) and (len(small) <= least - len(small) or not large):
            for one in list(small):
                _cheapest([table for table in others if len(table) < size], one, cost).append(one)
            small.clear()
            continue
        most = max(len(table) for table in large)
        movers = [(one, table) for table in large if len(table) == most for one in table]
        one, table = min(movers, key=lambda mover: _gain(mover[0], mover[1], small, cost))
        table.remove(one)
        small.append(one)


def _cheapest(tables: Seats, one: int, cost: Costs) -> list[int]:
    return min(tables, key=lambda table: (float(cost[one, table].sum()), len(table)))


def _gain(one: int, table: list[int], small: list[int], cost: Costs) -> float:
    return float(cost[one, small].sum() - cost[one, table].sum())
