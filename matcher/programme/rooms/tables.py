"""Tables for case rounds: mixed groups, new faces, every round differently."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from matcher.programme.people.circles import seated_circles
from matcher.programme.problem import Problem, Run, TableRound, Timetable

# Meeting at the same table twice in a day is worse than sitting with someone of one's own body,
# that worse than with someone met before, and that worse than with one's own group (phase).
_SAME_TABLE_AGAIN, _SAME_BODY, _MET_BEFORE, _SAME_GROUP = 100.0, 40.0, 10.0, 3.0
_PASSES = 40


@dataclass(frozen=True, slots=True)
class Mix:
    """The pairs that share a table, over all rounds of a run, and what speaks against some of them."""

    pairs: int
    again: int  # have shared a table in an earlier round of the run
    same_body: int
    met_before: int
    same_group: int


def mix(problem: Problem, rounds: tuple[TableRound, ...]) -> Mix:
    """Count how well the tables of a run are mixed."""
    known = {person.id: person for person in problem.people}
    pairs = _pairs(list(rounds))
    people = [[known[one] for one in sorted(pair)] for pair in pairs]
    return Mix(
        pairs=len(pairs),
        again=len(pairs) - len(set(pairs)),
        same_body=sum(one.body is not None and one.body == other.body for one, other in people),
        met_before=sum(problem.met.get(pair, 0) > 0 for pair in pairs),
        same_group=sum(one.group is not None and one.group == other.group for one, other in people),
    )


def seat(
    problem: Problem, timetable: Timetable, seed: int = 0
) -> dict[Run, tuple[TableRound, ...]]:
    """Return, for each run of a session with tables, who sits where in each round.

    Circles that are to sit together come first (see `seated_circles`). Of the others, tables differ
    by at most one person. Seats are swapped while a swap lowers the cost of the pairs
    that share a table (see `table_cost`), from several starts.
    """
    sizes = {session.id: session.tables for session in problem.sessions if session.tables}
    met = dict(problem.met)
    seated: dict[Run, tuple[TableRound, ...]] = {}
    random = np.random.default_rng(seed)
    for run in timetable.runs:
        tables = sizes.get(run.session)
        people = timetable.attendance(run) if tables is not None else ()
        if tables is None or len(people) < 2:
            continue
        rounds: list[TableRound] = []
        for _ in range(tables.rounds):
            together = seated_circles(tables.circles, people, tables.size, rounds)
            sitting = {person for table in together for person in table}
            others = tuple(person for person in people if person not in sitting)
            cost = pair_costs(problem, others, met, rounds)
            mixed = _seat_round(others, tables.size, cost, random) if others else ()
            rounds.append((*together, *mixed))
        seated[run] = tuple(rounds)
        for pair in _pairs(rounds):
            met[pair] = met.get(pair, 0) + 1
    return seated


def seats_of(tables: Mapping[Run, tuple[TableRound, ...]]) -> dict[str, dict[str, tuple[int, ...]]]:
    """Return person -> session -> the number of the person's table, from 1, in each round."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for run, rounds in tables.items():
        for seated in rounds:
            for number, table in enumerate(seated, start=1):
                for person in table:
                    mine = found.setdefault(person, {})
                    mine[run.session] = (*mine.get(run.session, ()), number)
    return found


def table_cost(problem: Problem, rounds: tuple[TableRound, ...]) -> float:
    """Return what the pairs that share a table cost, over all rounds of a run; small is good."""
    total = 0.0
    for number, tables in enumerate(rounds):
        people = tuple(person for table in tables for person in table)
        cost = pair_costs(problem, people, problem.met, list(rounds[:number]))
        place = {person: index for index, person in enumerate(people)}
        total += sum(
            float(cost[place[one], place[other]])
            for table in tables
            for one, other in combinations(table, 2)
        )
    return total


def _pairs(rounds: list[TableRound]) -> list[frozenset[str]]:
    return [
        frozenset(pair) for tables in rounds for table in tables for pair in combinations(table, 2)
    ]


def pair_costs(
    problem: Problem,
    people: tuple[str, ...],
    met: Mapping[frozenset[str], float],
    rounds: list[TableRound],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return people x people: what it costs that two share a table in the round after `rounds`."""
    known = {person.id: person for person in problem.people}
    again = _pairs(rounds)
    cost = np.zeros((len(people), len(people)))
    for one, other in combinations(range(len(people)), 2):
        first, second = known[people[one]], known[people[other]]
        pair = frozenset((first.id, second.id))
        cost[one, other] = cost[other, one] = (
            _SAME_TABLE_AGAIN * again.count(pair)
            + _SAME_BODY * (first.body is not None and first.body == second.body)
            + _MET_BEFORE * met.get(pair, 0)
            + _SAME_GROUP * (first.group is not None and first.group == second.group)
        )
    return cost


def _seat_round(
    people: tuple[str, ...],
    size: int,
    cost: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    random: np.random.Generator,
) -> TableRound:
    tables = math.ceil(len(people) / size)
    best: tuple[float, list[int]] | None = None
    for _ in range(4):
        table_of = np.arange(len(people)) % tables
        random.shuffle(table_of)
        value = _improve_by_swaps(table_of, tables, cost)
        if best is None or value < best[0]:
            best = value, table_of.tolist()
    chosen = best[1] if best else []
    return tuple(
        tuple(person for person, table in zip(people, chosen, strict=True) if table == number)
        for number in range(tables)
    )


def _improve_by_swaps(
    table_of: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    tables: int,
    cost: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> float:
    """Swap the best pair of people until no swap helps; changes `table_of`, returns the cost."""
    people = np.arange(len(table_of))
    for _ in range(_PASSES * len(table_of)):
        at = (table_of[:, None] == np.arange(tables)).astype(float)
        with_table = cost @ at  # people x tables: what sitting there costs
        own = with_table[people, table_of]
        across = with_table[:, table_of]  # [i, j]: i at the table of j
        # The pair itself is counted at both tables; neither of the two stays where it was.
        gain = own[:, None] + own[None, :] - across - across.T + 2 * cost
        gain[table_of[:, None] == table_of[None, :]] = 0
        one, other = np.unravel_index(gain.argmax(), gain.shape)
        if gain[one, other] <= 1e-9:
            break
        table_of[[one, other]] = table_of[[other, one]]
    same = table_of[:, None] == table_of[None, :]
    return float(cost[same].sum() / 2)
