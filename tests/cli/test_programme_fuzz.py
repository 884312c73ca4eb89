"""`samkrets programme` on random small problems, judged by rules written apart from the engine's."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from api.cli import app
from tests.cli.programme_apart import (
    Json,
    Line,
    Meeting,
    Run,
    agenda_faults,
    crowding_faults,
    structure_faults,
)
from tests.cli.programme_judge import faults, levels

# The same problems each time in the quick suite; others each time in the full one.
QUICK = settings(derandomize=True, database=None, max_examples=25)
FULL = settings(max_examples=300)
# Levels whose proofs are compared with all timetables, most important first.
FIRST_LEVELS = ("must_haves", "coverage", "wished_weight", "fairness")


def plan(document: Json, folder: Path, seconds: float = 20.0) -> tuple[int, Json]:
    """Run the command in this process; return its exit code and what it wrote, if anything."""
    problem, out = folder / "problem.json", folder / "answer.json"
    out.unlink(missing_ok=True)
    problem.write_text(json.dumps(document), encoding="utf-8")
    options = ["--out", str(out), "--time-limit", str(seconds), "--workers", "1"]
    result = CliRunner().invoke(app, ["programme", str(problem), *options])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if result.exit_code:
        assert not out.exists(), "nothing is written unless it is done"
        return result.exit_code, {}
    return 0, json.loads(out.read_text(encoding="utf-8"))


def some(values: Sequence[str], most: int) -> st.SearchStrategy[list[str]]:
    if not values:
        return st.just([])
    return st.lists(st.sampled_from(values), unique=True, max_size=most)


WEIGHTS = st.integers(0, 3) | st.sampled_from((0.5, 2.5))


@st.composite
def minimal_documents(draw: st.DrawFn, slots: int, rooms: int, topics: int, people: int) -> Json:
    """The contract's minimal form: hosts need not stand under people, rooms may have no limit."""
    slot_ids = [f"s{n}" for n in range(draw(st.integers(1, slots)))]
    names = [f"t{n}" for n in range(draw(st.integers(1, topics)))]
    persons = [f"p{n}" for n in range(draw(st.integers(1, people)))]
    return {
        "slots": [{"id": one} for one in slot_ids],
        "rooms": [
            {"id": f"r{n}"} | draw(st.sampled_from(({}, {"capacity": 1}, {"capacity": 2})))
            for n in range(draw(st.integers(1, rooms)))
        ],
        "sessions": [
            {
                "id": one,
                "hosts": draw(some([*persons, "p99"], 1)),
                "unavailable_slots": draw(some(slot_ids, 1)),
            }
            for one in names
        ],
        "people": [
            {"id": one, "wishes": draw(st.dictionaries(st.sampled_from(names), WEIGHTS))}
            for one in persons
        ],
    }


