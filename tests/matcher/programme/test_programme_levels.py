import pytest

from bench.programme.instances import national_meeting
from matcher.errors import InfeasibleError
from matcher.programme.exact.finish import agendas_for
from matcher.programme.explain import missed_wishes
from matcher.programme.files.codec import problem_from_document
from matcher.programme.people.greedy import choose_greedily
from matcher.programme.places import Places
from matcher.programme.problem import Problem, Timetable
from matcher.programme.rooms.tables import seat, table_cost
from matcher.programme.rules.scores import body_wishes
from matcher.programme.rules.violations import scores, violations
from matcher.programme.solve import Solution, solve
from matcher.programme.structure.construct import construct
from matcher.proof import Budget, Progress

BUDGET = Budget(seconds=3.0, workers=1, seed=1)


def plan(**document: object) -> tuple[Problem, Solution]:
    base: dict[str, object] = {
        "slots": [{"id": "s1"}, {"id": "s2"}],
        "rooms": [{"id": "r1", "capacity": 4}, {"id": "r2", "capacity": 4}],
        "people": [],
    }
    problem = problem_from_document({**base, **document})
    solution = solve(problem, BUDGET)
    assert violations(problem, solution.timetable) == ()
    return problem, solution


def test_two_delegates_of_a_body_go_to_different_rooms_when_topics_clash() -> None:
    _, solution = plan(
        slots=[{"id": "s1"}],
        sessions=[{"id": "a"}, {"id": "b"}],
        people=[
            {"id": "p", "body": "rc", "wishes": {"a": 3, "b": 2}},
            {"id": "q", "body": "rc", "wishes": {"a": 3, "b": 2}},
        ],
    )
    assert solution.scores.levels["coverage"] == 0
    assert solution.scores.attended_weight == 5
    assert {"must_haves", "coverage", "wished_weight"} <= solution.proven
    assert solution.prices["coverage"] == 1


def test_must_have_comes_before_any_weight() -> None:
    _, solution = plan(
        slots=[{"id": "s1"}],
        sessions=[{"id": "a"}, {"id": "b"}],
        people=[{"id": "p", "wishes": {"a": 100}, "must": ["b"]}],
    )
    assert solution.timetable.agendas["p"][0].session == "b"
    assert solution.prices["must_haves"] == 100


def test_topic_that_runs_twice_counts_once_for_a_person() -> None:
    _, solution = plan(
        sessions=[{"id": "a", "repeats": 2}],
        people=[{"id": "p", "wishes": {"a": 2}}, {"id": "q", "wishes": {"a": 1}}],
    )
    assert solution.scores.attended_weight == 3


def test_person_who_comes_late_gets_the_second_run() -> None:
    _, solution = plan(
        rooms=[{"id": "r1", "capacity": 1}],
        sessions=[{"id": "a", "repeats": 2}],
        people=[
            {"id": "p", "wishes": {"a": 2}, "unavailable_slots": ["s1"]},
            {"id": "q", "wishes": {"a": 1}, "unavailable_slots": ["s2"]},
        ],
    )
    assert solution.scores.attended_weight == 3


def test_sessions_of_a_guest_role_stand_in_its_window() -> None:
    _, solution = plan(
        slots=[{"id": f"s{n}"} for n in range(1, 5)],
        roles=[{"id": "police", "window": 2}],
        sessions=[{"id": name, "roles": ["police"], "must_run": True} for name in ("a", "b")],
        people=[{"id": "guest", "roles": ["police"], "wishes": {}}],
    )
    places = sorted(int(run.slot[1]) for run in solution.timetable.runs)
    assert places[1] - places[0] == 1
    assert solution.scores.levels["must_haves"] == 0


def test_window_too_narrow_for_its_sessions_is_named_with_them() -> None:
    with pytest.raises(InfeasibleError) as caught:
        plan(
            rooms=[{"id": "r1"}],
            roles=[{"id": "police", "window": 1}],
            sessions=[
                {"id": "a", "roles": ["police"], "pin": {"slot": "s1"}},
                {"id": "b", "roles": ["police"], "must_run": True},
                {"id": "c", "must_run": False},
            ],
        )
    assert set(caught.value.conflict) == {
        "a is pinned to s1",
        "b must run",
        "the sessions for police fit 1 slots in a row",
    }


