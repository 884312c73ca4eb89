"""Tables after a change: all who attend have one seat, and those who stay keep theirs."""

from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.programme.problem import (
    Attendance,
    Person,
    Problem,
    Room,
    Run,
    Session,
    Slot,
    Tables,
    Timetable,
)
from matcher.programme.repair.replan import replan
from matcher.programme.repair.reseating import reseat
from matcher.programme.rooms.tables import Mix, mix, seat, seats_of
from matcher.programme.rules.violations import violations
from matcher.proof import Budget

RUN = Run("case", "s1", "r1")


def case_round(number: int, size: int, rounds: int = 1) -> Problem:
    """Return a case round for so many people, p0, p1 and so on."""
    return Problem(
        slots=(Slot("s1"), Slot("s2")),
        rooms=(Room("r1"), Room("r2")),
        sessions=(Session("case", tables=Tables(size, rounds)),),
        people=tuple(Person(f"p{n}", {"case": 1.0}, group=f"g{n % 3}") for n in range(number)),
    )


def attended(problem: Problem, numbers: set[int], run: Run = RUN) -> Timetable:
    """Return the timetable in which just these people attend."""
    line = (Attendance(run.slot, run.session),)
    agendas = {one.id: line for n, one in enumerate(problem.people) if n in numbers}
    return Timetable((run,), agendas=agendas)


@settings(max_examples=150)
@given(
    size=st.integers(2, 6),
    rounds=st.integers(1, 3),
    was=st.sets(st.integers(0, 19), min_size=2),
    now=st.sets(st.integers(0, 19), min_size=2),
)
def test_whoever_comes_and_goes_everyone_has_one_seat_at_a_table_that_is_a_round(
    size: int, rounds: int, was: set[int], now: set[int]
) -> None:
    problem = case_round(20, size, rounds)
    before = seat(problem, attended(problem, was))
    changed = attended(problem, now)
    tables = reseat(problem, changed, before)
    assert violations(problem, replace(changed, tables=tables)) == ()
    for number, seated in enumerate(tables[RUN]):
        used = [table for table in seated if table]
        fair = len(now) // -(-len(now) // size)
        assert min(map(len, used)) >= min(3, fair)
        if was == now:
            assert seated == before[RUN][number]


@settings(max_examples=100)
@given(number=st.integers(8, 20), size=st.integers(4, 6), data=st.data())
def test_one_who_leaves_or_comes_sends_hardly_anybody_to_another_table(
    number: int, size: int, data: st.DataObject
) -> None:
    """A table that keeps three people keeps them; one of two is filled by one, or joins others."""
    problem = case_round(number, size)
    everybody = set(range(number))
    one = data.draw(st.sampled_from(sorted(everybody)))
    for was, now in ((everybody, everybody - {one}), (everybody - {one}, everybody)):
        before = seat(problem, attended(problem, was))
        after = reseat(problem, attended(problem, now), before)
        old, new = seats_of(before), seats_of(after)
        moved = [who for who in old.keys() & new.keys() if old[who] != new[who]]
        smallest = min(len(table) for table in before[RUN][0])
        assert len(moved) <= (0 if smallest > 3 and now < was else 2)


def test_a_table_that_empties_leaves_the_numbers_of_the_others() -> None:
    problem = case_round(9, 5)
    before = {RUN: ((("p0", "p1", "p2"), ("p3", "p4", "p5"), ("p6", "p7", "p8")),)}
    after = reseat(problem, attended(problem, {0, 1, 2, 6, 7, 8}), before)
    assert after[RUN] == ((("p0", "p1", "p2"), (), ("p6", "p7", "p8")),)


def test_a_round_that_moves_takes_its_tables_along_and_only_those_reseated_are_told() -> None:
    problem = case_round(8, 4)
    published = attended(problem, set(range(8)))
    published = replace(published, tables=seat(problem, published))
    gone = replace(problem, rooms=(replace(problem.rooms[0], unavailable_slots=frozenset({"s1"})),))
    moved = replan(gone, published, Budget(2.0, 1, 0))
    assert list(moved.timetable.tables.values()) == list(published.tables.values())
    assert {notice.reseated for notice in moved.notices} == {()}

    first, second = published.tables[RUN][0]
    swapped = ((second[0], *first[1:]), (first[0], *second[1:]))
    unfair = replace(published, tables={RUN: (swapped,)})
    same = replan(problem, unfair, Budget(2.0, 1, 0))
    assert same.timetable.tables == {RUN: (tuple(tuple(sorted(table)) for table in swapped),)}, (
        "tables as published are kept, even where better ones could be had"
    )
    assert same.notices == ()


def test_seats_that_do_not_fit_those_who_attend_break_a_rule() -> None:
    problem = case_round(4, 2)
    timetable = attended(problem, {0, 1, 2})
    for tables in (
        (("p0", "p1"),),  # one has none
        (("p0", "p1"), ("p2", "p3")),  # one does not attend
        (("p0", "p1"), ("p1", "p2")),  # one has two
        (("p0", "p1", "p2"),),  # too large
    ):
        found = violations(problem, replace(timetable, tables={RUN: (tables,)}))
        assert [one.rule for one in found] == ["everyone_has_one_seat"]
    elsewhere = replace(timetable, tables={Run("case", "s2", "r1"): ((("p0", "p1", "p2"),),)})
    assert [one.rule for one in violations(problem, elsewhere)] == ["everyone_has_one_seat"]


def test_mix_counts_the_pairs_of_each_kind_over_all_rounds() -> None:
    people = (
        Person("a", body="x", group="new"),
        Person("b", body="x", group="old"),
        Person("c", body="y", group="old"),
        Person("d"),
    )
    pairs = {frozenset(pair): 1.0 for pair in combinations("ad", 2)}
    problem = replace(case_round(0, 2), people=people, met=pairs)
    rounds = ((("a", "b"), ("c", "d")), (("a", "b"), ("c", "d")), (("a", "d"), ("b", "c")))
    assert mix(problem, rounds) == Mix(pairs=6, again=2, same_body=2, met_before=1, same_group=1)