@st.composite
def extended_documents(draw: st.DrawFn, slots: int, rooms: int, topics: int, people: int) -> Json:
    """The minimal form with a mix of all that a problem can say."""
    document = draw(minimal_documents(slots, rooms, topics, people))
    slot_ids = [one["id"] for one in document["slots"]]
    names = [one["id"] for one in document["sessions"]]
    room_ids = [one["id"] for one in document["rooms"]]
    has_times, second_day = draw(st.booleans()), draw(st.integers(0, slots))
    for number, slot in enumerate(document["slots"]):
        day = 1 + (number >= second_day)
        slot["kind"] = draw(st.sampled_from(("parallel",) * 4 + ("plenary", "break")))
        if has_times:
            slot["start"] = f"2027-02-0{day}T{9 + number:02d}:00"
            end = draw(st.sampled_from((":45", ":50", "+:20")))  # the last goes into the next slot
            hour = 9 + number + end.startswith("+")
            slot["end"] = f"2027-02-0{day}T{hour:02d}{end.removeprefix('+')}"
        else:
            slot["day"] = f"day {day}"
    for room in document["rooms"]:
        room["digital"], room["accessible"] = draw(st.booleans()), draw(st.booleans())
        room["equipment"] = draw(some(["screen"], 1))
        room["unavailable_slots"] = draw(some(slot_ids, 1))
    for number, session in enumerate(document["sessions"]):
        also = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "duration": st.sampled_from((1, 1, 2)),
                    "repeats": st.sampled_from((1, 2)),
                    "must_run": st.sampled_from((False, False, False, True)),
                    "roles": some(["police", "region"], 1),
                    "track": st.sampled_from(("x", "y")),
                    "focus": st.sampled_from(("organisation", "subject")),
                    "prerequisites": some(names[:number], 1),
                    "leader": st.sampled_from(("p0", "p98")),
                    "rooms": st.fixed_dictionaries(
                        {},
                        optional={"forbidden": some(room_ids, 1), "preferred": some(room_ids, 1)},
                    ),
                    "not_before": st.just("2027-02-01T10:00"),
                    "ends_by": st.just("2027-02-02T11:45"),
                    "needs": st.fixed_dictionaries(
                        {}, optional={"digital": st.booleans(), "equipment": some(["screen"], 1)}
                    ),
                    "tables": st.fixed_dictionaries(
                        {"size": st.integers(2, 3)}, optional={"rounds": st.integers(1, 3)}
                    ),
                },
            )
        )
        session.update(also)
        if draw(st.integers(0, 9)) == 0:
            session["pin"] = {"slot": draw(st.sampled_from(slot_ids))}
    for person in document["people"]:
        also = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "must": some(names, 1),
                    "roles": some(["police", "region"], 1),
                    "body": st.sampled_from(("rc1", "rc2", "rc3")),
                    "group": st.sampled_from(("new", "old")),
                    "arrives": st.just("2027-02-01T09:30"),
                    "departs": st.just("2027-02-02T11:00"),
                    "unavailable_slots": some(slot_ids, 1),
                    "form": st.sampled_from(("on_site", "on_site", "digital")),
                    "accessible": st.booleans(),
                },
            )
        )
        person.update(also)
    document["tracks"] = [{"id": "x", "focus": "organisation"}, {"id": "y"}]
    document["roles"] = [{"id": "police", "window": draw(st.integers(1, 2))}, {"id": "region"}]
    document["bodies"] = [{"id": f"rc{n}"} for n in range(1, 4)]
    wishes = draw(st.none() | st.dictionaries(st.sampled_from(names), WEIGHTS))
    if wishes is not None:
        document["bodies"][0]["wishes"] = wishes
    document["walking"] = [
        {"from": "r0", "to": room["id"], "minutes": draw(st.sampled_from((0, 12, 20)))}
        for room in document["rooms"][1:]
    ]
    document["leader_pause"] = draw(st.sampled_from((0, 0, 15, 90)))
    persons = [one["id"] for one in document["people"]]
    document["met"] = [{"people": list(pair)} for pair in combinations(persons, 2)][:2]
    document["published"] = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "session": st.sampled_from(names),
                    "slot": st.sampled_from(slot_ids),
                    "room": st.just("r0"),
                }
            ),
            max_size=2,
        )
    )
    return document


def judge(documents: st.SearchStrategy[Json], folder: Path, rules: settings) -> int:
    """Judge the answers to random documents; return how many there were."""
    answered = 0

    @rules
    @given(document=documents)
    def each(document: Json) -> None:
        nonlocal answered
        code, answer = plan(document, folder)
        assert code in {0, 3, 4}
        if code == 0:
            assert faults(document, answer) == []
            answered += bool(answer["attended_weight"])

    each()
    return answered


MINIMAL = minimal_documents(4, 3, 6, 8)
EXTENDED = extended_documents(4, 3, 6, 8)


def test_an_independent_judge_objects_to_no_answer_to_a_minimal_problem(tmp_path: Path) -> None:
    assert judge(MINIMAL, tmp_path, QUICK) >= 10


