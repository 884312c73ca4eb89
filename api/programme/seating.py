"""The tables of case rounds as rows: written with a programme, read as each one's own table."""

from collections.abc import Collection, Iterable, Iterator

from api.kit.i18n import Speaker
from api.programme.models import Seat

SeatedRound = tuple[tuple[str, ...], ...]
"""One round of a case round: the functions at each table; a table may be empty after a change."""


def seats_of(session_id: str, rounds: Iterable[SeatedRound]) -> Iterator[Seat]:
    """Yield a row per function and round of a session."""
    for round_number, tables in enumerate(rounds, start=1):
        for table_number, table in enumerate(tables, start=1):
            for function_id in table:
                yield Seat(
                    session_id=session_id,
                    round_number=round_number,
                    function_id=function_id,
                    table_number=table_number,
                )


def rounds_of(seats: Iterable[Seat], session_id: str) -> tuple[dict[int, tuple[str, ...]], ...]:
    """Return a session's rounds, each with the functions at every table that is used, by number."""
    rounds: dict[int, dict[int, list[str]]] = {}
    for seat in seats:
        if seat.session_id == session_id:
            tables = rounds.setdefault(seat.round_number, {})
            tables.setdefault(seat.table_number, []).append(seat.function_id)
    return tuple(
        {table: tuple(people) for table, people in sorted(rounds[number].items())}
        for number in sorted(rounds)
    )


def own_tables(seats: Iterable[Seat], function_ids: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Return session -> the table in each round of whoever holds these functions.

    Who holds two functions that sit in the same session goes by the first of them.
    """
    found: dict[str, dict[str, dict[int, int]]] = {}
    for seat in seats:
        if seat.function_id in function_ids:
            functions = found.setdefault(seat.session_id, {})
            functions.setdefault(seat.function_id, {})[seat.round_number] = seat.table_number
    own = {session: functions[min(functions)] for session, functions in found.items()}
    return {session: tuple(own[session][n] for n in sorted(own[session])) for session in own}


def in_words(tables: Collection[int], say: Speaker) -> str:
    """Say which table to sit at, round by round: "Bord 3, sedan bord 1"; nothing without tables."""
    if not tables:
        return ""
    if len(set(tables)) == 1:
        return say.text("Bord %(number)s", number=next(iter(tables)))
    first, *others = tables
    rest = [say.text("sedan bord %(number)s", number=one) for one in others]
    return ", ".join([say.text("Bord %(number)s", number=first), *rest])
