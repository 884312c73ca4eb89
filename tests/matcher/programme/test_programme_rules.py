import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import InfeasibleError
from matcher.programme.files.answer import answer_document
from matcher.programme.files.codec import problem_from_document
from matcher.programme.problem import Attendance, Problem, Run, Timetable
from matcher.programme.rules.violations import RULES, scores, violations
from matcher.programme.solve import solve
from matcher.proof import Budget

QUICK = Budget(seconds=0.8, workers=1, seed=1)


def two_rooms(**extra: object) -> Problem:
    document: dict[str, object] = {
        "slots": [{"id": "s1"}, {"id": "s2"}, {"id": "s3"}],
        "rooms": [{"id": "r1", "capacity": 2}, {"id": "r2", "capacity": 1}],
        "sessions": [{"id": "a", "hosts": ["h"]}, {"id": "b", "hosts": ["h"]}, {"id": "c"}],
        "people": [
            {"id": "p", "wishes": {"a": 2, "b": 1}},
            {"id": "q", "wishes": {"a": 1, "c": 3}},
            {"id": "h"},
        ],
    }
    return problem_from_document({**document, **extra})


def broken(problem: Problem, timetable: Timetable) -> set[str]:
    return {violation.rule for violation in violations(problem, timetable)}


def test_every_rule_has_its_own_name() -> None:
    assert len({rule.__name__ for rule in RULES}) == len(RULES)


def test_host_of_two_sessions_at_once_is_in_two_places() -> None:
    timetable = Timetable((Run("a", "s1", "r1"), Run("b", "s1", "r2")))
    assert "hosts_in_one_place" in broken(two_rooms(), timetable)


def test_agenda_of_a_session_that_does_not_run_is_a_violation() -> None:
    timetable = Timetable((), agendas={"p": (Attendance("s1", "a"),)})
    assert broken(two_rooms(), timetable) == {"agenda_of_runs"}


def test_more_people_than_seats_is_a_violation() -> None:
    line = (Attendance("s1", "c"),)
    timetable = Timetable((Run("c", "s1", "r2"),), agendas={"p": line, "q": line})
    assert broken(two_rooms(), timetable) == {"room_capacity"}


def test_a_session_has_ended_by_its_time_in_the_rules_and_for_the_solver() -> None:
    hours = [
        {"id": f"s{n}", "start": f"2027-02-01T{n + 8:02d}:00", "end": f"2027-02-01T{n + 9:02d}:00"}
        for n in (1, 2, 3)
    ]
    sessions = [{"id": "a", "duration": 2, "ends_by": "2027-02-01T11:00"}]
    people = [{"id": "p", "wishes": {"a": 1}, "unavailable_slots": ["s1"]}]
    problem = two_rooms(slots=hours, sessions=sessions, people=people)
    assert broken(problem, Timetable((Run("a", "s1", "r1"),))) == set()
    assert broken(problem, Timetable((Run("a", "s2", "r1"),))) == {"ends_in_time"}
    assert solve(problem, QUICK).scores.attended_weight == 0  # p could come to the later ones only
    later = [{**sessions[0], "ends_by": "2027-02-01T12:00"}]
    problem = two_rooms(slots=hours, sessions=later, people=people)
    assert solve(problem, QUICK).scores.attended_weight == 1


def test_two_sessions_in_one_room_at_once_is_a_violation() -> None:
    timetable = Timetable(
        (Run("b", "s1", "r1"), Run("c", "s1", "r1")), agendas={"h": (Attendance("s1", "b"),)}
    )
    assert broken(two_rooms(), timetable) == {"one_session_in_a_room"}


def small_documents() -> st.SearchStrategy[dict[str, object]]:
    """Plain problems so small that every timetable can be tried."""

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, object]:
        slots = [f"s{n}" for n in range(draw(st.integers(1, 3)))]
        sessions = [f"t{n}" for n in range(draw(st.integers(1, 4)))]
        people = [f"p{n}" for n in range(draw(st.integers(0, 4)))]
        some = st.lists(st.sampled_from([*people, "guest"]), max_size=1, unique=True)
        weight = st.integers(0, 3)
        return {
            "slots": [{"id": slot} for slot in slots],
            "rooms": [
                {"id": f"r{n}", "capacity": draw(st.integers(0, 3))}
                for n in range(draw(st.integers(1, 2)))
            ],
            "sessions": [
                {
                    "id": session,
                    "hosts": draw(some),
                    "unavailable_slots": draw(
                        st.lists(st.sampled_from(slots), max_size=2, unique=True)
                    ),
                }
                for session in sessions
            ],
            "people": [
                {
                    "id": person,
                    "wishes": draw(st.dictionaries(st.sampled_from(sessions), weight)),
                    "unavailable_slots": draw(
                        st.lists(st.sampled_from(slots), max_size=1, unique=True)
                    ),
                }
                for person in people
            ],
        }

    return build()


