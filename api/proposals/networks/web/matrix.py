"""A square picture of what lies between each two RC, with the table that says the same in numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# Units of the drawing: the side of a cell, and the room for the numbers that stand for names.
CELL, MARGIN = 20, 22


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


def matrix(
    title: str,
    names: Sequence[str],
    between: Callable[[int, int], tuple[float, str]],
    is_marked: Callable[[int, int], bool],
) -> Matrix:
    """Lay a matrix out. `between` gives a pair's shade, 0 to 1, and its text; a pair of one is empty."""
    rows = []
    for row, name in enumerate(names):
        cells = []
        for column in range(len(names)):
            shade, text = (0.0, "") if row == column else between(row, column)
            x, y = MARGIN + column * CELL, MARGIN + row * CELL
            marked = row != column and is_marked(row, column)
            cells.append(Cell(x, y, f"{min(1.0, max(0.0, shade)):.2f}", text, marked))
        rows.append(Row(row + 1, name, MARGIN + row * CELL + CELL // 2, tuple(cells)))
    return Matrix(title, MARGIN + len(names) * CELL + 2, tuple(rows))
