"""Every finding and every point of the promise has its line, and what a line names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ("security.md", "operations.md")
REVIEWED = {f"S{number}" for number in range(1, 31)} | {f"O{number}" for number in range(1, 31)}
POINTS = {str(number) for number in range(1, 11)}
FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+)`")
TEST = re.compile(r"`((?:tests/)?[\w/]*test_\w+\.py)`")


def _lines(name: str, heading: str = "Findings") -> list[list[str]]:
    """Return the cells of a page's table under a heading."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    table = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1:]]


def test_every_finding_of_the_reviews_has_a_line() -> None:
    told = {one for name in DOCS for line in _lines(name) for one in re.findall(r"\w+", line[0])}
    assert told == REVIEWED


@pytest.mark.parametrize("name", DOCS)
def test_every_line_says_kind_mend_and_test(name: str) -> None:
    for line in _lines(name):
        assert len(line) == 5, line[1]
        assert all(line), line[1]
        assert (
            TEST.search(line[4])
            or "the same file" in line[4]
            or "bench" in line[4]
            or ("the same" in line[4])
        ), line[1]


@pytest.mark.parametrize("name", DOCS)
def test_every_test_that_is_named_is_there(name: str) -> None:
    known = {file.name for file in (ROOT / "tests").rglob("test_*.py")}
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    named = set(TEST.findall(text))
    assert named
    for one in named:
        assert (ROOT / one).is_file() if one.startswith("tests/") else one in known, one


def test_every_point_is_told_with_where_it_is_built_and_what_would_fail() -> None:
    lines = [line for name in DOCS for line in _lines(name, "Point by point")]
    assert {line[0] for line in lines} == POINTS
    for line in lines:
        assert len(line) == 4, line[1]
        assert TEST.search(line[3]), line[1]
        for one in FILE.findall(line[2]):
            assert (ROOT / one).exists(), one
