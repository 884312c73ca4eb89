from matcher.documents.text import read_json, write_json
from matcher.errors import InfeasibleError, NoSolutionInTimeError
from matcher.programme.files.codec import problem_from_document
from matcher.programme.files.writing import (
    problem_document,
    timetable_document,
    timetable_from_document,
)
from matcher.programme.solve import solve
from matcher.proof import Budget
from tests.matcher.programme.test_programme_random import rich_document


def test_any_problem_that_is_written_is_read_back_equal() -> None:
    for seed in range(300):
        problem = problem_from_document(rich_document(seed))
        text = write_json(problem_document(problem))
        assert problem_from_document(read_json(text)) == problem, seed


def test_a_timetable_is_read_back_equal() -> None:
    read = 0
    for seed in range(12):
        try:
            timetable = solve(problem_from_document(rich_document(seed)), Budget(1, 1, 0)).timetable
        except (InfeasibleError, NoSolutionInTimeError):
            continue
        found = timetable_from_document(timetable_document(timetable))
        assert found == timetable
        read += bool(timetable.tables)
    assert read >= 3
