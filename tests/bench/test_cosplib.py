import random
from dataclasses import replace
from math import inf
from pathlib import Path

import openpyxl
import pytest

from bench.cosplib.evaluate import faults, objective, terms
from bench.cosplib.instance import Schedule
from bench.cosplib.merge import merged
from bench.cosplib.model import Kept, Model, talk_sessions
from bench.cosplib.planted import PLANTED, planted
from bench.cosplib.solve import WAYS, freed, solve
from bench.cosplib.start import starts
from bench.cosplib.workbook import read_instance, read_schedule, write_schedule, zone_minutes
from matcher.cpsat import solve_model
from matcher.proof import Budget

WEIGHTS = (1, 1, 1, 1, 1, 1, 10, 1, 1, 1, 1, 1000, 10, 1000, 1, 1)


def make_workbook(path: Path) -> Path:
    """A small instance with every term switched on, blank rows and a name with a trailing space."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    parameters: list[list[object]] = [
        [None, None, None, None, weight] for weight in (None, *WEIGHTS)
    ]
    for row, value in (
        (1, "GMT+0"),
        (3, "09:30"),
        (4, "21:30"),
        (6, "07:00"),
        (7, "23:00"),
        (8, 1),
        (10, 10),
    ):
        parameters[row][1] = value
    head = [
        "Reference",
        "Track",
        "Required Timeslots",
        "Order",
        "Time Zone",
        "Presenters",
        "Attendees",
    ]
    talks: list[list[object]] = [
        ["a1 ", "A", 1, 1, "GMT+0", "ann", None],
        ["a2", "A", 1, 2, "GMT+0", "bo", "cy"],
        ["a3", "A", 2, 3, "GMT+0", "dee", None],
        ["b1", "B", 1, 0, "GMT-8", "ann", None],
        ["b2", "B", 1, 0, "GMT+0", "eve", "bo"],
    ]
    sheets: dict[str, list[list[object]]] = {
        "parameters": parameters,
        "submissions": [
            [*head, "S1", "S2", "R1", "R2"],
            *([*talk, None, 0, None, 0] for talk in talks),
            [None],
        ],
        "tracks": [["Tracks", "Chairs"], ["A", "zoe"], ["B", "zoe"], [None]],
        "sessions": [
            ["Sessions", "Max", "Date", "Start", "End"],
            ["S1", 2, None, "10:00", "11:00"],
            ["S2", 2, None, "14:00", "15:00"],
        ],
        "rooms": [["Rooms"], ["R1"], ["R2"]],
        "tracks_sessions|penalty": [[None, "S1", "S2"], ["A"], ["B", 3, None]],
        "tracks_rooms|penalty": [[None, "R1", "R2"], ["A"], ["B"]],
        "similar tracks": [[None, "A", "B"], ["A", None, 5], ["B", 7, None]],
        "sessions_rooms|penalty": [[None, "R1", "R2"], ["S1"], ["S2"]],
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(path)
    return path


def test_terms_of_a_schedule_are_counted_as_the_library_does(tmp_path: Path) -> None:
    instance = read_instance(make_workbook(tmp_path / "small.xlsx"))
    schedule = Schedule(((0, 1), (0, -1)), (((0, 1), (3, 4)), ((2, 2), (-1, -1))))
    assert faults(instance, schedule) == []
    counts = {name: count for name, count in terms(instance, schedule).items() if count}
    assert counts == {
        "tracks_sessions": 3,
        "similar_tracks": 5,
        "timezones": 10,
        "presenters": 1,
        "attendees": 1,
        "chairs": 1,
        "presenters_timeslot": 1,
        "attendees_timeslot": 1,
    }
    assert objective(instance, schedule) == 3 + 5 + 10 + 1000 + 10 + 1000 + 1 + 1


def test_split_talk_and_foreign_cell_are_faults(tmp_path: Path) -> None:
    instance = read_instance(make_workbook(tmp_path / "small.xlsx"))
    split = Schedule(((0, 1), (0, 0)), (((0, 2), (3, 4)), ((2, 1), (-1, -1))))
    assert faults(instance, split) == ["a3 is not placed once and whole"]


def test_solver_finds_the_best_schedule_and_its_file_reads_back(tmp_path: Path) -> None:
    instance = read_instance(make_workbook(tmp_path / "small.xlsx"))
    search = solve(instance, Budget(6.0, 1, 0), lambda _: None)
    assert search.best is not None
    # A in both rooms of S1 keeps its chair out of B: one room more, one parallel, two ordered pairs
    # in the same time slots; B in S2 is at six in the morning for its presenter: 10.
    assert faults(instance, search.best) == []
    assert search.value == objective(instance, search.best) == 1 + 1 + 2 + 10
    out = tmp_path / "solution.xlsx"
    write_schedule(out, instance, search.best)
    assert read_schedule(out, instance) == search.best
    assert objective(instance, read_schedule(out, instance)) == search.value


@pytest.mark.parametrize(
    ("zone", "minutes"), [("GMT+2", 120), ("GMT-3:30", -210), ("GMT+0", 0), (None, 0)]
)
def test_zone_is_minutes_east_of_greenwich(zone: str | None, minutes: int) -> None:
    assert zone_minutes(zone) == minutes


@pytest.mark.parametrize("name", [name for name in PLANTED if name != "large"])
def test_a_planted_schedule_is_valid_and_costs_nothing(name: str) -> None:
    instance, schedule = planted(name)
    assert faults(instance, schedule) == []
    assert objective(instance, schedule) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_model_of_a_schedule_costs_what_the_library_says(seed: int) -> None:
    """All terms, but that a pair in one session counts as at once; rooms said one by one and many together."""
    instance, _ = planted("tiny", seed)
    start = next(starts(instance, seed))
    model = Model(instance, several_rooms=False)
    where = talk_sessions(start)
    for (track, session, room), cell in model.cell.items():
        model.cp.add(cell == (start.track[session][room] == track))
    for (talk, session), literal in model.talk.items():
        model.cp.add(literal == (where[talk] == session))
    answer = solve_model(model.cp, Budget(600.0, 1, 0))
    assert model.schedule(answer).track == start.track
    found = model.schedule(answer)
    counts, weights = terms(instance, found), instance.weights
    apart = weights.presenters_timeslot * (counts["presenters"] - counts["presenters_timeslot"])
    apart += weights.attendees_timeslot * (counts["attendees"] - counts["attendees_timeslot"])
    assert answer.proof.objective == objective(instance, found) + apart > 0


def test_what_is_kept_stays_and_the_rest_gets_no_worse() -> None:
    instance, _ = planted("tiny")
    start = next(starts(instance))
    kept = Kept(start, frozenset({0, 1, 2}), frozenset({1, 2, 3}))
    model = Model(instance, several_rooms=True, kept=kept)
    model.hint(start)
    found = model.schedule(solve_model(model.cp, Budget(600.0, 1, 0), work=0.3))
    assert faults(instance, found) == []
    assert objective(instance, found) < objective(instance, start)
    for session, rooms in enumerate(found.track):
        for room, track in enumerate(rooms):
            before = start.track[session][room]
            free = kept.free_tracks | {-1}
            if session not in kept.free_sessions or before not in free or track not in free:
                assert track == before


@pytest.mark.parametrize("way", WAYS)
def test_a_neighbourhood_of_each_way_moves_only_what_it_frees(way: str) -> None:
    instance, _ = planted("tiny")
    start = next(starts(instance))
    for seed in range(2):
        kept = freed(instance, start, way, 4.0, random.Random(seed))
        model = Model(instance, several_rooms=True, kept=kept, most=kept.most(instance))
        model.hint(start)
        found = model.schedule(solve_model(model.cp, Budget(600.0, 1, 0), work=0.05))
        assert faults(instance, found) == []
        assert objective(instance, found) <= objective(instance, start)
        rooms = range(len(instance.rooms)) if kept.free_rooms is None else kept.free_rooms
        for session, row in enumerate(found.track):
            for room, track in enumerate(row):
                before = start.track[session][room]
                if track != before:
                    # A cell that has lost its last talk is empty.
                    assert before in kept.free_tracks | {-1}
                    assert track in kept.free_tracks | {-1}
                    assert track < 0 or (session in kept.free_sessions and room in rooms)
                    assert kept.part != "talks" or track < 0
        was, now = talk_sessions(start), talk_sessions(found)
        moved = {talk for talk in was if was[talk] != now[talk]}
        assert {instance.submissions[talk].track for talk in moved} <= kept.free_tracks
        assert {session for talk in moved for session in (was[talk], now[talk])} <= (
            kept.free_sessions
        )
        assert kept.part != "rooms" or not moved


def test_a_cell_that_costs_more_than_what_is_freed_is_in_no_better_schedule() -> None:
    """Left out of the model or not, the optimum is the same."""
    instance, _ = planted("tiny", 2)
    instance = replace(instance, weights=replace(instance.weights, tracks_rooms=1000))
    start = next(starts(instance))
    kept = Kept(start, frozenset({0, 1}), frozenset({0, 1}), frozenset({0, 1, 2}))
    best = []
    for most in (kept.most(instance), inf):
        model = Model(instance, several_rooms=True, kept=kept, most=most)
        answer = solve_model(model.cp, Budget(600.0, 1, 0), work=20.0)
        assert answer.proof.status == "optimal"
        best.append((answer.proof.objective, len(model.cell)))
    assert best[0][0] == best[1][0]
    assert best[0][1] < best[1][1]


def test_two_changes_are_merged_unless_they_touch_the_same() -> None:
    instance, base = planted("tiny")
    rows = [list(row) for row in base.track]
    held = [list(rooms) for rooms in base.talks]

    def moved(session: int, room: int, to: int) -> Schedule:
        """Move a cell's track and talks to an empty room of its session."""
        track, talks = [list(row) for row in rows], [list(rooms) for rooms in held]
        track[session][room], track[session][to] = track[session][to], track[session][room]
        talks[session][room], talks[session][to] = talks[session][to], talks[session][room]
        return Schedule(tuple(map(tuple, track)), tuple(map(tuple, talks)))

    empty = [(s, r) for s, row in enumerate(rows) for r, track in enumerate(row) if track < 0]
    session, to = next(one for one in empty if sum(track >= 0 for track in rows[one[0]]) > 1)
    first, second = [room for room, track in enumerate(rows[session]) if track >= 0][:2]
    mine = moved(session, first, to)
    other, away = next(one for one in empty if one[0] != session)
    there = next(
        room
        for room, track in enumerate(rows[other])
        if track >= 0 and track != rows[session][first]
    )
    both = merged(instance, base, mine, moved(other, there, away))
    assert both is not None
    assert faults(instance, both) == []
    assert both.track[session] == mine.track[session]
    assert both.track[other] == moved(other, there, away).track[other]
    assert merged(instance, base, mine, moved(session, second, to)) is None
    assert merged(instance, base, mine, mine) is None