def test_an_independent_judge_objects_to_no_answer_to_an_extended_problem(tmp_path: Path) -> None:
    assert judge(EXTENDED, tmp_path, QUICK) >= 5


@pytest.mark.full
def test_an_independent_judge_objects_to_no_answer_to_hundreds_of_problems(tmp_path: Path) -> None:
    assert judge(MINIMAL | EXTENDED, tmp_path, FULL) >= 50


def every_timetable(meeting: Meeting) -> Iterator[tuple[tuple[Run, ...], dict[str, list[Line]]]]:
    """All timetables that hold every rule; for problems with a handful of places."""
    places = list(product(meeting.sessions, meeting.place, meeting.rooms))
    most = sum(one.get("repeats", 1) for one in meeting.sessions.values())
    for number in range(min(len(places), most) + 1):
        for runs in combinations(places, number):
            if not any(structure_faults(meeting, runs)):
                yield from ((runs, agendas) for agendas in every_agenda(meeting, runs))


def every_agenda(meeting: Meeting, runs: Sequence[Run]) -> Iterator[dict[str, list[Line]]]:
    lines: list[Line] = [(slot, session) for session, slot, _ in runs]
    options = {
        name: [
            list(agenda)
            for number in range(len(lines) + 1)
            for agenda in combinations(lines, number)
            if not any(agenda_faults(meeting, runs, name, agenda))
        ]
        for name in meeting.people
    }
    for chosen in product(*options.values()):
        agendas = dict(zip(options, chosen, strict=True))
        if not any(crowding_faults(meeting, runs, agendas)):
            yield agendas


def insist_on_best(document: Json, folder: Path) -> bool:
    """Compare an answer's claims with all timetables; tell whether there is any."""
    code, answer = plan(document, folder)
    meeting = Meeting(document)
    known = [levels(meeting, runs, agendas) for runs, agendas in every_timetable(meeting)]
    assert code != 4
    assert (code == 3) == (not known), "no plan is claimed just where none is"
    if not known:
        return False
    assert faults(document, answer) == []
    found = answer["scores"]
    is_for_all = "every timetable of this problem" in answer["bound_valid_for"]
    rivals = known if is_for_all else [one for one in known if _ties(one[0], found, 2)]
    assert answer["upper_bound"] >= max(attended for _, _, attended in rivals) - 1e-6
    for number, level in enumerate(FIRST_LEVELS):
        rivals = [one for one in known if _ties(one[0], found, number)]
        if _is_proven(answer, level):
            assert found[level] <= min(values[level] for values, _, _ in rivals) + 1e-4, level
    return True


def _ties(values: Mapping[str, float], found: Mapping[str, float], first: int) -> bool:
    return all(values[one] <= found[one] + 1e-6 for one in FIRST_LEVELS[:first])


def _is_proven(answer: Json, level: str) -> bool:
    return any(one["level"] == level and one["proven"] for one in answer["levels"])


TINY = minimal_documents(2, 2, 3, 3) | extended_documents(2, 2, 3, 2)


def compare(folder: Path, rules: settings) -> tuple[int, int]:
    """Compare random tiny problems; return how many had a plan, and how many none."""
    with_plan = without = 0

    @rules
    @given(document=TINY)
    def each(document: Json) -> None:
        nonlocal with_plan, without
        has_plan = insist_on_best(document, folder)
        with_plan, without = with_plan + has_plan, without + (not has_plan)

    each()
    return with_plan, without


def test_bounds_proofs_and_claims_that_nothing_fits_hold_against_all_timetables(
    tmp_path: Path,
) -> None:
    with_plan, without = compare(tmp_path, QUICK)
    assert with_plan >= 10
    assert without >= 1


@pytest.mark.full
def test_claims_about_hundreds_of_tiny_problems_hold_against_all_timetables(tmp_path: Path) -> None:
    assert min(compare(tmp_path, FULL)) >= 10
