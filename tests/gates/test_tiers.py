"""A developer's run leaves out what is dear (tests/tiers.py), and still asks something of every feature and gate."""

import re
from pathlib import Path

from tests import costs, tiers

ROOT = Path(__file__).resolve().parents[2]
TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def _tests() -> dict[str, set[str]]:
    """Every test function by its file."""
    return {
        str(file.relative_to(ROOT)): set(TEST.findall(file.read_text(encoding="utf-8")))
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
    }


def test_every_line_names_something_that_is_there() -> None:
    lines = tiers.dear()
    assert lines
    assert [line for line in lines if not tiers.stands(line)] == []
    assert not tiers.stands("tests/gates/test_tiers.py::test_every_line_that_is_not_there")
    assert not tiers.stands("tests/gates/test_tiers_gone.py::test_x")


def test_every_feature_and_gate_keeps_quick_tests() -> None:
    lines = set(tiers.dear())
    tests = {f"{file}::{name}" for file, names in _tests().items() for name in names}
    rooms = {tiers.room(name) for name in tests}
    assert rooms - {tiers.room(name) for name in tests - lines} == set()


class _Item:
    def __init__(self, nodeid: str) -> None:
        self.nodeid, self.path = nodeid, Path(nodeid.partition("::")[0])


def test_a_line_leaves_out_a_test_with_its_cases() -> None:
    names = [
        "tests/a/test_x.py::test_one[sqlite]",
        "tests/a/test_x.py::test_one_more",
        "tests/b/test_y.py::test_z",
    ]
    items = [_Item(name) for name in names]
    out = tiers.left_out(items, ["tests/a/test_x.py::test_one", "tests/b/test_y.py::test_zz"])  # type: ignore[arg-type]
    assert [item.nodeid for item in out] == names[:1]


def test_the_list_follows_what_tests_cost_and_leaves_the_lines_of_others() -> None:
    spent = {
        "f.py::test_a[1]": 1.2,
        "f.py::test_a[2]": 0.6,
        "f.py::test_b": 1.2,
        "f.py::test_c": 1.2,
        "f.py::test_d": 0.5,
        "e/g.py::test_e": 9.0,
        "e/h.py::test_g": 0.1,
    }
    before = ["f.py::test_c", "f.py::test_d", "h.py::test_f"]
    after = ["e/g.py::test_e", "f.py::test_a", "f.py::test_c", "h.py::test_f"]
    assert tiers.weighed(spent, before) == after
    assert tiers.unlisted(spent, before) == ["e/g.py::test_e", "f.py::test_a"]
    assert tiers.unlisted(spent, after) == []


def test_of_a_room_of_which_all_is_dear_the_cheapest_stays() -> None:
    spent = {f"tests/e2e/test_{name}.py::test": cost for name, cost in (("a", 9.0), ("b", 5.0))}
    spent |= {f"tests/gates/test_{name}.py::test": cost for name, cost in (("c", 9.0), ("d", 5.0))}
    assert tiers.weighed(spent, []) == ["tests/e2e/test_a.py::test"]


def test_what_a_file_sets_up_is_shared_by_its_tests() -> None:
    now = [0.0]
    meter, reports = costs.Meter(lambda: now[0]), []

    def spend(seconds: float) -> None:
        now[0] += seconds

    def end(name: str, seconds: float, after: str = "") -> None:
        """End a test that has been called, and what goes with it."""
        meter.called()
        spend(seconds)
        following = _Item(after) if after else None
        noted = meter.costs(_Item(name), following)  # type: ignore[arg-type]
        told = {"nodeid": name, "user_properties": list(noted.items())}
        reports.append(type("Report", (), told))

    meter.begin()
    with meter.setting_up("session"):
        spend(4.0)
    with meter.setting_up("module"):
        spend(10.0)
    with meter.setting_up("function"):
        spend(1.0)
    meter.called()
    spend(2.0)
    end("f.py::test_a", 0.5, "f.py::test_b")
    meter.begin()
    spend(1.0)
    end("f.py::test_b", 6.0, "g.py::test_c")  # a browser is closed
    meter.begin()
    spend(3.0)
    end("g.py::test_c", 100.0)  # a database server is ended
    assert costs.of_tests(reports) == {
        "f.py::test_a": 3.5 + 8.0,
        "f.py::test_b": 1.0 + 8.0,
        "g.py::test_c": 3.0,
    }
