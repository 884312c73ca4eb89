"""docs/coverage.md leaves no requirement out, quotes each, and names only pages and tests that are there."""

import csv
import hashlib
import json
import re
import sys
from pathlib import Path

from fastapi.routing import iter_route_contexts

from api.app import create_app
from api.kit.settings import Settings

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([NMPCS]\d+) \|(.*)\|$", re.MULTILINE)
COUNTS = {"N": 19, "M": 18, "P": 10, "C": 8}  # in the domain notes
NEAR = {*range(1, 15), 16, 20, 21, 24}  # the services that are core or near
# Of the notes' tables: requirement and lines (section 2), service and its job, lines, centrality (section 4; an
# outer one without its centrality), as JSON of sorted lists of words. A quote that changes no longer says what
# was asked for: `python -m tests.gates.test_coverage NOTES` compares with the notes word by word.
QUOTED = "49d0c9c5b4277edd250b34d677d96138f707b3abfb5f2a7c27a8dd252afb833c"
KEPT = range(28, 32)  # what stays of what the networks know, and what it gave


def _rows() -> dict[str, list[str]]:
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    return {
        found[1]: [cell.strip() for cell in found[2].split("|")] for found in ROW.finditer(text)
    }


def _quoted() -> list[list[str]]:
    """Return what the page quotes of the notes: the number and the cells that are theirs."""
    kept = {f"S{n}" for n in KEPT}
    found = [
        [key, *cells[: 3 if key.startswith("S") else 2]]
        for key, cells in _rows().items()
        if key not in kept
    ]
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    outer = re.findall(r"^- (S\d+) (.*) \(([\d, -]+)\): .*$", text, re.MULTILINE)
    return sorted([*found, *map(list, outer)])


def _noted(notes: str) -> list[list[str]]:
    """Return the same from the notes themselves."""
    wanted = re.findall(r"^\| ([NMPC]\d+)°? \| (.*) \| ([\d, -]+) \|$", notes, re.MULTILINE)
    services = notes[notes.index("## 4.") : notes.index("## 5.")]
    row = re.compile(r"^\| (\d+) \| (.*) \| (.*) \| ([\d, -]+) \| (.*) \|$", re.MULTILINE)
    found = [list(one) for one in wanted]
    for number, service, job, lines, centrality in row.findall(services):
        is_outer = int(number) not in NEAR
        cells = [f"S{number}", f"{service}: {job}", lines]
        found.append(cells if is_outer else [*cells, centrality])
    return sorted(found)


def test_every_requirement_is_quoted_as_the_notes_say_it() -> None:
    quoted = json.dumps(_quoted(), ensure_ascii=False)
    assert hashlib.sha256(quoted.encode()).hexdigest() == QUOTED, quoted


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


if __name__ == "__main__":
    noted, quoted = _noted(Path(sys.argv[1]).read_text(encoding="utf-8")), _quoted()
    unlike = [f"not in the notes: {one}" for one in quoted if one not in noted]
    unlike += [f"not quoted: {one}" for one in noted if one not in quoted]
    sys.exit("\n".join(unlike) or 0)