def test_long_session_keeps_its_people_for_all_its_slots() -> None:
    problem, solution = plan(
        sessions=[{"id": "long", "duration": 2}, {"id": "short", "must_run": True}],
        people=[{"id": "p", "wishes": {"long": 3, "short": 2}}],
    )
    assert solution.scores.attended_weight == 3
    assert [one.reason.kind for one in missed_wishes(problem, solution.timetable)] == [
        "at_another_session"
    ]


def test_walk_that_takes_too_long_keeps_people_in_place() -> None:
    slots = [
        {"id": "s1", "start": "2026-10-01T09:00", "end": "2026-10-01T10:00"},
        {"id": "s2", "start": "2026-10-01T10:10", "end": "2026-10-01T11:00"},
    ]
    _, solution = plan(
        slots=slots,
        walking=[{"from": "r1", "to": "r2", "minutes": 15}],
        sessions=[{"id": "a", "pin": {"room": "r1"}}, {"id": "b", "pin": {"room": "r2"}}],
        people=[{"id": "p", "wishes": {"a": 2, "b": 1}}],
    )
    assert solution.scores.attended_weight == 2


def test_prerequisite_is_attended_before() -> None:
    _, solution = plan(
        sessions=[{"id": "a"}, {"id": "b", "prerequisites": ["a"]}],
        people=[{"id": "p", "wishes": {"b": 2}}],
    )
    assert [line.session for line in solution.timetable.agendas["p"]] == ["a", "b"]


def test_every_missed_wish_and_unplaced_topic_has_a_reason() -> None:
    problem, solution = plan(
        slots=[{"id": "s1"}],
        sessions=[{"id": name} for name in "abc"],
        people=[{"id": "p", "wishes": {"a": 1, "b": 1, "c": 1}}],
    )
    running = {run.session for run in solution.timetable.runs}
    assert set(solution.reasons) == {"a", "b", "c"} - running
    missed = list(missed_wishes(problem, solution.timetable))
    assert len(missed) == 2
    assert all(one.reason.message for one in missed)


def test_tables_mix_groups_and_change_between_rounds() -> None:
    problem, solution = plan(
        rooms=[{"id": "r1"}],
        slots=[{"id": "s1"}],
        sessions=[{"id": "case", "tables": {"size": 2, "rounds": 2}}],
        people=[
            {"id": f"p{n}", "wishes": {"case": 1}, "group": "new" if n < 2 else "old"}
            for n in range(4)
        ],
    )
    (rounds,) = seat(problem, solution.timetable).values()
    assert all({len(table) for table in tables} == {2} for tables in rounds)
    assert {frozenset(table) for table in rounds[0]}.isdisjoint(map(frozenset, rounds[1]))
    assert table_cost(problem, rounds) == 0


def test_national_meeting_holds_every_rule_and_covers_every_body() -> None:
    problem = problem_from_document(national_meeting())
    solution = solve(problem, Budget(6.0, 2, 0))
    assert len(body_wishes(problem)) == 16
    assert violations(problem, solution.timetable) == ()
    assert scores(problem, solution.timetable).levels["must_haves"] == 0
    assert solution.scores.attended_weight <= solution.upper_bound


def test_little_time_never_leaves_people_with_empty_days() -> None:
    """Agendas that the exact model has no time for are those chosen one wish after the other."""
    problem = problem_from_document(national_meeting())
    places = Places(problem)
    runs = construct(places, Budget(5.0, 1, 0))
    quick = agendas_for(places, runs, Budget(0.01, 1, 0))
    greedy = choose_greedily(places, runs)
    known = scores(problem, Timetable(runs, agendas=greedy))
    assert scores(problem, Timetable(runs, agendas=quick)).key <= known.key
    assert known.attended_weight > 0


def test_wish_to_stop_ends_all_phases_soon_with_a_whole_plan() -> None:
    problem = problem_from_document(national_meeting())
    phases: list[str] = []

    def stop(progress: Progress) -> bool:
        phases.append(progress.phase)
        return progress.phase != "annealing"

    solution = solve(problem, Budget(36_000.0, 1, 0), on_progress=stop)
    assert violations(problem, solution.timetable) == ()
    assert phases.count("annealing") == 1
