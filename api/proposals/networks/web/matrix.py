"""A square picture of what lies between each two RC, with the table that says the same in numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.kit.i18n import swedish_order

# Units of the drawing: the side of a cell, and the room for the numbers that stand for names.
CELL, MARGIN = 20, 22
MOST = 24  # RC in a picture that people and phones can read


@dataclass(frozen=True, slots=True)
class Cell:
    """One pair: where it is drawn, how dark (0 to 1), what it says, and whether it is marked."""

    x: int
    y: int
    shade: str
    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One RC: its number in the picture, its name and its cells in the order of the columns."""

    number: int
    name: str
    at: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole picture; `side` is its width and height."""

    title: str
    side: int
    rows: tuple[Row, ...]
    choices: tuple[tuple[int, str], ...] = ()
    """Every RC by its number, where there are too many for one picture; else empty."""
    chosen: int = 0


def matrix(
    title: str,
    names: Sequence[str],
    between: Callable[[int, int], tuple[float, str]],
    is_marked: Callable[[int, int], bool],
    chosen: int = 1,
) -> Matrix:
    """Lay a matrix out. `between` gives a pair's shade, 0 to 1, and its text; a pair of one is empty.

    chosen: the number, from 1, of the RC to show with the darkest others, where there are too many.
    """
    one = min(max(chosen, 1), len(names)) - 1 if names else 0
    shown = list(range(len(names)))
    if len(names) > MOST:
        darkest = sorted((o for o in shown if o != one), key=lambda o: (-between(one, o)[0], o))
        shown = [one, *sorted(darkest[: MOST - 1])]
    rows = []
    for at, row in enumerate(shown):
        cells = []
        for place, column in enumerate(shown):
            shade, text = (0.0, "") if row == column else between(row, column)
            x, y = MARGIN + place * CELL, MARGIN + at * CELL
            marked = row != column and is_marked(row, column)
            cells.append(Cell(x, y, f"{min(1.0, max(0.0, shade)):.2f}", text, marked))
        rows.append(Row(row + 1, names[row], MARGIN + at * CELL + CELL // 2, tuple(cells)))
    side = MARGIN + len(shown) * CELL + 2
    if len(shown) == len(names):
        return Matrix(title, side, tuple(rows))
    choices = sorted(enumerate(names, start=1), key=lambda choice: swedish_order(choice[1]))
    return Matrix(title, side, tuple(rows), tuple(choices), one + 1)