def best_by_brute_force(problem: Problem) -> float:
    """Try every placement of every session and every choice of every person."""
    cells = [(slot.id, room.id) for slot in problem.slots for room in problem.rooms]
    names = [session.id for session in problem.sessions]
    best = 0.0
    for placement in itertools.product([None, *cells], repeat=len(names)):
        taken = [cell for cell in placement if cell]
        if len(set(taken)) < len(taken):
            continue
        runs = tuple(Run(name, *cell) for name, cell in zip(names, placement, strict=True) if cell)
        best = max(best, best_agendas(problem, runs))
    return best


def best_agendas(problem: Problem, runs: tuple[Run, ...]) -> float:
    hosted: dict[str, list[Attendance]] = {person.id: [] for person in problem.people}
    for run in runs:
        hosts = next(one for one in problem.sessions if one.id == run.session).hosts
        for host in hosts & hosted.keys():
            hosted[host].append(Attendance(run.slot, run.session))
    start = Timetable(runs, agendas={name: tuple(lines) for name, lines in hosted.items()})
    if violations(problem, start):
        return 0.0
    return sum(best_in_slot(problem, start, slot.id) for slot in problem.slots)


def best_in_slot(problem: Problem, timetable: Timetable, slot: str) -> float:
    here = [run for run in timetable.runs if run.slot == slot]
    seats = {room.id: room.capacity or 0 for room in problem.rooms}
    people = {person.id for person in problem.people}
    outside = {one.id: len(one.hosts - people) for one in problem.sessions}
    options: list[list[str | None]] = []
    for person in problem.people:
        own = [line.session for line in timetable.agendas[person.id] if line.slot == slot]
        free: list[str | None] = [None, *(run.session for run in here)]
        options.append([*own] or ([None] if slot in person.unavailable_slots else free))
    best = 0.0
    for choice in itertools.product(*options):
        if all(choice.count(run.session) + outside[run.session] <= seats[run.room] for run in here):
            pairs = zip(problem.people, choice, strict=True)
            best = max(best, sum(person.wishes.get(name or "", 0.0) for person, name in pairs))
    return best


@settings(max_examples=25)
@given(small_documents())
def test_solution_of_a_tiny_problem_is_as_good_as_brute_force(document: dict[str, object]) -> None:
    problem = problem_from_document(document)
    solution = solve(problem, QUICK)
    assert violations(problem, solution.timetable) == ()
    found = scores(problem, solution.timetable)
    assert found.attended_weight <= solution.upper_bound + 1e-9
    best = best_by_brute_force(problem)
    assert found.attended_weight == best


@settings(max_examples=25)
@given(small_documents())
def test_written_answer_agrees_with_its_own_agendas(document: dict[str, object]) -> None:
    problem = problem_from_document(document)
    answer = answer_document(problem, solve(problem, QUICK), 1)
    wishes = {person.id: person.wishes for person in problem.people}
    attended = sum(
        wishes[person].get(line["session"], 0.0)
        for person, own in answer["people"].items()
        for line in own["agenda"]
    )
    assert attended == answer["attended_weight"]
    for own in answer["people"].values():
        for line in own["agenda"]:
            assert answer["sessions"][line["session"]]["slot"] == line["slot"]
    for session in answer["sessions"].values():
        assert session["slot"] is not None or session["reason"]


def test_contradictory_pins_name_the_smallest_conflict() -> None:
    problem = two_rooms(
        sessions=[
            {"id": "a", "hosts": ["h"], "pin": {"slot": "s1"}},
            {"id": "b", "hosts": ["h"], "pin": {"slot": "s1"}},
            {"id": "c", "pin": {"slot": "s2"}, "must_run": True},
        ]
    )
    with pytest.raises(InfeasibleError) as caught:
        solve(problem, QUICK)
    assert set(caught.value.conflict) == {
        "a is pinned to s1",
        "b is pinned to s1",
        "h leads a, b, one at a time",
    }
