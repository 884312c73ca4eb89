"""Circles at tables of their own: who belongs together sits together, the rest at mixed tables."""

from collections.abc import Sequence

from matcher.programme.problem import Circle, TableRound
from matcher.proof import Budget

# A circle has come together when two of it or more are there.
_LEAST = 2
_SCALE = 1000
_SECONDS = 1.0


def seated_circles(
    circles: Sequence[Circle], people: Sequence[str], size: int, earlier: Sequence[TableRound]
) -> tuple[tuple[str, ...], ...]:
    """Return the tables of one round: circles of those who are here, nobody at two, worth the most.

    A circle counts its weight for each who sits there; one that has sat in an earlier round counts
    for nothing. One that is larger than a table does not sit.
    """
    here = set(people)
    sat = {frozenset(table) for tables in earlier for table in tables}
    tables = [
        (circle, tuple(person for person in people if person in circle.people))
        for circle in circles
        if _LEAST <= len(circle.people & here) <= size
    ]
    tables = [one for one in tables if frozenset(one[1]) not in sat]
    if not tables:
        return ()
    from ortools.sat.python import cp_model  # noqa: PLC0415 - the solver is loaded by whoever solves

    from matcher.cpsat import solve_model  # noqa: PLC0415 - the same

    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in tables]
    for person in people:
        model.add_at_most_one(
            literal for literal, (_, table) in zip(chosen, tables, strict=True) if person in table
        )
    model.maximize(
        sum(
            # A hair for each seat: of what is worth the same, more people sit.
            (round(_SCALE * circle.weight) + 1) * len(table) * literal
            for literal, (circle, table) in zip(chosen, tables, strict=True)
        )
    )
    answer = solve_model(model, Budget(_SECONDS, 1, 0), phase="tables")
    return tuple(
        table for literal, (_, table) in zip(chosen, tables, strict=True) if answer.is_true(literal)
    )
