"""Every finding has its line in the two tables, and every test that a line names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ("security.md", "operations.md")
REVIEWED = {f"S{number}" for number in range(1, 31)} | {f"O{number}" for number in range(1, 31)}
TEST = re.compile(r"`((?:tests/)?[\w/]*test_\w+\.py)`")


def _lines(name: str) -> list[list[str]]:
    """Return the cells of a page's table of findings."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    table = text.partition("## Findings\n")[2]
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
