"""A room that is too small is named with how many find no seat, who they are, and a larger one that is free."""

import pytest

from api.proposals.programme.engine import Crowded, look
from matcher.programme.problem import (
    Attendance,
    Person,
    Problem,
    Room,
    Run,
    Session,
    Slot,
    Timetable,
)


def crowd(rooms: tuple[Room, ...]) -> tuple[Crowded, ...]:
    """Fifteen wish for the one session, which stands in the first room; eight sit there."""
    people = tuple(Person(id=f"p{number:02}", wishes={"a": 1.0}) for number in range(15))
    problem = Problem(slots=(Slot("s"),), rooms=rooms, sessions=(Session("a"),), people=people)
    line = (Attendance("s", "a"),)
    agendas = {one.id: line if place < 8 else () for place, one in enumerate(people)}
    return look(problem, Timetable((Run("a", "s", rooms[0].id),), agendas=agendas)).crowded


@pytest.mark.parametrize(
    ("others", "larger"),
    [
        ((), None),
        ((Room("small", 5),), None),
        ((Room("ten", 10), Room("big", 40), Room("fits", 16)), "fits"),
        ((Room("ten", 10), Room("twelve", 12)), "twelve"),  # better than nothing
        ((Room("endless", None),), "endless"),
    ],
)
def test_fifteen_wish_and_eight_sit(others: tuple[Room, ...], larger: str | None) -> None:
    left = tuple(f"p{number:02}" for number in range(8, 15))
    assert crowd((Room("r", 8), *others)) == (Crowded("a", "r", 15, 8, left, larger),)


def test_a_room_that_holds_all_who_wish_is_not_named() -> None:
    assert crowd((Room("r", 40),)) == ()
