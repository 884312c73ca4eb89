"""The tables of case rounds as a planner sees them in a proposal: who sits where, and how well mixed."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.kit.i18n import Speaker, swedish_order
from api.programme.content import ProgrammePlan
from matcher.programme.problem import Problem, Timetable
from matcher.programme.rooms.tables import mix


@dataclass(frozen=True, slots=True)
class SeatedTable:
    """A table of one round: its number, and who sits at it."""

    number: int
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeatedSession:
    """A case round with its rounds of tables, and in one sentence how well they are mixed."""

    key: str
    title: str
    mixed: str
    rounds: tuple[tuple[SeatedTable, ...], ...]


def seated_sessions(
    problem: Problem,
    timetable: Timetable,
    plan: ProgrammePlan,
    names: Mapping[str, str],
    say: Speaker,
) -> tuple[SeatedSession, ...]:
    """Return every session of a plan that is held at tables."""
    rounds = {run.session: seated for run, seated in timetable.tables.items()}
    return tuple(
        SeatedSession(
            key=one.key,
            title=names[one.key],
            mixed=_mixed(problem, one.key, rounds[one.key], say),
            rounds=tuple(_round(tables, names) for tables in rounds[one.key]),
        )
        for one in plan.sessions
        if one.key in rounds and one.tables
    )


def _round(
    tables: tuple[tuple[str, ...], ...], names: Mapping[str, str]
) -> tuple[SeatedTable, ...]:
    return tuple(
        SeatedTable(
            number, tuple(sorted((names.get(one, one) for one in table), key=swedish_order))
        )
        for number, table in enumerate(tables, start=1)
        if table
    )


def _mixed(
    problem: Problem, key: str, rounds: tuple[tuple[tuple[str, ...], ...], ...], say: Speaker
) -> str:
    circles = next(
        (one.tables.circles for one in problem.sessions if one.id == key and one.tables), ()
    )
    if circles:
        tables = [set(table) for tables in rounds for table in tables]
        sitting = sum(
            any(one.people & table == table and len(table) > 1 for one in circles)
            for table in tables
        )
        return say.plural(
            "%(num)s krets sitter samlad.",
            "%(num)s kretsar sitter samlade. De som har längst till varandra väger tyngst.",
            sitting,
        )
    found = mix(problem, rounds)
    return say.text(
        "Två och två vid borden: %(pairs)s par. Har träffats förut: %(met)s. Samma RC: %(body)s. Samma fas: %(group)s. Sitter ihop igen: %(again)s.",
        pairs=found.pairs,
        met=found.met_before,
        body=found.same_body,
        group=found.same_group,
        again=found.again,
    )
