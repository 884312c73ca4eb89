"""Which tests a run takes: a developer's the quick ones, CI's all, `--full` the long suites too.

`dear.txt` names what a developer's run leaves out, a test on a line. It is written by what the tests have
cost: `CI=true python3 do.py test --weigh`, or of some folders, of whose tests alone it then says anything new.
A test counts with all its cases. It is dear from DEAR_S of processor time and stays so until it costs less
than CHEAP_S, so that a busy machine moves nothing.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

DEAR = Path(__file__).with_name("dear.txt")
DEAR_S, CHEAP_S = 1.5, 0.75


def is_ci() -> bool:
    """Whether nothing may be left out, and nothing be missing."""
    return os.environ.get("CI") == "true"


def dear() -> list[str]:
    """Return the lines of the list."""
    return DEAR.read_text(encoding="utf-8").splitlines()


def stands(line: str) -> bool:
    """Whether the test that a line names is there."""
    file, _, name = line.partition("::")
    path = DEAR.parents[1] / file
    return path.is_file() and f"def {name}(" in path.read_text(encoding="utf-8")


def left_out(items: Iterable[pytest.Item], lines: Iterable[str]) -> list[pytest.Item]:
    """Return the tests that the list names, with all their cases."""
    names = frozenset(lines)
    return [item for item in items if _name(item.nodeid) in names]


def _name(nodeid: str) -> str:
    """Return a test's name without its case, nor what xdist adds of its group."""
    return nodeid.partition("[")[0].partition("@")[0]


def _file(name: str) -> str:
    return name.partition("::")[0]


def weighed(costs: Mapping[str, float], before: Iterable[str]) -> list[str]:
    """Return the list anew where tests have run; the lines of others stay.

    Of a room of which all is dear the cheapest stays out of the list: a developer's run asks something of each.

    costs: processor time in seconds, by the tests' names with their cases.
    """
    known = frozenset(before)
    total: dict[str, float] = {}
    for nodeid, seconds in costs.items():
        name = _name(nodeid)
        total[name] = total.get(name, 0.0) + seconds
    kept = known - total.keys()
    found = {
        name for name, seconds in total.items() if seconds >= (CHEAP_S if name in known else DEAR_S)
    }
    for place in {room(name) for name in found}:
        there = [name for name in total if room(name) == place]
        if found.issuperset(there):
            found.remove(min(there, key=lambda name: total[name]))
    return sorted(kept | found)


def room(name: str) -> str:
    """Return where a test belongs: a gate is a file, a feature a folder."""
    file = _file(name)
    return file if file.startswith("tests/gates/") else str(Path(file).parent)


def unlisted(costs: Mapping[str, float], lines: Iterable[str]) -> list[str]:
    """Return the tests that are dear and do not stand in the list."""
    known = list(lines)
    return sorted(set(weighed(costs, known)) - set(known))
