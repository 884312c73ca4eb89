"""The picture of a solver's way: it falls and rises as told, ends where the solver did, and its table says the same."""

from hypothesis import given
from hypothesis import strategies as st

from api.jobs.trail import HEIGHT, MOST_ROWS, WIDTH, Step, picture
from api.kit.i18n import Speaker

SAY = Speaker("sv")
VALUES = st.one_of(st.none(), st.floats(-1e6, 1e6))


def _points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(",") for one in text.split())]


def test_the_lines_meet_where_the_answer_is_proven() -> None:
    steps: list[Step] = [[0.1, None, 4.0], [0.5, 10.0, 4.0], [1.0, 8.0, 6.0], [2.0, 8.0, 8.0]]
    found = picture(steps, SAY)
    assert found is not None
    best, bound = _points(found.incumbent), _points(found.lower_bound)
    assert best[-1] == bound[-1]
    assert [y for _, y in best] == sorted(y for _, y in best)
    assert [y for _, y in bound] == sorted((y for _, y in bound), reverse=True)
    assert (found.high, found.low, found.last) == ("10,00", "4,00", "2,0 sekunder")
    assert [row.gap for row in found.rows] == ["–", "60,0 %", "25,0 %", "0,0 %"]


@given(st.lists(st.tuples(st.floats(0, 1e4), VALUES, VALUES), max_size=40))
def test_whatever_is_told_stays_inside_the_picture(told: list[Step]) -> None:
    steps = sorted(told, key=lambda step: step[0] or 0.0)
    found = picture(steps, SAY)
    if found is None:
        return
    for x, y in _points(f"{found.incumbent} {found.lower_bound} {found.between}"):
        assert 0 <= x <= WIDTH
        assert y == y  # noqa: PLR0124 - not a number is never equal to itself
    assert 3 <= len(found.rows) <= MOST_ROWS
    assert found.axis_y < HEIGHT


def test_too_little_to_see_gives_no_picture() -> None:
    assert picture([], SAY) is None
    assert picture([[0.1, 2.0, 2.0]], SAY) is None
    assert picture([[0.1, 2.0, 2.0], [0.2, 2.0, 2.0], [0.3, 2.0, 2.0 - 1e-9]], SAY) is None
    assert picture([[0.1, None, 1.0], [0.2, None, 1.5], [0.3, None, 1.6]], SAY) is None
