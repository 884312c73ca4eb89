"""Circles at a meeting sit at tables of their own, and each of the choices of circles is the best there is."""

from itertools import combinations

import pytest

from matcher.programme.files.codec import problem_from_document
from matcher.programme.files.writing import problem_document
from matcher.programme.people.circles import seated_circles
from matcher.programme.problem import Circle, Person, Problem, Room, Session, Slot, Tables
from matcher.programme.rules.violations import violations
from matcher.programme.solve import solve
from matcher.proof import Budget

PEOPLE = tuple("abcdefgh")


def _circle(people: str, weight: float) -> Circle:
    return Circle(frozenset(people), weight)


def _worth(circles: tuple[Circle, ...]) -> float:
    return sum(one.weight * len(one.people) for one in circles)


@pytest.mark.parametrize(
    "circles",
    [
        (_circle("abc", 5), _circle("cd", 9), _circle("de", 2), _circle("fgh", 1)),
        (_circle("ab", 1), _circle("bc", 1.5), _circle("ac", 1), _circle("defg", 0)),
        (_circle("abcd", 3), _circle("ab", 4), _circle("cd", 4), _circle("gh", 7)),
    ],
)
def test_the_circles_that_sit_are_worth_the_most_of_all_choices(
    circles: tuple[Circle, ...],
) -> None:
    disjoint = (
        chosen
        for size in range(len(circles) + 1)
        for chosen in combinations(circles, size)
        if sum(len(one.people) for one in chosen) == len({p for one in chosen for p in one.people})
    )
    best = max(_worth(chosen) for chosen in disjoint)
    seated = seated_circles(circles, PEOPLE, 4, ())
    sitting = tuple(one for one in circles if tuple(sorted(one.people)) in seated)
    assert _worth(sitting) == best


def test_a_second_round_seats_circles_that_have_not_sat() -> None:
    circles = (_circle("ab", 9), _circle("bc", 5))
    first = seated_circles(circles, PEOPLE, 4, ())
    assert first == (("a", "b"),)
    assert seated_circles(circles, PEOPLE, 4, (first,)) == (("b", "c"),)


def test_a_meeting_seats_its_circles_with_everything_else_and_every_one_has_a_seat() -> None:
    circles = (_circle("ab", 2), _circle("cd", 3), _circle("ac", 1))
    problem = Problem(
        slots=(Slot("s1"), Slot("s2", kind="plenary")),
        rooms=(Room("r1", 20),),
        sessions=(
            Session("topic"),
            Session("circles", is_must_run=True, pin_slot="s2", tables=Tables(6, 1, circles)),
        ),
        people=tuple(Person(one, {"topic": 1.0}, must=frozenset({"circles"})) for one in PEOPLE),
    )
    assert problem_from_document(problem_document(problem)) == problem
    found = solve(problem, Budget(5.0, 1, 0)).timetable
    assert violations(problem, found) == ()
    (rounds,) = found.tables.values()
    assert ("a", "b") in rounds[0]
    assert ("c", "d") in rounds[0]
    assert sorted(person for table in rounds[0] for person in table) == sorted(PEOPLE)
