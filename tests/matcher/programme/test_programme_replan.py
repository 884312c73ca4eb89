from matcher.programme.files.codec import problem_from_document
from matcher.programme.repair.replan import replan
from matcher.programme.rules.violations import violations
from matcher.programme.solve import solve
from matcher.proof import Budget

BUDGET = Budget(seconds=3.0, workers=1, seed=1)


def meeting(**leader: object) -> dict[str, object]:
    return {
        "slots": [{"id": "s1"}, {"id": "s2"}, {"id": "s3"}],
        "rooms": [{"id": "r1", "capacity": 3}, {"id": "r2", "capacity": 3}],
        "sessions": [
            {"id": "a", "hosts": ["lead"], "must_run": True},
            {"id": "b", "must_run": True},
            {"id": "c", "must_run": True},
        ],
        "people": [
            {"id": "p", "wishes": {"a": 3, "b": 1}},
            {"id": "q", "wishes": {"c": 2}},
            {"id": "lead", **leader},
        ],
    }


def test_leader_who_falls_ill_moves_one_session_and_only_its_people_are_told() -> None:
    published = solve(problem_from_document(meeting()), BUDGET).timetable
    where = {run.session: run for run in published.runs}
    gone = where["a"].slot
    changed = problem_from_document(meeting(unavailable_slots=[gone]))
    assert violations(changed, published)
    repaired = replan(changed, published, BUDGET)
    assert violations(changed, repaired.timetable) == ()
    assert repaired.is_smallest
    assert [move.old for move in repaired.moves] == [where["a"]]
    told = {notice.person for notice in repaired.notices}
    assert "lead" in told
    assert "q" not in told


def test_plan_that_still_holds_is_left_as_it_is() -> None:
    problem = problem_from_document(meeting())
    published = solve(problem, BUDGET).timetable
    repaired = replan(problem, published, BUDGET)
    assert set(repaired.timetable.runs) == set(published.runs)
    assert (repaired.moves, repaired.notices) == ((), ())


def test_room_that_goes_cancels_the_topic_that_finds_no_other_place() -> None:
    document = {
        "slots": [{"id": "s1"}],
        "rooms": [{"id": "r1"}, {"id": "r2"}],
        "sessions": [{"id": "a"}, {"id": "b"}],
        "people": [
            {"id": "p", "wishes": {"a": 3}},
            {"id": "q", "wishes": {"a": 1}},
            {"id": "r", "wishes": {"b": 5}},
        ],
    }
    published = solve(problem_from_document(document), BUDGET).timetable
    document["rooms"] = [{"id": "r1"}, {"id": "r2", "unavailable_slots": ["s1"]}]
    repaired = replan(problem_from_document(document), published, BUDGET)
    (move,) = [move for move in repaired.moves if move.new is None]
    assert move.old.session == "b"
    (notice,) = [notice for notice in repaired.notices if notice.lost]
    assert (notice.person, notice.weight) == ("r", -5)
    assert notice.lost[0].reason.kind == "does_not_run"


def _three(**session: object) -> dict[str, object]:
    """A long session in one room, two short ones in the other; many come to the long one."""
    return {
        "slots": [{"id": "s1"}, {"id": "s2"}],
        "rooms": [{"id": "r1"}, {"id": "r2"}],
        "sessions": [{"id": "long", "duration": 2, **session}, {"id": "a"}, {"id": "b"}],
        "people": [
            *({"id": f"p{n}", "wishes": {"long": 5}} for n in range(9)),
            {"id": "q", "wishes": {"a": 1, "b": 1}},
        ],
    }


def test_as_many_sessions_as_can_be_go_on_also_when_the_larger_one_goes() -> None:
    document = _three()
    published = solve(problem_from_document(document), BUDGET).timetable
    assert len(published.runs) == 3
    gone = next(run.room for run in published.runs if run.session == "a")
    rooms: list[dict[str, object]] = [{"id": "r1"}, {"id": "r2"}]
    for room in rooms:
        if room["id"] == gone:
            room["unavailable_slots"] = ["s1", "s2"]
    document["rooms"] = rooms
    repaired = replan(problem_from_document(document), published, BUDGET)
    assert {run.session for run in repaired.timetable.runs} == {"a", "b"}
    assert repaired.keeps_most
    assert repaired.is_smallest


def test_a_session_is_cut_short_only_where_it_would_be_lost() -> None:
    document = {
        "slots": [{"id": "s1"}, {"id": "s2"}, {"id": "half"}],
        "rooms": [{"id": "r1"}],
        "sessions": [{"id": "a"}, {"id": "b"}],
        "people": [{"id": "p", "wishes": {"a": 1, "b": 1}}],
    }
    short = {"a": frozenset({"half"}), "b": frozenset({"half"})}
    strict = document | {
        "sessions": [
            {"id": "a", "unavailable_slots": ["half"]},
            {"id": "b", "unavailable_slots": ["half"]},
        ]
    }
    published = solve(problem_from_document(strict), BUDGET).timetable
    assert replan(problem_from_document(document), published, BUDGET, short).shortened == ()
    document["rooms"] = [{"id": "r1", "unavailable_slots": ["s1"]}]
    repaired = replan(problem_from_document(document), published, BUDGET, short)
    assert {run.session for run in repaired.timetable.runs} == {"a", "b"}
    assert len(repaired.shortened) == 1
    assert repaired.keeps_most
    assert {move.old.slot for move in repaired.moves} == {"s1"}, "only what must moves"
