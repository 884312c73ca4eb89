"""A broad run keeps one of each pair of tests, and whatever looks at the database itself on both (tests/choice.py)."""

import re
from pathlib import Path

import pytest

from tests import choice

ROOT = Path(__file__).resolve().parents[2]
# What only a test says that looks at the database itself: who waits for whom, how many statements, its errors.
ABOUT_DATABASES = re.compile(
    r"threading\.Thread|ThreadPoolExecutor|import .*\bpress\b|before_cursor_execute"
    r"|lock_timeout|OperationalError|IntegrityError|StaleDataError"
)
BOTH = re.compile(r"both_databases|params=\[\"sqlite\", \"postgresql\"\]")
OTHERWISE = {
    "tests/api/library/test_files.py": "its thread is a virus scanner",
    "tests/api/proposals/test_programme_workbench.py": "presses one button after the other",
    "tests/api/proposals/test_workbench.py": "presses one button after the other",
    "tests/cli/test_operations_commands.py": "its commands are on SQLite, its thread is a mail server",
    "tests/cli/test_written_files.py": "files, no database",
    "tests/gates/test_given_back.py": "is about PostgreSQL alone",
    "tests/security/test_doors.py": "is about octets before any database, on SQLite alone",
    "tests/security/test_mail_tls.py": "its threads are mail servers",
    "tests/security/test_one_winner.py": "a world on PostgreSQL; its last seat on both, by a fixture of its own",
}


class _Item:
    """What the choice looks at in a test."""

    def __init__(self, nodeid: str, kind: str, *marks: str) -> None:
        self.nodeid = nodeid
        self.keywords = set(marks)
        self.callspec = type("Spec", (), {"params": {"database_url": kind}})

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.keywords else None


def _left_out(*items: _Item) -> list[str]:
    return [item.nodeid for item in choice.left_out(list(items))]  # type: ignore[arg-type]


def test_a_developers_run_is_on_sqlite_but_for_what_is_about_databases() -> None:
    pairs, about = (
        [_pair(f"tests/x.py::test_{number}") for number in range(9)],
        _pair("a", choice.MARK),
    )
    items = [item for pair in [*pairs, about] for item in pair]
    out = choice.left_out(items, choice.on_sqlite)  # type: ignore[arg-type]
    assert [one.nodeid for one in out] == [postgresql.nodeid for _, postgresql in pairs]


def _pair(name: str, *marks: str) -> list[_Item]:
    return [_Item(f"{name}[{kind}-more]", kind, *marks) for kind in choice.KINDS]


def test_of_each_pair_the_one_that_its_name_draws_is_kept() -> None:
    pairs = [_pair(f"tests/x.py::test_{number}") for number in range(100)]
    out = _left_out(*(item for pair in pairs for item in pair))
    assert len(out) == 100
    on_sqlite = sum("[postgresql" in name for name in out)
    assert 30 < on_sqlite < 70, "every file meets both databases"
    assert out == _left_out(*(item for pair in pairs for item in pair)), (
        "a name draws always the same"
    )


def test_both_are_kept_where_a_test_asks_for_both_or_one_of_them_would_be_skipped() -> None:
    marked, long, alone = _pair("a", choice.MARK), _pair("b", "full"), _pair("c")[:1]
    assert _left_out(*marked, *long, *alone) == []


def test_a_run_of_a_named_file_is_not_broad() -> None:
    assert choice.is_broad(["tests"], ROOT)
    assert choice.is_broad(["tests/api", "tests/gates"], ROOT)
    assert not choice.is_broad(["tests/api", "tests/gates/test_choice.py"], ROOT)
    assert not choice.is_broad(["tests/gates/test_choice.py::test_x"], ROOT)


@pytest.mark.parametrize("folder", ["api", "cli", "faults", "gates", "security"])
def test_what_looks_at_the_database_itself_is_on_both(folder: str) -> None:
    found = {}
    for file in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
        text, name = file.read_text(encoding="utf-8"), str(file.relative_to(ROOT))
        if file != Path(__file__) and ABOUT_DATABASES.search(text):
            found[name] = bool(BOTH.search(text))
    assert (
        sorted(name for name, is_both in found.items() if not is_both and name not in OTHERWISE)
        == []
    )
    excused = {name for name in OTHERWISE if name.startswith(f"tests/{folder}/")}
    assert excused <= {name for name, is_both in found.items() if not is_both}, "needs no excuse"
