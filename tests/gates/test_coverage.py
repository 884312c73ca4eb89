"""docs/coverage.md leaves no requirement out, and names only pages and tests that are there."""

import csv
import re
from pathlib import Path

from fastapi.routing import iter_route_contexts

from api.app import create_app
from api.kit.settings import Settings

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([NMPCS]\d+) \|(.*)\|$", re.MULTILINE)
COUNTS = {"N": 19, "M": 18, "P": 10, "C": 8}  # in the domain notes
NEAR = {*range(1, 15), 16, 20, 21, 24}  # the services that are core or near
KEPT = range(28, 32)  # what stays of what the networks know, and what it gave


def _rows() -> dict[str, list[str]]:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    return {
        found[1]: [cell.strip() for cell in found[2].split("|")] for found in ROW.finditer(text)
    }


def test_every_requirement_is_there_with_a_sentence() -> None:
    rows = _rows()
    wanted = {f"{kind}{n}" for kind, most in COUNTS.items() for n in range(1, most + 1)}
    assert set(rows) == wanted | {f"S{n}" for n in (*NEAR, *KEPT)}
    for key, cells in rows.items():
        assert len(cells[-1]) > 20, key
        assert cells[-3:-1] != ["–", "–"] or cells[-1].startswith("Outside"), key


def test_every_page_is_asked_by_the_policy_table_and_every_test_file_tests() -> None:
    """The table's pages are opened as every role by `tests/api/test_policy_table.py`."""
    with (ROOT / "tests/api/policy_table.csv").open(encoding="utf-8", newline="") as file:
        asked = {row["path"] for row in csv.DictReader(file) if row["method"] == "GET"}
    for key, cells in _rows().items():
        page, test = (cell.strip("`") for cell in cells[-3:-1])
        if page != "–":
            assert page in asked, (key, page)
            assert "def test_" in (ROOT / test).read_text(encoding="utf-8"), (key, test)


def test_every_page_and_test_is_there(tmp_path: Path) -> None:
    app = create_app(Settings(database=f"sqlite:///{tmp_path}/none.db"))
    paths = {
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if "GET" in (route.methods or ())
    }
    for key, cells in _rows().items():
        page, test = (cell.strip("`") for cell in cells[-3:-1])
        if page == "–":
            continue
        assert page in paths, (key, page)
        assert (ROOT / test).is_file(), (key, test)
